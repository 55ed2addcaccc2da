"""Draw social cards, the preview images of shared links: the page's title over hills at dawn.

Cards are drawn during collectstatic, so that each gets a hashed file name like any static file.
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

from clinic import CITY, NAME, STATE
from pages.articles import ARTICLES, Article
from pages.landscape import EVERGREEN, INK, PAPER, SERIF, SKY, draw_hills

SIZE = (1200, 630)
MARGIN = 80
TEXT_WIDTH = SIZE[0] - 2 * MARGIN
HILLS_HEIGHT = 240
MARK = 64
SMOOTH = 2  # Anti-aliasing: draw at twice the size and scale down, because Pillow's polygons have hard edges


@dataclass(frozen=True)
class Card:
    name: str
    title: str

    @property
    def path(self) -> str:
        return f"cards/{self.name}.png"

    @property
    def alt(self) -> str:
        return f"“{self.title}”, over hills at dawn, by {NAME}"


def card_of(article: Article | None) -> Card:
    if article:
        return Card(article.slug, article.title)
    return Card("site", "Ketamine infusion therapy, plainly explained")


def all_cards() -> list[Card]:
    return [card_of(None), *(card_of(article) for article in ARTICLES.values())]


class SocialCardFinder(BaseFinder):
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
        draw_card(card).save(file, compress_level=6)  # level 9 files are a tenth smaller, but take eight times as long
        return str(file)


def draw_card(card: Card) -> Image.Image:
    """Draw a card in 256 colors, which halves the file size and looks the same."""
    return _drawn(card).quantize(palette=_palette(), dither=Image.Dither.NONE)


@cache
def _palette() -> Image.Image:
    """Return an image whose palette all cards share. Choosing a palette takes far longer than drawing a card."""
    return _drawn(card_of(None)).quantize(256, dither=Image.Dither.NONE)


def _drawn(card: Card) -> Image.Image:
    image = _dawn().copy()
    draw = ImageDraw.Draw(image)
    mark = _mark()
    image.paste(mark, (MARGIN, MARGIN - 20), mark)
    draw.text((MARGIN + mark.width + 18, MARGIN - 20 + mark.height / 2), NAME, EVERGREEN, _serif(40), anchor="lm")
    size, lines = _fitted(card.title)
    draw.multiline_text((MARGIN, MARGIN + 68), lines, INK, _serif(size), spacing=size * 0.22)
    town = f"{CITY}, {STATE}"
    draw.text((MARGIN, SIZE[1] - 44), town, PAPER, _serif(30), anchor="ls")
    return image


def _fitted(title: str) -> tuple[int, str]:
    """Return the largest font size at which the title fits, and the title broken into lines.

    A title may take two lines, or three at small sizes.
    """
    for size in range(88, 40, -4):
        font = _serif(size)
        lines = _broken(title, font, TEXT_WIDTH)
        if len(lines) <= (2 if size > 64 else 3):
            break
    # Balance the lines: use the narrowest width that doesn't add a line, to avoid a single word on the last one.
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
def _serif(size: int) -> ImageFont.FreeTypeFont:
    return ImageFont.truetype(str(SERIF), size)


@cache
def _mark() -> Image.Image:
    """Return the clinic's mark, cut out of its square icon as a circle."""
    icon = Image.open(settings.BASE_DIR / "static/img/apple-touch-icon.png").convert("RGB").resize((MARK, MARK))
    circle = Image.new("L", (MARK * SMOOTH, MARK * SMOOTH))
    ImageDraw.Draw(circle).ellipse((0, 0, MARK * SMOOTH - 1, MARK * SMOOTH - 1), fill=255)
    icon.putalpha(circle.resize((MARK, MARK), Image.Resampling.LANCZOS))
    return icon


@cache
def _dawn() -> Image.Image:
    width, height = (side * SMOOTH for side in SIZE)
    sky = Image.linear_gradient("L").resize((width, height))
    image = ImageOps.colorize(sky, *SKY)
    draw = ImageDraw.Draw(image)
    draw_hills(width, height, HILLS_HEIGHT * SMOOTH, draw.circle, draw.polygon)
    return image.resize(SIZE, Image.Resampling.LANCZOS)
