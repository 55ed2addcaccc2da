"""Draw the QR code of the clinic's Google review link, for the review page and for print."""

from functools import lru_cache
from io import BytesIO
from itertools import groupby

import qrcode
from PIL import Image
from qrcode.constants import ERROR_CORRECT_Q

QUIET_ZONE = 4  # modules, as ISO/IEC 18004 requires; scanners may fail without it


@lru_cache(maxsize=4)
def qr_modules(url: str) -> list[list[bool]]:
    """Return the QR code's rows of modules, including the quiet zone. True is dark.

    With error correction level Q, the code still scans if a quarter of it is missing. It contains Google's URL, not
    a redirect through this site, so a printed card works even without the site and we never learn who scanned it.
    """
    code = qrcode.QRCode(error_correction=ERROR_CORRECT_Q, border=QUIET_ZONE)
    code.add_data(url)
    return code.get_matrix()


def dark_bars(url: str) -> list[tuple[int, int, int]]:
    """Return the dark modules as horizontal bars: (column, row, length)."""
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
    """Return the code as an SVG with a white background, so that it also scans in dark mode."""
    size = len(qr_modules(url))
    bars, pen = "", (0, 0)
    for x, y, length in dark_bars(url):
        bars += f"m{x - pen[0]} {y - pen[1]}h{length}"
        pen = (x + length, y)
    # Without crispEdges, a scaled code has pale lines between its rows.
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {size} {size}" shape-rendering="crispEdges">'
        f'<path fill="#fff" d="M0 0h{size}v{size}H0z"/>'
        f'<path transform="translate(0 .5)" stroke="#000" d="{bars}"/></svg>'
    ).encode()


def review_qr_png(url: str, module_pixels: int = 12) -> bytes:
    """Return the code as a black and white PNG. With 12 pixels per module, it prints sharply up to 6 cm wide."""
    modules = qr_modules(url)
    image = Image.new("1", (len(modules), len(modules)), 1)
    image.putdata([not dark for row in modules for dark in row])
    output = BytesIO()
    scale = len(modules) * module_pixels
    image.resize((scale, scale), Image.Resampling.NEAREST).save(output, "PNG", optimize=True)
    return output.getvalue()
