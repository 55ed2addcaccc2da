"""Draw the counter card, a 4 x 6 inch PDF that the clinic prints. It shows the QR code of the review link."""

from datetime import UTC, datetime

from fpdf import FPDF
from fpdf.enums import Align, XPos, YPos
from fpdf.pattern import LinearGradient

from pages.landscape import INK, PAPER, SERIF, SKY, Point, draw_hills
from pages.qr import dark_bars, qr_modules

WIDTH, HEIGHT = 101.6, 152.4  # mm
CODE = 60.0  # mm, including the quiet zone. A phone can scan a code from up to ten times its width, here 60 cm
CODE_TOP = 37.0
HILLS_HEIGHT = 31.0

WORDS_BELOW = (
    "We ask everyone in the same way.\nWrite what you think, good or bad. There is no reward.",
    "A review on Google is public: it tells others that you were\nhere. Leave out whatever you want to keep private.",
)


def counter_card_pdf(url: str, clinic_name: str, address: str, phone: str = "") -> bytes:
    pdf = FPDF(unit="mm", format=(WIDTH, HEIGHT))
    pdf.set_creation_date(datetime(2026, 11, 22, tzinfo=UTC))  # fixed, so that the same card has the same bytes
    pdf.set_lang("en-US")
    pdf.set_title(f"Review {clinic_name} on Google")
    pdf.set_author(clinic_name)
    pdf.set_auto_page_break(False)
    pdf.set_margin(9)
    pdf.add_font("Gelasio", "B", SERIF)
    pdf.add_page()
    _draw_dawn(pdf)
    _write(pdf, 7.5, "Gelasio", "B", 21, 8.2, "Would you tell others\nhow it was for you?")
    _write(pdf, 25.8, "Helvetica", "", 10.5, 4.8, "Point a phone's camera at the code\nto write a review on Google.")
    _draw_code(pdf, url)
    for top, words in zip((100, 110.5), WORDS_BELOW, strict=True):
        _write(pdf, top, "Helvetica", "", 8.5, 4, words)
    pdf.set_text_color(PAPER)
    _write_contact(pdf, clinic_name, address, phone)
    return bytes(pdf.output())


def _write(pdf: FPDF, top: float, font: str, style: str, points: float, line: float, words: str) -> None:
    pdf.set_y(top)
    pdf.set_font(font, style, points)
    pdf.multi_cell(0, line, words, align=Align.C, new_x=XPos.LMARGIN, new_y=YPos.NEXT)


def _write_contact(pdf: FPDF, clinic_name: str, address: str, phone: str) -> None:
    """Write name, address and phone upward from the bottom, because a long address takes two lines."""
    words = f"{address}\n{phone}".strip().encode("latin-1", "replace").decode("latin-1")
    pdf.set_font("Helvetica", "", 8)
    lines = pdf.multi_cell(0, 3, words, align=Align.C, dry_run=True, output="LINES")
    top = HEIGHT - 2 - 3 * len(lines)
    _write(pdf, top - 4.8, "Gelasio", "B", 12, 4.6, clinic_name)
    _write(pdf, top, "Helvetica", "", 8, 3, words)


def _draw_dawn(pdf: FPDF) -> None:
    with pdf.use_pattern(LinearGradient(0, 0, 0, HEIGHT - HILLS_HEIGHT, list(SKY), extend_after=True)):
        pdf.rect(0, 0, WIDTH, HEIGHT, style="F")

    def circle(center: Point, radius: float, color: str) -> None:
        pdf.set_fill_color(color)
        pdf.circle(*center, radius, style="F")

    def polygon(points: list[Point], color: str) -> None:
        pdf.set_fill_color(color)
        pdf.polygon(points, style="F")

    draw_hills(WIDTH, HEIGHT, HILLS_HEIGHT, circle, polygon)
    pdf.set_text_color(INK)


def _draw_code(pdf: FPDF, url: str) -> None:
    left = (WIDTH - CODE) / 2
    module = CODE / len(qr_modules(url))
    pdf.set_fill_color(255)
    pdf.rect(left, CODE_TOP, CODE, CODE, style="F", round_corners=True, corner_radius=2)
    pdf.set_fill_color(0)
    for x, y, length in dark_bars(url):
        pdf.rect(left + x * module, CODE_TOP + y * module, length * module, module, style="F")
    pdf.link(left, CODE_TOP, CODE, CODE, url)
