"""Views that find a request, resend an email, and erase a request."""

from uuid import UUID

from django.contrib import admin, messages
from django.contrib.auth.decorators import permission_required
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST

from consultations import retention
from consultations.models import AccessLogEntry, ConsultationRequest, Notification
from front_desk import access_log, actions

Action = AccessLogEntry.Action
MOST_FOUND = 50  # the list's page size


@permission_required("consultations.view_consultationrequest", raise_exception=True)
@require_POST
def find(request: HttpRequest) -> HttpResponse:
    """Redirect to the requests that match the typed reference, phone number or email address.

    POST only, so that what was typed stays out of URLs, browser history and logs.
    """
    typed = request.POST.get("find", "").strip()
    found = list(
        ConsultationRequest.objects.filter(reference=typed.upper()).values_list("reference", "pk")
        or ConsultationRequest.objects.with_contact(typed).values_list("reference", "pk")[:MOST_FOUND]
    )
    references = [reference for reference, _ in found]
    access_log.record(request, Action.SEARCH, references=references)
    if not found:
        messages.warning(
            request,
            "Nobody was found. Type a whole reference, phone number or email address: names cannot be found.",
        )
        return redirect("admin:consultations_consultationrequest_changelist")
    if len(found) == 1:
        return redirect("admin:consultations_consultationrequest_change", found[0][1])
    where = reverse("admin:consultations_consultationrequest_changelist")
    return redirect(f"{where}?reference__in={','.join(references)}")


@permission_required("consultations.resend_notification", raise_exception=True)
@require_POST
def send_again(request: HttpRequest, mail_id: UUID) -> HttpResponse:
    mail = get_object_or_404(Notification.objects.select_related("consultation"), pk=mail_id)
    mail.send_again()
    # The access log outlives a request's words, so it must not say that they were urgent.
    detail = "" if mail.kind == Notification.Kind.URGENT else mail.get_kind_display()
    access_log.record(request, Action.SEND_AGAIN, mail.consultation, detail=detail)
    messages.success(request, "It is tried again within a minute.")
    if mail.consultation is None:
        return redirect("admin:index")
    actions.write_down(mail.consultation, request.user, f"Sent again: {mail.get_kind_display().lower()}.")
    return redirect("admin:consultations_consultationrequest_change", mail.consultation.pk)


@permission_required("consultations.erase_consultationrequest", raise_exception=True)
@require_http_methods(["GET", "HEAD", "POST"])
def erase(request: HttpRequest, pk: int) -> HttpResponse:
    """Ask for confirmation, then erase a request's content."""
    consultation = get_object_or_404(ConsultationRequest, pk=pk)
    if request.method != "POST":
        title = f"Erase {consultation}"
        return admin.site.page(request, "admin/consultations/erase.html", title, consultation=consultation)
    if not consultation.erased_at:
        with transaction.atomic():  # no erasure without its note and access log entry
            retention.erase(consultation)
            actions.write_down(consultation, request.user, "Erased by hand.")
            access_log.record(request, Action.ERASE, consultation)
    return redirect("admin:consultations_consultationrequest_change", consultation.pk)
