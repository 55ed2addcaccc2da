"""The desk page where managers add the clinic's pictures. clinic/pictures.py validates them.

A picture takes two steps. The first stores the photograph as a row that no edition names, and shows it as pages would.
The second, "Save", names it in a new edition. Nothing is public before that, and no file is kept anywhere else.
"""

from typing import Any

from django.contrib import admin, messages
from django.db import DatabaseError, transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import URLPattern, path
from django.views.decorators.http import require_http_methods, require_safe

from clinic.models import Picture
from front_desk.clinic_admin import (
    SavedByAnother,
    in_force,
    may_change,
    meanwhile,
    publish,
    refuse_if_outdated,
    say_what_changed,
)
from front_desk.phrase_warnings import unconfirmed
from front_desk.pictures_forms import SaveForm, UploadForm, row_in, slots, with_row

NOT_STORED = "The picture could not be stored just now, so nothing was changed. Please try again in a few minutes."
TOO_LARGE = "This picture is larger than 12 MB. Send a smaller copy."


@may_change
@require_http_methods(["GET", "HEAD", "POST"])
def pictures(request: HttpRequest) -> HttpResponse:
    """Show the clinic's pictures, preview an uploaded one, or save or remove one in a new edition."""
    if request.method != "POST":
        return _show(request, _too_large() if "too-large" in request.GET else None)
    step = {"save": _save, "remove": _remove}.get(request.POST.get("do", ""), _preview)
    try:
        return step(request)
    except DatabaseError:  # such as a full disk. The session isn't saved either, because the status is 503.
        facts, number = in_force()
        upload = UploadForm(facts=facts, edition=number, typed={} if step is _save else request.POST.dict())
        form = SaveForm(request.POST, facts=facts) if step is _save else None
        return _show(request, upload, form, status=503, alert=NOT_STORED)


def _too_large() -> UploadForm:
    facts, number = in_force()
    form = UploadForm({"edition": number}, facts=facts, edition=number)
    form.errors.clear()
    form.add_error("file", TOO_LARGE)
    return form


def _preview(request: HttpRequest) -> HttpResponse:
    facts, number = in_force()
    upload = UploadForm(request.POST, request.FILES, facts=facts, edition=number)
    if not upload.is_valid():
        return _show(request, upload, status=422)
    typed = {**request.POST.dict(), "picture": upload.picture.key}
    preview = SaveForm(typed, facts=facts)
    return _show(request, None, preview, status=200 if preview.is_valid() else 422)


def _save(request: HttpRequest) -> HttpResponse:
    facts, number = in_force()
    form = SaveForm(request.POST, facts=facts)
    try:
        refuse_if_outdated(request, number)
        with transaction.atomic():
            # Locked, so that remove_unused() in another process can't delete it before the edition names it.
            list(Picture.objects.select_for_update().filter(key=form.key).values_list("key"))
            if not form.is_valid():
                return _show(request, None, form, status=422)
            after = with_row(facts, form.slot, form.row)
            if warned := unconfirmed(request, facts, after):
                return _show(request, None, form, **warned)
            lines = publish(request, facts, after, number)
    except SavedByAnother:
        return _conflict(request)
    say_what_changed(request, lines)
    return redirect("admin:clinic_pictures")


def _conflict(request: HttpRequest) -> HttpResponse:
    """Show what another manager saved, and this manager's picture, based on the newest edition."""
    facts, number = in_force()
    form = SaveForm({**request.POST.dict(), "edition": number}, facts=facts)
    return _show(request, None, form, status=409, **meanwhile(request))


def _remove(request: HttpRequest) -> HttpResponse:
    facts, number = in_force()
    slot = request.POST.get("slot", "")
    try:
        refuse_if_outdated(request, number)
        known = slot in dict(slots(facts))
        say_what_changed(request, publish(request, facts, with_row(facts, slot, {}), number) if known else [])
    except SavedByAnother:
        messages.warning(request, "Another manager saved other changes, so nothing was removed. Look again.")
    return redirect("admin:clinic_pictures")


def _show(
    request: HttpRequest, upload: UploadForm | None, preview: SaveForm | None = None, status: int = 200, **context: Any
) -> HttpResponse:
    facts, number = in_force()
    shown = [
        SaveForm(
            initial={"edition": number, "slot": slot, **row_in(facts, slot)}, facts=facts, auto_id=f"shown_{place}_%s"
        )
        for place, (slot, _) in enumerate(slots(facts))
        if row_in(facts, slot)
    ]
    context |= {"upload": upload or UploadForm(facts=facts, edition=number), "preview": preview, "shown": shown}
    return admin.site.page(request, "admin/clinic_pictures.html", "Pictures", status=status, **context)


@may_change
@require_safe
def picture(request: HttpRequest, key: str) -> HttpResponse:
    """Return a stored picture, also one that is not public yet."""
    content = get_object_or_404(Picture.objects.values_list("webp_480", flat=True), key=key)
    return HttpResponse(bytes(content), content_type="image/webp")


def urls(guarded: Any) -> list[URLPattern]:
    """Return the URL patterns. `guarded` wraps a view so that it requires a signed-in staff member."""
    return [
        # albany_site.middleware and deploy/nginx.conf accept a photograph at this path only.
        path("clinic/pictures/", guarded(pictures), name="clinic_pictures"),
        path("clinic/pictures/<slug:key>/", guarded(picture), name="clinic_picture"),
    ]
