"""Draw social cards, the preview images of shared links: an article's title beside its drawing, or the site's at dawn.

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
from pages.landscape import EVERGREEN, HILLS, INK, PAPER, SERIF, SKY, Hill, draw_hills

SIZE = (1200, 630)
MARGIN = 80
TEXT_WIDTH = SIZE[0] - 2 * MARGIN
DRAWINGS = Path(__file__).parent / "drawings"  # `make icons` draws them from templates/drawings/
DRAWING = (480, 341)
DRAWING_PLACE = (SIZE[0] - MARGIN - DRAWING[0], 126)
ROUND = 24
HILLS_HEIGHT = 240
MARK = 64
SMOOTH = 2  # Anti-aliasing: draw at twice the size and scale down, because Pillow's polygons have hard edges


@dataclass(frozen=True)
class Card:
    name: str
    title: str
    drawing: str = ""

    @property
    def path(self) -> str:
        return f"cards/{self.name}.png"

    @property
    def alt(self) -> str:
        place = "beside a drawing of the page" if self.drawing else "over hills at dawn"
        return f"“{self.title}”, {place}, by {NAME}"

    @property
    def text_width(self) -> int:
        return TEXT_WIDTH - (DRAWING[0] + MARGIN // 2 if self.drawing else 0)


def card_of(article: Article | None) -> Card:
    if article:
        return Card(article.slug, article.title, article.drawing)
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
    sample = _drawn(card_of(None))
    for index, drawing in enumerate(sorted({article.drawing for article in ARTICLES.values()})):
        sample.paste(_drawing(drawing).resize((120, 84)), (index % 10 * 120, SIZE[1] - 84 * (1 + index // 10)))
    return sample.quantize(256, dither=Image.Dither.NONE)


def _drawn(card: Card) -> Image.Image:
    image = _dawn(HILLS[2:] if card.drawing else HILLS).copy()
    draw = ImageDraw.Draw(image)
    mark = _mark()
    image.paste(mark, (MARGIN, MARGIN - 20), mark)
    draw.text((MARGIN + mark.width + 18, MARGIN - 20 + mark.height / 2), NAME, EVERGREEN, _serif(40), anchor="lm")
    if card.drawing:
        image.paste(_drawing(card.drawing), DRAWING_PLACE, _rounded())
    size, lines = _fitted(card.title, card.text_width)
    draw.multiline_text((MARGIN, MARGIN + 68), lines, INK, _serif(size), spacing=size * 0.22)
    town = f"{CITY}, {STATE}"
    draw.text((MARGIN, SIZE[1] - 44), town, PAPER, _serif(30), anchor="ls")
    return image


def _fitted(title: str, text_width: int) -> tuple[int, str]:
    """Return the largest font size at which the title fits, and the title broken into lines.

    A title may take two lines, or three at small sizes.
    """
    for size in range(88, 40, -4):
        font = _serif(size)
        lines = _broken(title, font, text_width)
        if len(lines) <= (2 if size > 64 else 3) and max(map(font.getlength, lines)) <= text_width:
            break
    # Balance the lines: use the narrowest width that doesn't add a line, to avoid a single word on the last one.
    widths = range(text_width, 0, -20)
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
def _drawing(name: str) -> Image.Image:
    return Image.open(DRAWINGS / f"{name}.png").convert("RGB")


@cache
def _rounded() -> Image.Image:
    """Return the mask that rounds the corners of a drawing."""
    mask = Image.new("L", tuple(side * SMOOTH for side in DRAWING))
    ImageDraw.Draw(mask).rounded_rectangle((0, 0, mask.width - 1, mask.height - 1), ROUND * SMOOTH, fill=255)
    return mask.resize(DRAWING, Image.Resampling.LANCZOS)


@cache
def _dawn(hills: tuple[Hill, ...]) -> Image.Image:
    width, height = (side * SMOOTH for side in SIZE)
    sky = Image.linear_gradient("L").resize((width, height))
    image = ImageOps.colorize(sky, *SKY)
    draw = ImageDraw.Draw(image)
    draw_hills(width, height, HILLS_HEIGHT * SMOOTH, draw.circle, draw.polygon, hills)
    return image.resize(SIZE, Image.Resampling.LANCZOS)
