"""The picture that stands for a page where somebody shares it: its title, over hills at dawn.

The cards are drawn while static files are collected, which gives each a name with its hash.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from itertools import takewhile
from pathlib import Path

from django.conf import settings
from django.contrib.staticfiles.finders import BaseFinder
from django.core.files.storage import FileSystemStorage
from PIL import Image, ImageDraw, ImageFont, ImageOps

from pages.articles import ARTICLES, Article
from pages.landscape import EVERGREEN, HILLS, INK, PAPER, SKY, SUN, SUN_PLACE, SUN_RADIUS

SIZE = (1200, 630)
MARGIN = 80
TEXT_WIDTH = SIZE[0] - 2 * MARGIN
HILLS_HEIGHT = 240
SMOOTH = 2  # drawn this much larger, then made smaller: Pillow's polygons have hard edges


@dataclass(frozen=True)
class Card:
    name: str
    title: str

    @property
    def path(self) -> str:
        """Where it is among the static files."""
        return f"cards/{self.name}.png"

    @property
    def alt(self) -> str:
        return f"“{self.title}”, over hills at dawn, by {settings.CLINIC.name}"


def card_of(article: Article | None) -> Card:
    """The article's own card; every other page has the site's."""
    if article:
        return Card(article.slug, article.title)
    return Card("site", "Ketamine infusion therapy, plainly explained")


def all_cards() -> list[Card]:
    return [card_of(None), *(card_of(article) for article in ARTICLES.values())]


class SocialCardFinder(BaseFinder):
    """Draws each card when static files are collected, or when the development server is asked for it."""

    storage = FileSystemStorage(settings.BUILD_DIR / "drawn")

    def list(self, ignore_patterns: Iterable[str] | None) -> Iterator[tuple[str, FileSystemStorage]]:
        for card in all_cards():
            self._draw(card)
            yield card.path, self.storage

    def find(self, path: str, find_all: bool = False, **kwargs: object) -> str | Sequence[str]:
        found = [self._draw(card) for card in all_cards() if card.path == path]
        return found[0] if found and not find_all else found

    def _draw(self, card: Card) -> str:
        file = Path(self.storage.path(card.path))
        file.parent.mkdir(parents=True, exist_ok=True)
        draw_card(card).save(file, compress_level=6)  # a tenth larger than the smallest, and eight times as quick
        return str(file)


def draw_card(card: Card) -> Image.Image:
    """The card in 256 colors: half the bytes, and nobody sees it."""
    return _drawn(card).quantize(palette=_palette(), dither=Image.Dither.NONE)


@cache
def _palette() -> Image.Image:
    """The colors of every card: to choose them takes far longer than to draw, and all cards share their picture."""
    return _drawn(card_of(None)).quantize(256, dither=Image.Dither.NONE)


def _drawn(card: Card) -> Image.Image:
    image = _dawn().copy()
    draw = ImageDraw.Draw(image)
    clinic = settings.CLINIC
    draw.text((MARGIN, MARGIN - 10), clinic.name, EVERGREEN, ImageFont.load_default(40), stroke_width=0.7)
    size, lines = _fitted(card.title)
    draw.multiline_text(
        (MARGIN, MARGIN + 68), lines, INK, ImageFont.load_default(size), spacing=size * 0.22, stroke_width=1
    )
    town = f"{clinic.city}, {clinic.region}"
    draw.text((MARGIN, SIZE[1] - 44), town, PAPER, ImageFont.load_default(30), anchor="ls")
    return image


def _fitted(title: str) -> tuple[int, str]:
    """The largest size at which the title fits on two lines, or smaller on three, and the title so broken."""
    for size in range(88, 40, -4):
        font = ImageFont.load_default(size)
        lines = _broken(title, font, TEXT_WIDTH)
        if len(lines) <= (2 if size > 64 else 3):
            break
    # The narrowest that takes no more lines: no word is left alone on the last.
    widths = range(TEXT_WIDTH, 0, -20)
    balanced = takewhile(lambda broken: len(broken) == len(lines), (_broken(title, font, width) for width in widths))
    return size, "\n".join([lines, *balanced][-1])


def _broken(title: str, font: ImageFont.FreeTypeFont, width: int) -> list[str]:
    lines = [""]
    for word in title.split():
        longer = f"{lines[-1]} {word}".strip()
        if font.getlength(longer) <= width:
            lines[-1] = longer
        else:
            lines.append(word)
    return lines


@cache
def _dawn() -> Image.Image:
    width, height = (side * SMOOTH for side in SIZE)
    sky = Image.linear_gradient("L").resize((width, height))
    image = ImageOps.colorize(sky, *SKY)
    draw = ImageDraw.Draw(image)
    tall = HILLS_HEIGHT * SMOOTH
    for index, hill in enumerate(HILLS):
        if index == 1:
            center = (SUN_PLACE[0] * width, height - SUN_PLACE[1] * tall)
            draw.circle(center, SUN_RADIUS * tall, SUN)
        ridge = [(x * width, height - part * tall) for x, part in hill.ridge()]
        draw.polygon([(0, height), *ridge, (width, height)], hill.color)
    return image.resize(SIZE, Image.Resampling.LANCZOS)
