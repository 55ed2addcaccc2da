"""What else the front desk posts: a search, a mail to be sent again, an erasure."""

from uuid import UUID

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.urls import reverse

from consultations import retention
from consultations.models import AccessLogEntry, ConsultationRequest, Notification
from front_desk import access_log, actions

Action = AccessLogEntry.Action
MOST_FOUND = 50  # what one page of the list shows


def find(request: HttpRequest) -> HttpResponse:
    """Lead to the requests with a reference, phone number or e-mail address. It is posted: no address,
    history or log ever carries what was typed."""
    if request.method != "POST" or not request.user.has_perm("consultations.view_consultationrequest"):
        raise PermissionDenied
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


def send_again(request: HttpRequest, mail_id: UUID) -> HttpResponse:
    """Have a mail that was given up tried anew."""
    if request.method != "POST" or not request.user.has_perm("consultations.resend_notification"):
        raise PermissionDenied
    mail = get_object_or_404(Notification.objects.select_related("consultation"), pk=mail_id)
    mail.send_again()
    access_log.record(request, Action.SEND_AGAIN, mail.consultation, detail=mail.get_kind_display())
    messages.success(request, "It is tried again within a minute.")
    if mail.consultation is None:
        return redirect("admin:index")
    actions.write_down(mail.consultation, request.user, f"Sent again: {mail.get_kind_display().lower()}.")
    return redirect("admin:consultations_consultationrequest_change", mail.consultation.pk)


def erase(request: HttpRequest, pk: int) -> HttpResponse:
    """Ask; then erase at once what somebody phoned about and wants gone."""
    consultation = get_object_or_404(ConsultationRequest, pk=pk)
    if not request.user.has_perm("consultations.erase_consultationrequest"):
        raise PermissionDenied
    if request.method != "POST":
        context = admin.site.each_context(request) | {
            "title": f"Erase {consultation}",
            "consultation": consultation,
            "opts": ConsultationRequest._meta,
        }
        return TemplateResponse(request, "admin/consultations/erase.html", context)
    if not consultation.erased_at:
        with transaction.atomic():  # never without its trail
            retention.erase(consultation)
            actions.write_down(consultation, request.user, "Erased by hand.")
            access_log.record(request, Action.ERASE, consultation)
    return redirect("admin:consultations_consultationrequest_change", consultation.pk)
