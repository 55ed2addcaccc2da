from django import template

from clinic.pictures import ShownPicture

register = template.Library()


@register.inclusion_tag("includes/picture.html")
def picture(shown: ShownPicture | None, width: int, *, lazy: bool = True) -> dict[str, object]:
    """Show a picture at a width in CSS pixels, or nothing if it is not set. `lazy` is for pictures below the fold."""
    return {"picture": shown, "width": width, "height": shown and shown.height_for[width], "lazy": lazy}
