"""Reads QR codes, and simulates a poor photo of one."""

from io import BytesIO

import zxingcpp
from PIL import Image, ImageEnhance, ImageFilter


def read_qr(image: bytes | Image.Image) -> list[str]:
    """Return the text of every QR code in the image."""
    picture = Image.open(BytesIO(image)) if isinstance(image, bytes) else image
    return [code.text for code in zxingcpp.read_barcodes(picture.convert("RGB"))]


def photograph(picture: Image.Image) -> Image.Image:
    """Return the image as if badly photographed: tilted by 15 degrees, out of focus, dark and low in contrast."""
    tilted = picture.convert("RGB").rotate(15, Image.Resampling.BICUBIC, expand=True, fillcolor=(200, 190, 175))
    blurred = tilted.filter(ImageFilter.GaussianBlur(tilted.width / 350))
    return ImageEnhance.Contrast(ImageEnhance.Brightness(blurred).enhance(0.7)).enhance(0.4)
