"""The clinic's Google review link as a QR code, for the page and for print."""

from functools import lru_cache
from io import BytesIO
from itertools import groupby

import qrcode
from PIL import Image
from qrcode.constants import ERROR_CORRECT_Q

QUIET_ZONE = 4  # modules; ISO/IEC 18004 asks for four, and readers fail with none


@lru_cache(maxsize=4)
def qr_modules(url: str) -> list[list[bool]]:
    """The code row by row, True where it is dark, its quiet zone included.

    Level Q: a quarter of the code may be dirty or torn. It holds Google's own address and no redirect of
    ours, so that a printed card outlives this site and nobody here learns who used it.
    """
    code = qrcode.QRCode(error_correction=ERROR_CORRECT_Q, border=QUIET_ZONE)
    code.add_data(url)
    return code.get_matrix()


def dark_bars(url: str) -> list[tuple[int, int, int]]:
    """The dark modules as horizontal bars: column, row, length."""
    bars = []
    for y, row in enumerate(qr_modules(url)):
        x = 0
        for dark, modules in groupby(row):
            length = len(list(modules))
            if dark:
                bars.append((x, y, length))
            x += length
    return bars


def review_qr_svg(url: str) -> bytes:
    """The code as SVG: one path, dark on a white ground of its own whatever the page's colours are."""
    size = len(qr_modules(url))
    bars, pen = "", (0, 0)
    for x, y, length in dark_bars(url):
        bars += f"m{x - pen[0]} {y - pen[1]}h{length}"
        pen = (x + length, y)
    # crispEdges, else the rows of a scaled code have pale seams between them.
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {size} {size}" shape-rendering="crispEdges">'
        f'<path fill="#fff" d="M0 0h{size}v{size}H0z"/>'
        f'<path transform="translate(0 .5)" stroke="#000" d="{bars}"/></svg>'
    ).encode()


def review_qr_png(url: str, module_pixels: int = 12) -> bytes:
    """The code as PNG in black and white; with 12 pixels a module it is sharp on paper up to 6 cm."""
    modules = qr_modules(url)
    image = Image.new("1", (len(modules), len(modules)), 1)
    image.putdata([not dark for row in modules for dark in row])
    output = BytesIO()
    scale = len(modules) * module_pixels
    image.resize((scale, scale), Image.Resampling.NEAREST).save(output, "PNG", optimize=True)
    return output.getvalue()
