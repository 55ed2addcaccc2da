"""Tests of the review page, its QR code and its counter card, which exist only if a review link is set."""

import re
from io import BytesIO

import pypdfium2
import pytest
from django.urls import reverse
from PIL import Image

from clinic import snapshot
from clinic.facts import REVIEW_LINK_LENGTH, review_url
from clinic.models import Edition
from pages.counter_card import counter_card_pdf
from pages.qr import QUIET_ZONE, qr_modules, review_qr_png, review_qr_svg
from tests.helpers.qr_reader import photograph, read_qr
from tests.helpers.staff_members import make_member, sign_in

LINKS = [
    "https://g.page/r/example/review",
    "https://search.google.com/local/writereview?placeid=ChIJexampleexampleexample00",
    "https://www.google.com/maps/place/example/" + "a" * (REVIEW_LINK_LENGTH - 42),
]
NAMES = ["review", "review_svg", "review_png", "review_card"]


@pytest.fixture
def card():
    def draw(url: str) -> pypdfium2.PdfPage:
        return pypdfium2.PdfDocument(counter_card_pdf(url, "The Albany Clinic", "Carbondale, Illinois"))[0]

    return draw


def on_paper(page: pypdfium2.PdfPage, dots_per_inch: int = 300) -> Image.Image:
    return page.render(scale=dots_per_inch / 72).to_pil()


@pytest.mark.parametrize("url", LINKS)
@pytest.mark.parametrize("module_pixels", [3, 12])
def test_the_png_qr_code_decodes_to_the_link_small_and_large(url, module_pixels):
    assert read_qr(review_qr_png(url, module_pixels)) == [url]


@pytest.mark.parametrize("url", LINKS)
def test_the_qr_code_on_the_printed_card_decodes_to_the_link(card, url):
    assert read_qr(on_paper(card(url))) == [url]


@pytest.mark.parametrize("url", LINKS)
def test_the_cards_qr_code_scans_in_a_poor_photo(card, url):
    assert read_qr(photograph(on_paper(card(url), dots_per_inch=150))) == [url]  # fewer dots make it harder


def test_the_png_qr_code_scans_in_a_poor_photo():
    assert read_qr(photograph(Image.open(BytesIO(review_qr_png(LINKS[1]))))) == [LINKS[1]]


def test_a_qr_code_with_a_tenth_missing_still_scans():
    picture = Image.open(BytesIO(review_qr_png(LINKS[1]))).convert("L")
    stain = picture.width // 3
    picture.paste(255, (picture.width // 2 - stain // 2, picture.height // 2 - stain // 2, stain * 2, stain * 2))
    assert read_qr(picture) == [LINKS[1]]


def test_the_longest_link_tested_is_the_longest_the_site_accepts():
    assert review_url(LINKS[-1]) == LINKS[-1]
    with pytest.raises(ValueError, match="150 characters or fewer"):
        review_url(LINKS[-1] + "a")


def test_a_quiet_zone_of_four_modules_surrounds_the_code():
    rows = qr_modules(LINKS[0])
    edge = [*rows[:QUIET_ZONE], *rows[-QUIET_ZONE:]]
    edge += [row[:QUIET_ZONE] for row in rows] + [row[-QUIET_ZONE:] for row in rows]
    assert QUIET_ZONE == 4
    assert not any(dark for row in edge for dark in row)
    assert any(rows[QUIET_ZONE])


def test_the_svg_code_is_small_and_has_a_white_background():
    svg = review_qr_svg(LINKS[1]).decode()
    assert len(svg) < 4000
    size = len(qr_modules(LINKS[1]))
    assert f'viewBox="0 0 {size} {size}"' in svg
    assert f'<path fill="#fff" d="M0 0h{size}v{size}H0z"/>' in svg


def test_the_card_is_four_by_six_inches_with_selectable_text(card):
    page = card(LINKS[0])
    words = " ".join(page.get_textpage().get_text_range().split())
    assert page.get_size() == (4 * 72, 6 * 72)
    assert "We ask everyone in the same way" in words
    assert "no reward" in words
    assert "it tells others that you were here" in words
    assert "The Albany Clinic Carbondale, Illinois" in words


def test_the_card_embeds_no_image_and_one_font_the_sites_serif(card):
    page = card(LINKS[0])
    kinds = {item.type for item in page.get_objects()}
    assert pypdfium2.raw.FPDF_PAGEOBJ_IMAGE not in kinds
    pdf = counter_card_pdf(LINKS[0], "The Albany Clinic", "Carbondale, Illinois")
    assert pdf.count(b"/FontFile") == 1
    assert b"Gelasio" in pdf
    assert len(pdf) < 20_000
    assert pdf == counter_card_pdf(LINKS[0], "The Albany Clinic", "Carbondale, Illinois")


def test_the_code_on_the_card_is_a_link_on_screen():
    assert f"/URI ({LINKS[0]})".encode() in counter_card_pdf(LINKS[0], "The Albany Clinic", "Carbondale, Illinois")


def test_the_code_on_the_card_is_60_millimeters_wide(card):
    row = on_paper(card(LINKS[0])).convert("RGB").crop((0, 520, 1200, 521)).get_flattened_data()
    white = [x for x, color in enumerate(row) if color == (255, 255, 255)]
    assert (white[-1] - white[0] + 1) / 300 * 25.4 == pytest.approx(60, abs=0.3)


# --- The page


def test_with_a_review_link_the_page_files_and_footer_link_exist(client, db):
    types = {name: client.get(reverse(f"pages:{name}")).headers["Content-Type"] for name in NAMES}
    assert types == {
        "review": "text/html; charset=utf-8",
        "review_svg": "image/svg+xml",
        "review_png": "image/png",
        "review_card": "application/pdf",
    }
    assert f'href="{reverse("pages:review")}"' in client.get("/").content.decode()
    assert "/review/" in client.get("/sitemap.xml").content.decode()


def test_what_to_print_is_at_the_desk_and_not_on_the_page_for_patients(client, db):
    files = [reverse(f"pages:{name}") for name in ("review_card", "review_png", "review_svg")]
    manager = sign_in(make_member("mora", "Manager"))
    desk_page = reverse("admin:clinic_google_profile")
    assert not any(file in manager.get(desk_page).content.decode() for file in files)
    Edition.publish({"review_url": snapshot.current().review_url}, "", after=0)
    assert all(f'href="{file}"' in manager.get(desk_page).content.decode() for file in files)
    assert not any(f'href="{file}"' in client.get(reverse("pages:review")).content.decode() for file in files)


def test_without_a_review_link_nothing_mentions_reviews(client, db, set_facts):
    set_facts(review_url="")
    assert {client.get(reverse(f"pages:{name}")).status_code for name in NAMES} == {404}
    assert "/review/" not in client.get("/").content.decode()
    assert "/review/" not in client.get("/sitemap.xml").content.decode()


def test_the_review_page_and_its_code_link_straight_to_google(client, db):
    html = client.get(reverse("pages:review")).content.decode()
    assert f'href="{snapshot.current().review_url}"' in html
    assert read_qr(client.get(reverse("pages:review_png")).content) == [snapshot.current().review_url]


def test_the_review_page_asks_everyone_alike_and_warns_about_privacy(client, db):
    words = re.sub(r"<[^>]+>|\s+", " ", client.get(reverse("pages:review")).content.decode())
    for promise in ("We ask everyone in the same way", "We give nothing for a review", "anyone who reads it will know"):
        assert promise in words
    # No star ratings and no review gating: happy and unhappy patients get the same link.
    assert not re.search(r"\bstars?\b|five-star|\bhappy\b|satisfied|discount|gift", words, re.IGNORECASE)
