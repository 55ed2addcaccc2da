"""Computes the WCAG 2 contrast ratio of two colors, each written as "#1d4a40" or "rgb(29, 74, 64)"."""


def contrast(one: str, other: str) -> float:
    darker, lighter = sorted((luminance(one), luminance(other)))
    return (lighter + 0.05) / (darker + 0.05)


def luminance(color: str) -> float:
    channels = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in _channels(color)]
    return sum(weight * channel for weight, channel in zip((0.2126, 0.7152, 0.0722), channels, strict=True))


def _channels(color: str) -> list[float]:
    """Return the red, green and blue values, each from 0 to 1."""
    if color.startswith("#"):
        return [int(color[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    return [int(number) / 255 for number in color.removeprefix("rgb(").removesuffix(")").split(",")]
