"""Views that find a request, start with the next one, resend or dismiss an email, and erase a request."""

from uuid import UUID

from django.contrib import admin, messages
from django.contrib.auth.decorators import permission_required
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from consultations import retention
from consultations.going_back import keep_for_back
from consultations.models import AccessLogEntry, ConsultationRequest, Notification
from front_desk import access_log, actions, list_rows, queues, search
from front_desk.request_page import claimed

Action = AccessLogEntry.Action


@permission_required("consultations.view_consultationrequest", raise_exception=True)
@require_http_methods(["GET", "HEAD", "POST"])
def find(request: HttpRequest) -> HttpResponse:
    """List the requests that match what was typed, or open the only one with this reference, phone or email.

    If there are none, list those with a similar name.

    What was typed is in no URL, session or log. That is why the answer to the POST is the list itself, without a
    redirect. A GET, such as the one after a sign-in, shows the ordinary list.
    """
    if request.method != "POST":
        return redirect("admin:consultations_consultationrequest_changelist")
    words = request.POST.get("find", "").strip()
    exact = search.exact_matches(words)
    found = exact or search.partial_matches(words)
    shown = found[: search.MOST_FOUND] or search.similar_names(words)
    listed = ConsultationRequest.objects.filter(pk__in=shown).order_by(*queues.NEWEST_FIRST)
    matches = list(list_rows.with_what_rows_show(listed))
    access_log.record(request, Action.SEARCH, references=[match.reference for match in matches])
    if len(exact) == 1:
        return redirect("admin:consultations_consultationrequest_change", exact[0])
    context = {
        "typed": words,
        "rows": list_rows.rows(matches),
        "are_similar": not found,
        "is_capped": len(found) > search.MOST_FOUND,
    }
    return keep_for_back(admin.site.page(request, "admin/consultations/found.html", "Search results", **context))


@permission_required("consultations.change_consultationrequest", raise_exception=True)
@require_http_methods(["GET", "HEAD", "POST"])
def start(request: HttpRequest) -> HttpResponse:
    """Assign the first open request that no colleague works on to the user, and open it."""
    if request.method != "POST":
        return redirect("admin:index")
    first = queues.first_to_start(request.user)
    while first and queues.is_free(first) and not claimed(request, first):
        first = queues.first_to_start(request.user)  # a colleague claimed it at the same moment
    if first is None:
        messages.info(request, "All caught up: there are no open requests.")
        return redirect("admin:index")
    return redirect("admin:consultations_consultationrequest_change", first.pk)


@permission_required("consultations.resend_notification", raise_exception=True)
@require_POST
def send_again(request: HttpRequest, mail_id: UUID) -> HttpResponse:
    mail = Notification.objects.select_related("consultation").filter(pk=mail_id).first()
    if mail is None or not mail.send_again():
        messages.warning(request, "There is nothing to send: the email was sent, or the request was erased.")
        return _back_from_email(request, mail)
    _record_email_action(request, Action.SEND_AGAIN, mail, "Sent again")
    messages.success(request, "We'll try to send it within a minute.")
    return _back_from_email(request, mail)


@permission_required("consultations.resend_notification", raise_exception=True)
@require_POST
def dismiss_email(request: HttpRequest, mail_id: UUID) -> HttpResponse:
    """Stop listing a failed email as failed."""
    mail = Notification.objects.select_related("consultation").filter(pk=mail_id).first()
    if mail is None or not mail.dismiss():
        messages.info(request, "This email is no longer listed as failed.")
        return _back_from_email(request, mail)
    _record_email_action(request, Action.DISMISS, mail, "Dismissed the failed email")
    messages.success(request, "Dismissed.")
    return _back_from_email(request, mail)


@permission_required("consultations.resend_notification", raise_exception=True)
@require_POST
def dismiss_all(request: HttpRequest, mail_id: UUID) -> HttpResponse:
    """Dismiss this failed email and all others to the same address that Today warns of, with an entry for each."""
    mail = get_object_or_404(Notification, pk=mail_id)
    alike = queues.failed_mails().filter(recipient=mail.recipient).exclude(recipient="").select_related("consultation")
    with transaction.atomic():
        dismissed = [each for each in alike if each.dismiss()]
        for each in dismissed:
            _record_email_action(request, Action.DISMISS, each, "Dismissed the failed email")
    messages.success(request, f"Dismissed: {len(dismissed)}.")
    return redirect("admin:index")


def _record_email_action(request: HttpRequest, action: AccessLogEntry.Action, mail: Notification, done: str) -> None:
    # The access log outlives a request's words, so it must not say that they were urgent.
    detail = "" if mail.kind == Notification.Kind.URGENT else mail.get_kind_display()
    access_log.record(request, action, mail.consultation, detail=detail)
    if mail.consultation and not mail.consultation.erased_at:
        actions.write_down(mail.consultation, request.user, f"{done}: {mail.get_kind_display().lower()}.")


def _back_from_email(request: HttpRequest, mail: Notification | None) -> HttpResponse:
    """Redirect to the email's request, or to Today if it has none or the button was pressed there."""
    if request.POST.get("back") == "today" or mail is None or mail.consultation is None:
        return redirect("admin:index")
    return redirect("admin:consultations_consultationrequest_change", mail.consultation.pk)


@permission_required("consultations.view_consultationrequest", raise_exception=True)
@require_safe
def guide(request: HttpRequest) -> HttpResponse:
    """Show the staff guide. It names buttons, queues and pages as they are, which tests/front_desk/test_guide.py checks."""
    return admin.site.page(request, "admin/consultations/guide.html", "How to work the desk")


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
            actions.write_down(consultation, request.user, "Erased on the patient's request.")
            access_log.record(request, Action.ERASE, consultation)
    return redirect("admin:consultations_consultationrequest_change", consultation.pk)
