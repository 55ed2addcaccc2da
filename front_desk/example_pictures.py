"""Plainly drawn stand-ins for photographs, for the demo and for tests."""

from collections.abc import Callable
from io import BytesIO
from typing import Any

from PIL import Image, ImageDraw, ImageFont

from clinic.models import Picture
from clinic.picture_files import store
from clinic.pictures import DOOR, PEOPLE, ROOM

PAPER, GREEN, SAND, CLAY, INK = "#f1e9dc", "#4f7a69", "#e0bd9b", "#7c3316", "#1b2a26"
WORDS = "Example picture"
ALT = {
    Picture.Kind.DOOR: "Example picture: a drawn green door",
    Picture.Kind.ROOM: "Example picture: a drawn armchair beside a window",
    Picture.Kind.PERSON: "Example picture: a drawn outline of a person",
}


def _door(draw: ImageDraw.ImageDraw) -> None:
    draw.rectangle((380, 50, 580, 520), fill=GREEN)
    draw.ellipse((545, 285, 565, 305), fill=PAPER)
    draw.rectangle((320, 520, 640, 540), fill=CLAY)


def _room(draw: ImageDraw.ImageDraw) -> None:
    draw.rectangle((120, 90, 400, 330), fill="white", outline=CLAY, width=12)
    draw.rounded_rectangle((520, 230, 800, 540), 40, fill=GREEN)
    draw.rounded_rectangle((480, 400, 840, 600), 40, fill=GREEN)
    draw.rectangle((0, 600, 960, 620), fill=CLAY)


def _person(draw: ImageDraw.ImageDraw) -> None:
    draw.ellipse((320, 200, 640, 560), fill=SAND)
    draw.pieslice((130, 620, 830, 1560), 180, 360, fill=GREEN)


DRAWINGS: dict[str, Callable[[ImageDraw.ImageDraw], None]] = {
    Picture.Kind.DOOR: _door,
    Picture.Kind.ROOM: _room,
    Picture.Kind.PERSON: _person,
}


def example_picture(kind: str) -> dict[str, str]:
    """Draw and store a picture of this kind. Return it as an edition names it."""
    image = Image.new("RGB", Picture.SHAPES[kind], PAPER)
    draw = ImageDraw.Draw(image)
    DRAWINGS[kind](draw)
    draw.text((480, image.height - 30), WORDS, INK, ImageFont.load_default(40), anchor="ms")
    file = BytesIO()
    image.save(file, "PNG")
    file.seek(0)
    return {"picture": store(file, kind).key, "alt": ALT[kind]}


def example_pictures(*people: str) -> dict[str, Any]:
    """Store a picture of each kind, and return the facts that show them, with these people."""
    person = example_picture(Picture.Kind.PERSON)
    return {
        DOOR: example_picture(Picture.Kind.DOOR),
        ROOM: example_picture(Picture.Kind.ROOM),
        PEOPLE: dict.fromkeys(people, person),
    }
