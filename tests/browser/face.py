"""The only font in browser tests: Aileron, which comes with Pillow and is as wide as Arial."""

from io import BytesIO
from pathlib import Path

from fontTools.ttLib import TTFont
from PIL import ImageFont

NAME = "Aileron"
CONFIGURATION = """<?xml version="1.0"?>
<fontconfig><dir>{folder}</dir><cachedir>{folder}/cache</cachedir></fontconfig>
"""


def write_font_configuration(folder: Path) -> Path:
    """Write the font, and a fontconfig file with no other font. Returns the path for FONTCONFIG_FILE.

    Pillow's copy has little more than ASCII. Every other character up to U+2FFF is mapped to "«", so that no page
    falls back to another font. A letter would work on screen too, but it would add words to the text of a PDF.
    """
    font = TTFont(BytesIO(ImageFont.load_default(size=10).font_bytes))
    for table in font["cmap"].tables:
        if table.isUnicode():
            table.cmap = dict.fromkeys(range(0xA0, 0x3000), "guillemotleft") | table.cmap
    font.save(folder / "face.ttf")
    configuration = folder / "fonts.conf"
    configuration.write_text(CONFIGURATION.format(folder=folder))
    return configuration
