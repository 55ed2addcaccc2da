"""The only font in browser tests: Aileron, which comes with Pillow and is about as wide as Arial."""

from io import BytesIO
from pathlib import Path

from fontTools.ttLib import TTFont
from PIL import ImageFont

NAME = "Aileron"
CONFIGURATION = """<?xml version="1.0"?>
<fontconfig><dir>{folder}</dir><cachedir>{folder}/cache</cachedir></fontconfig>
"""


def write_font_configuration(folder: Path) -> Path:
    """Write the font and a fontconfig file that lists no other font. Return the fontconfig file's path.

    Pillow's copy of Aileron has little more than ASCII. Map every other character from U+00A0 to U+2FFF to "«", so
    that no page falls back to another font. Don't map them to a letter, because it would add words to the text that
    tests extract from printed pages. Curly quotation marks look like straight ones, because "«" is much wider.
    """
    font = TTFont(BytesIO(ImageFont.load_default(size=10).font_bytes))
    for table in font["cmap"].tables:
        if table.isUnicode():
            quotes = {ord(curly): table.cmap[ord(straight)] for curly, straight in zip("‘’“”", "''\"\"", strict=True)}
            table.cmap = dict.fromkeys(range(0xA0, 0x3000), "guillemotleft") | quotes | table.cmap
    font.save(folder / "face.ttf")
    configuration = folder / "fonts.conf"
    configuration.write_text(CONFIGURATION.format(folder=folder))
    return configuration
