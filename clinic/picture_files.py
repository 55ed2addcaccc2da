"""Makes a `Picture` from an uploaded photograph: turned upright, cropped from the middle, and without its metadata.

Nothing touches the disk. Memory stays bounded: sizes are checked before anything is decoded, a JPEG is decoded at a
fraction of its size, and a process decodes one photograph at a time.
"""

import hashlib
import struct
import threading
import zlib
from io import BytesIO
from typing import BinaryIO

from PIL import Image, ImageCms, ImageFilter

from clinic.models import Picture

MOST_BYTES = 12 * 1024 * 1024
MOST_PIXELS = 64_000_000
# A progressive JPEG is kept in memory at full size while it is decoded, and so are PNG and WebP.
MOST_PIXELS_WHOLE = 30_000_000
Image.MAX_IMAGE_PIXELS = MOST_PIXELS
LARGEST_WEBP = 60_000  # bytes
LARGEST_JPEG = 150_000
SMALLEST_WIDTH = 480
QUALITIES = (82, 74, 66, 58, 50, 42, 34, 26, 18, 10)
HEIC_BRANDS = (b"heic", b"heix", b"heim", b"heis", b"hevc", b"hevx", b"mif1", b"msf1")
WRONG_TYPE = "This isn't a JPEG, PNG or WebP picture. Send one of these."
DAMAGED = "This picture is damaged or incomplete. Send the file again, or another one."
# What Pillow raises for damaged files.
DAMAGES = (OSError, SyntaxError, ValueError, EOFError, IndexError, OverflowError, struct.error, zlib.error)
BOMBS = (Image.DecompressionBombError, Image.DecompressionBombWarning)
# Keyed by the EXIF orientation.
TURNS = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}
_one_at_a_time = threading.Lock()


class FileError(Exception):
    """Raised with a sentence for staff if a file can't be used. Not a ValueError, which Pillow raises for damage."""


def store(file: BinaryIO, kind: str) -> Picture:
    """Store an uploaded photograph as a picture of this kind. The same photograph is stored once.

    Raises FileError if the file can't be used.
    """
    with _one_at_a_time:
        renditions = renditions_of(_checked(file), kind)
    digest = hashlib.sha256(kind.encode())
    for content in renditions.values():
        digest.update(content)
    picture = Picture(key=digest.hexdigest()[:32], kind=kind, **renditions)
    Picture.objects.bulk_create([picture], ignore_conflicts=True)
    return picture


def _checked(file: BinaryIO) -> bytes:
    data = file.read(MOST_BYTES + 1)
    if not data:
        raise FileError("This file is empty. Choose another one.")
    if len(data) > MOST_BYTES:
        raise FileError("This picture is larger than 12 MB. Send a smaller copy.")
    if data[4:8] == b"ftyp" and data[8:12] in HEIC_BRANDS:
        raise FileError("Your phone saved this as HEIC. Please send it as JPEG.")
    return data


def renditions_of(data: bytes, kind: str) -> dict[str, bytes]:
    """Return the renditions of a photograph, keyed by the field of `Picture`."""
    wide, high = Picture.SHAPES[kind]
    large = _upright_crop(_opened(data), (wide, high))
    small = large.resize((SMALLEST_WIDTH, SMALLEST_WIDTH * high // wide), Image.Resampling.LANCZOS)
    return {
        "webp_480": _encoded(small, "WEBP", LARGEST_WEBP),
        "webp_960": _encoded(large, "WEBP", LARGEST_WEBP),
        "jpeg_960": _encoded(large, "JPEG", LARGEST_JPEG),
    }


def _opened(data: bytes) -> Image.Image:
    """Return the image, not decoded yet."""
    try:
        image = Image.open(BytesIO(data), formats=("JPEG", "PNG", "WEBP"))
        # A JPEG with several pictures, as some phones save it, is no animation: its first picture is the photograph.
        moves = image.format in ("PNG", "WEBP") and getattr(image, "is_animated", False)
    except BOMBS:
        raise FileError(_too_many_pixels(MOST_PIXELS)) from None
    except Image.UnidentifiedImageError:
        raise FileError(WRONG_TYPE) from None
    except DAMAGES:
        raise FileError(DAMAGED) from None
    if moves:
        raise FileError("This picture moves. Send one that stands still.")
    whole = image.format in ("PNG", "WEBP") or image.info.get("progressive")
    _check_pixels(image, MOST_PIXELS_WHOLE if whole else MOST_PIXELS)
    return image


def _check_pixels(image: Image.Image, most: int) -> None:
    if image.width * image.height > most:
        raise FileError(_too_many_pixels(most))


def _too_many_pixels(most: int) -> str:
    return f"This picture has more than {most // 1_000_000} million pixels. Send a smaller copy."


def _upright_crop(image: Image.Image, size: tuple[int, int]) -> Image.Image:
    """Return the middle of the photograph in this size, upright, in sRGB and without metadata."""
    turn = TURNS.get(_orientation(image))
    lies = turn in (TURNS[5], TURNS[6], TURNS[7], TURNS[8])
    target = size[::-1] if lies else size
    box = _middle(image.size, target)
    _check_size(box, size, lies)
    profile = image.info.get("icc_profile")
    try:
        full = image.size
        # Decode a JPEG at a half, a quarter or an eighth of its size, but not smaller than the crop needs.
        scale = target[0] / (box[2] - box[0])
        image.draft(None, (int(full[0] * scale) + 1, int(full[1] * scale) + 1))
        _check_pixels(image, MOST_PIXELS_WHOLE)  # a very long picture is hardly reduced
        image.load()
        shrunk = image.width / full[0]
        box = tuple(min(max(edge * shrunk, 0), most) for edge, most in zip(box, image.size * 2, strict=True))
        plain = _with_plain_mode(image)
        crop = plain.resize(target, Image.Resampling.LANCZOS, box=box)
    except DAMAGES:
        raise FileError(DAMAGED) from None
    upright = crop if turn is None else crop.transpose(turn)
    return _in_srgb(upright, profile)


def _orientation(image: Image.Image) -> int:
    try:
        return image.getexif().get(0x0112, 1)
    except DAMAGES:  # a photograph with unreadable EXIF data is still a photograph
        return 1


def _middle(full: tuple[int, int], target: tuple[int, int]) -> tuple[float, float, float, float]:
    """Return the largest box with the target's proportions in the middle of the image."""
    scale = min(full[0] / target[0], full[1] / target[1])
    wide, high = target[0] * scale, target[1] * scale
    left, top = (full[0] - wide) / 2, (full[1] - high) / 2
    return left, top, left + wide, top + high


def _check_size(box: tuple[float, float, float, float], size: tuple[int, int], lies: bool) -> None:
    wide = box[3] - box[1] if lies else box[2] - box[0]
    if wide < SMALLEST_WIDTH:
        needed = f"{SMALLEST_WIDTH} pixels wide and {SMALLEST_WIDTH * size[1] // size[0]} high"
        raise FileError(f"This picture is too small. It needs to be at least {needed}.")


def _with_plain_mode(image: Image.Image) -> Image.Image:
    """Return the image in a mode that can be resized smoothly: L, RGB, RGBA or CMYK."""
    if image.mode.startswith("I"):  # 16 bits of gray
        return image.convert("I").point(lambda value: value * (1 / 256)).convert("L")
    if image.mode in ("P", "LA", "PA", "La", "RGBa") or "transparency" in image.info:
        return image.convert("RGBA")
    return image if image.mode in ("L", "RGB", "RGBA", "CMYK") else image.convert("RGB")


def _in_srgb(image: Image.Image, profile: bytes | None) -> Image.Image:
    if image.mode == "RGBA":
        paper = Image.new("RGB", image.size, "white")
        paper.paste(image, mask=image.getchannel("A"))
        image = paper
    if profile:
        try:
            source, srgb = ImageCms.ImageCmsProfile(BytesIO(profile)), ImageCms.createProfile("sRGB")
            image = ImageCms.profileToProfile(image, source, srgb, outputMode="RGB")
        except (ImageCms.PyCMSError, *DAMAGES):
            pass  # a profile that is damaged, or belongs to another mode
    image = image.convert("RGB")
    image.info = {}  # or Pillow would write the profile and a comment into the renditions
    return image


def _encoded(image: Image.Image, kind: str, largest: int) -> bytes:
    """Return the image in the best quality in which it has at most `largest` bytes."""
    while True:
        for quality in QUALITIES:
            output = BytesIO()
            image.save(output, kind, quality=quality)
            if output.tell() <= largest:
                return output.getvalue()
        image = image.filter(ImageFilter.GaussianBlur(2))  # only noise is still too large
