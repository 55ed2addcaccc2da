"""The clinic's Google review link as a QR code, for the page, for print and for the counter."""

from io import BytesIO

import qrcode
from qrcode.constants import ERROR_CORRECT_Q
from qrcode.image.svg import SvgPathImage

QUIET_ZONE = 4  # modules; ISO/IEC 18004 asks for four, and readers fail with none


def _qr(url: str, module_pixels: int) -> qrcode.QRCode:
    code = qrcode.QRCode(error_correction=ERROR_CORRECT_Q, border=QUIET_ZONE, box_size=module_pixels)
    code.add_data(url)
    return code


def review_qr_svg(url: str) -> bytes:
    """The code as SVG, dark on white whatever the page's colours are."""
    return _qr(url, 10).make_image(image_factory=SvgPathImage).to_string()


def review_qr_png(url: str) -> bytes:
    """The code as PNG, 12 pixels a module: 60 mm at 300 dpi for a link of usual length."""
    output = BytesIO()
    _qr(url, 12).make_image().save(output, "PNG")
    return output.getvalue()
