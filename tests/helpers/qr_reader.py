"""Reads QR codes as a phone does, and makes photographs of them as a phone would."""

from io import BytesIO

import zxingcpp
from PIL import Image, ImageEnhance, ImageFilter


def read_qr(image: bytes | Image.Image) -> list[str]:
    """Every QR code in the picture, as text."""
    picture = Image.open(BytesIO(image)) if isinstance(image, bytes) else image
    return [code.text for code in zxingcpp.read_barcodes(picture.convert("RGB"))]


def photograph(picture: Image.Image) -> Image.Image:
    """The picture as a hurried hand takes it in a dim room: tilted by 15 degrees, out of focus, low in contrast."""
    tilted = picture.convert("RGB").rotate(15, Image.Resampling.BICUBIC, expand=True, fillcolor=(200, 190, 175))
    blurred = tilted.filter(ImageFilter.GaussianBlur(tilted.width / 350))
    return ImageEnhance.Contrast(ImageEnhance.Brightness(blurred).enhance(0.7)).enhance(0.4)
