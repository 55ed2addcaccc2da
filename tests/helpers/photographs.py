"""Makes photographs for tests, such as a large one from a phone, and files that are no usable photograph."""

from io import BytesIO

from PIL import Image, ImageCms

from clinic.picture_files import store

# HEIC starts like this. The rest doesn't matter, because nothing decodes it.
HEIC = b"\x00\x00\x00\x18ftypheic\x00\x00\x00\x00mif1heic" + b"\x00" * 100


def halves(size: tuple[int, int] = (1500, 1200), left: object = "red", right: object = "blue", mode: str = "RGB"):
    """Return an image whose left half has another color than its right half."""
    image = Image.new(mode, size, left)
    image.paste(right, (size[0] // 2, 0, *size))
    return image


def photograph(image: Image.Image | None = None, kind: str = "JPEG", **options: object) -> bytes:
    output = BytesIO()
    (image or halves()).save(output, kind, **options)
    return output.getvalue()


def phone_photograph(size: int) -> bytes:
    """Return a JPEG of exactly `size` bytes and 12 million pixels, with a place in its EXIF data and a comment.

    What follows the end of a JPEG is ignored, so zeros make it as large as wanted.
    """
    exif = Image.Exif()
    exif[0x010F] = "Example Phone"
    exif.get_ifd(0x8825)[1] = "N"
    profile = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    data = photograph(halves((4032, 3024)), exif=exif, comment=b"Example comment", icc_profile=profile)
    return data + bytes(size - len(data))


def stored_row(kind: str, alt: str = "Example alt text", color: str = "red") -> dict[str, str]:
    """Store a picture and return its row, as an edition names it."""
    return {"picture": store(BytesIO(photograph(halves(left=color))), kind).key, "alt": alt}
