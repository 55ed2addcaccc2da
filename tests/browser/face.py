"""The one face that browser tests draw with: Aileron, which comes with Pillow and is as wide as Arial."""

from io import BytesIO
from pathlib import Path

from fontTools.ttLib import TTFont
from PIL import ImageFont

NAME = "Aileron"
CONFIGURATION = """<?xml version="1.0"?>
<fontconfig><dir>{folder}</dir><cachedir>{folder}/cache</cachedir></fontconfig>
"""


def write_font_configuration(folder: Path) -> Path:
    """Write the face and a fontconfig file that names no other; returns the path for FONTCONFIG_FILE.

    Pillow's copy holds little more than ASCII. Every other character up to U+2FFF is drawn as a "«", so that
    no page lacks one; a letter would do as well on a screen, but not in the text of a PDF.
    """
    font = TTFont(BytesIO(ImageFont.load_default(size=10).font_bytes))
    for table in font["cmap"].tables:
        if table.isUnicode():
            table.cmap = dict.fromkeys(range(0xA0, 0x3000), "guillemotleft") | table.cmap
    font.save(folder / "face.ttf")
    configuration = folder / "fonts.conf"
    configuration.write_text(CONFIGURATION.format(folder=folder))
    return configuration
