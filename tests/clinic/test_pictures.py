"""Tests of the pictures: what becomes of a photograph, which files are refused, and which pictures are kept."""

import random
import resource
import zlib
from contextlib import suppress
from datetime import timedelta
from io import BytesIO

import pytest
from django.core.management import call_command
from django.utils import timezone
from PIL import Image

from clinic.facts import FactErrors, cleaned, differences
from clinic.models import Edition, Picture
from clinic.picture_files import LARGEST_WEBP, FileError, renditions_of, store
from clinic.pictures import remove_unused
from clinic.snapshot import Clinic
from tests.helpers.photographs import HEIC, halves, phone_photograph, photograph

ANN = {"name": "Example Ann", "title": "MD", "responsible": True}


def stored(kind: str = "door", data: bytes | None = None) -> Picture:
    return store(BytesIO(data or photograph()), kind)


def large(data: bytes, kind: str = "door") -> Image.Image:
    return Image.open(BytesIO(renditions_of(data, kind)["jpeg_960"])).convert("RGB")


def near(pixel: tuple[int, ...], color: tuple[int, int, int]) -> bool:
    return all(abs(one - other) < 30 for one, other in zip(pixel, color, strict=True))


# --- Renditions


@pytest.mark.parametrize(
    ("kind", "small", "full"),
    [("door", (480, 320), (960, 640)), ("room", (480, 360), (960, 720)), ("person", (480, 600), (960, 1200))],
)
def test_each_kind_of_picture_has_its_sizes_and_types(kind, small, full):
    made = {field: Image.open(BytesIO(data)) for field, data in renditions_of(photograph(), kind).items()}
    assert {field: (image.format, image.size) for field, image in made.items()} == {
        "webp_480": ("WEBP", small),
        "webp_960": ("WEBP", full),
        "jpeg_960": ("JPEG", full),
    }


def test_even_noise_becomes_a_webp_of_at_most_60_kilobytes():
    noise = Image.frombytes("RGB", (1000, 1250), random.Random(1).randbytes(1000 * 1250 * 3))
    made = renditions_of(photograph(noise, "PNG"), "person")
    assert max(len(made["webp_480"]), len(made["webp_960"])) <= LARGEST_WEBP == 60_000
    assert len(made["jpeg_960"]) <= 150_000


def test_no_rendition_contains_any_metadata_of_the_photograph():
    data = phone_photograph(200_000)
    assert b"Example Phone" in data
    for rendition in renditions_of(data, "door").values():
        image = Image.open(BytesIO(rendition))
        assert not image.getexif()
        assert {"exif", "icc_profile", "comment", "xmp"} & set(image.info) == set()
        for word in (b"Example", b"Exif", b"ICC", b"http:"):
            assert word not in rendition


@pytest.mark.parametrize(
    ("orientation", "corner"), [(1, "red"), (2, "blue"), (3, "blue"), (6, "red"), (8, "blue"), (5, "red"), (7, "blue")]
)
def test_a_photograph_is_turned_as_its_orientation_says(orientation, corner):
    exif = Image.Exif()
    exif[0x0112] = orientation
    picture = large(photograph(exif=exif))
    expected = {"red": (255, 0, 0), "blue": (0, 0, 255)}[corner]
    assert near(picture.getpixel((2, 2)), expected)
    across = picture.getpixel((picture.width - 3, 2))
    assert near(across, expected) == (orientation > 4)


def test_a_photograph_is_cropped_from_the_middle():
    image = Image.new("RGB", (3000, 1000), "red")
    image.paste("blue", (1000, 0, 2000, 1000))
    picture = large(photograph(image), "room")
    assert near(picture.getpixel((480, 360)), (0, 0, 255))
    assert near(picture.getpixel((2, 360)), (255, 0, 0))
    assert near(picture.getpixel((957, 360)), (255, 0, 0))


@pytest.mark.parametrize(
    ("image", "kind"),
    [
        (halves(mode="CMYK", left=(0, 255, 255, 0), right=(255, 255, 0, 0)), "JPEG"),
        (halves(mode="RGBA", left=(255, 0, 0, 255), right=(0, 0, 255, 255)), "PNG"),
        (halves(mode="RGBA", left=(255, 0, 0, 255), right=(0, 0, 255, 255)), "WEBP"),
        (halves().quantize(4), "PNG"),
    ],
    ids=["CMYK", "PNG with alpha", "WebP with alpha", "palette"],
)
def test_pictures_in_other_color_modes_keep_their_colors(image, kind):
    picture = large(photograph(image, kind))
    assert near(picture.getpixel((10, 10)), (255, 0, 0))
    assert near(picture.getpixel((950, 10)), (0, 0, 255))


@pytest.mark.parametrize(("mode", "gray"), [("I;16", 32768), ("L", 128)], ids=["16 bits", "8 bits"])
def test_a_gray_picture_keeps_its_gray(mode, gray):
    assert near(large(photograph(Image.new(mode, (1000, 800), gray), "PNG")).getpixel((10, 10)), (128, 128, 128))


def test_what_is_transparent_becomes_white():
    clear = Image.new("RGBA", (1000, 800), (255, 0, 0, 0))
    assert near(large(photograph(clear, "PNG")).getpixel((10, 10)), (255, 255, 255))


def test_the_first_picture_of_a_jpeg_with_several_is_used():
    data = photograph(halves(), "MPO", save_all=True, append_images=[Image.new("RGB", (1500, 1200), "lime")])
    assert near(large(data).getpixel((10, 10)), (255, 0, 0))


def test_a_photograph_with_unreadable_exif_data_or_profile_still_works():
    data = photograph(exif=b"Exif\x00\x00 nonsense", icc_profile=b"nonsense")
    assert near(large(data).getpixel((10, 10)), (255, 0, 0))


# --- Files that can't be used


def huge_png(width: int, height: int) -> bytes:
    """Return a tiny PNG that says it is huge."""
    header = width.to_bytes(4, "big") + height.to_bytes(4, "big") + b"\x08\x02\x00\x00\x00"
    data = photograph(Image.new("RGB", (1, 1)), "PNG")
    chunk = b"IHDR" + header
    return data[:12] + chunk + zlib.crc32(chunk).to_bytes(4, "big") + data[33:]


def moving(kind: str) -> bytes:
    return photograph(halves(), kind, save_all=True, append_images=[halves(left="lime")])


@pytest.mark.parametrize(
    ("data", "sentence"),
    [
        (b"", "This file is empty"),
        (HEIC, "Your phone saved this as HEIC. Please send it as JPEG."),
        (b"%PDF-1.7 renamed", "isn't a JPEG, PNG or WebP"),
        (b'<svg xmlns="http://www.w3.org/2000/svg"/>', "isn't a JPEG, PNG or WebP"),
        (photograph(Image.new("RGB", (900, 900)), "GIF"), "isn't a JPEG, PNG or WebP"),
        (photograph(kind="TIFF"), "isn't a JPEG, PNG or WebP"),
        (photograph()[:-2000], "damaged or incomplete"),
        (photograph(kind="PNG")[:-400], "damaged or incomplete"),
        (photograph(kind="WEBP")[:-200], "damaged or incomplete"),
        (moving("PNG"), "This picture moves"),
        (moving("WEBP"), "This picture moves"),
        (huge_png(20_000, 10_000), "million pixels"),
        (huge_png(7_000, 7_000), "more than 30 million pixels"),
        (photograph(Image.new("L", (14_200, 14_200))), "more than 64 million pixels"),
        (photograph(Image.new("L", (40_000, 1_000))), "more than 30 million pixels"),
        (photograph(Image.new("L", (7_000, 5_000)), progressive=True), "more than 30 million pixels"),
        (photograph(halves((470, 2000))), "too small. It needs to be at least 480 pixels wide and 320 high"),
        (bytes(12 * 1024 * 1024 + 1), "larger than 12 MB"),
    ],
    ids=range(18),
)
def test_a_file_that_cannot_be_used_is_refused_with_a_sentence(data, sentence):
    with pytest.raises(FileError, match=sentence):
        store(BytesIO(data), "door")


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP"])
def test_damage_anywhere_in_a_file_raises_no_other_error(kind):
    dice = random.Random(7)
    whole = photograph(halves((600, 480)), kind)
    for _ in range(60):
        data = bytearray(whole)
        for _ in range(dice.randint(1, 20)):
            data[dice.randrange(len(data))] = dice.randrange(256)
        with suppress(FileError):
            renditions_of(bytes(data[: dice.randint(1, len(data))]), "door")


# --- Rows


@pytest.mark.django_db
def test_the_same_photograph_is_stored_once():
    data = photograph()
    assert stored(data=data).key == stored(data=data).key
    assert Picture.objects.count() == 1
    assert stored("room", data).key != stored("door", data).key


@pytest.mark.django_db
def test_a_picture_can_neither_be_changed_nor_deleted():
    picture = Picture.objects.get(key=stored().key)
    for change in (picture.save, picture.delete, Picture.objects.all().delete):
        with pytest.raises(TypeError):
            change()


@pytest.mark.django_db
def test_only_old_pictures_that_no_edition_names_are_removed():
    colors = ["red", "lime", "blue", "black"]
    keys = [stored(data=photograph(halves(left=color, right="gray"))).key for color in colors]
    Edition.publish({"door_picture": {"picture": keys[0], "alt": "Example"}}, "", after=0)
    Edition.publish({"people_pictures": {"Example Ann": {"picture": keys[1], "alt": "Example"}}}, "", after=1)
    Picture._base_manager.exclude(key=keys[3]).update(made_at=timezone.now() - timedelta(days=1, minutes=1))
    call_command("erase_old_requests", "--dry-run", verbosity=0)
    assert Picture.objects.count() == 4
    call_command("erase_old_requests", verbosity=0)
    assert set(Picture.objects.values_list("key", flat=True)) == {keys[0], keys[1], keys[3]}
    assert remove_unused() == 0


# --- Facts


@pytest.mark.django_db
def test_a_picture_needs_an_alt_text_and_a_stored_row_of_its_kind():
    key = stored("door").key
    for fact, complaint in (
        ({"picture": key, "alt": " "}, "Say in a few words"),
        ({"picture": key, "alt": "x" * 201}, "200 characters or fewer; this has 201"),
        ({"picture": "0" * 32, "alt": "Example"}, "no longer stored"),
        ({"alt": "Example"}, "no longer stored"),
    ):
        with pytest.raises(FactErrors, match=complaint):
            cleaned({"door_picture": fact})
    with pytest.raises(FactErrors, match="no longer stored"):
        cleaned({"room_picture": {"picture": key, "alt": "Example"}})
    assert cleaned({"door_picture": {"picture": key, "alt": " A  door "}})["door_picture"]["alt"] == "A door"
    assert cleaned({"door_picture": {}, "people_pictures": {"Example Ann": {}}}) == {}


def test_the_history_says_in_words_which_picture_changed():
    door = {"picture": "0123456789abcdef", "alt": "A green door"}
    other = {"picture": "f123456789abcdef", "alt": "A green door"}
    assert differences({"door_picture": door}, {"door_picture": other}) == [
        "Picture of the door: “A green door” (picture f1234567), was “A green door” (picture 01234567)"
    ]
    assert differences({"people_pictures": {"Example Ann": door}}, {}) == [
        "Pictures of people: Example Ann: none, was “A green door” (picture 01234567)"
    ]


def test_a_picture_is_shown_only_with_one_of_the_clinics_people():
    rows = {"Example Ann": {"picture": "0" * 32, "alt": "Ann"}, "Example Bea": {"picture": "1" * 32, "alt": "Bea"}}
    clinic = Clinic.from_facts({"people": [ANN], "people_pictures": rows})
    assert [(person.name, person.picture.alt) for person in clinic.people] == [("Example Ann", "Ann")]
    assert Clinic.from_facts({"people": [ANN]}).people[0].picture is None


def test_memory_stays_bounded_for_the_largest_photographs():
    """Linux measures the peak in kB. It can't fall, so it is compared with the peak before."""
    flat = photograph(Image.new("RGB", (8_000, 8_000)))
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    renditions_of(flat, "door")
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 50_000
