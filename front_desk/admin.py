"""The front desk's main pages: the list of requests, the page of one request, and the access log."""

from typing import Any

from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.urls import URLPattern, path
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.html import format_html

from consultations.models import AccessLogEntry, ConsultationRequest
from front_desk import (
    access_log,
    accounts_admin,  # noqa: F401  to register the pages of accounts
    call_sheet,
    contact_details,
    month,
    phone_requests,
    queues,
    request_page,
    views,
)
from front_desk.desk_admin import DeskAdmin, is_key, is_moment, is_moment_or_empty
from front_desk.export import export_view
from front_desk.request_list import CappedPaginator, DateFilter, QueueFilter, RequestList, chosen_queue

Action = AccessLogEntry.Action
FEW_REFERENCES = 5  # the access log folds longer lists


@admin.register(ConsultationRequest)
class ConsultationRequestAdmin(DeskAdmin):
    """Pages where staff read and work on requests. Staff cannot edit what a patient wrote, or delete a request."""

    list_filter = [QueueFilter, DateFilter]
    # QueueFilter takes an unknown name for Open.
    named_lookups = {"queue": lambda value: True, "from": is_moment_or_empty, "to": is_moment_or_empty}
    list_per_page = 50
    list_max_show_all = 0
    paginator = CappedPaginator
    show_full_result_count = False
    show_facets = admin.ShowFacets.NEVER
    sortable_by = ()
    actions = None

    # --- The list

    def get_changelist(self, request: HttpRequest, **kwargs: Any) -> type[RequestList]:
        return RequestList

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        queue = chosen_queue(request)
        title = "Requests" if queue == "open" else f"Requests: {queues.QUEUES[queue]}"
        response = super().changelist_view(request, {"title": title} | (extra_context or {}))
        if isinstance(response, TemplateResponse) and "cl" in response.context_data:
            shown = [consultation.reference for consultation in response.context_data["cl"].result_list]
            access_log.record(request, Action.LIST, references=shown)
        return response

    # --- One request

    def get_urls(self) -> list[URLPattern]:
        def page(view: Any) -> Any:
            return self.admin_site.admin_view(view)

        return [
            path("find/", page(views.find), name="consultations_consultationrequest_find"),
            path("start/", page(views.start), name="consultations_consultationrequest_start"),
            path("export/", page(export_view), name="consultations_consultationrequest_export"),
            path("call-sheet/", page(call_sheet.show), name="consultations_consultationrequest_call_sheet"),
            path("month/", page(month.show), name="consultations_consultationrequest_month"),
            path(
                "send-again/<uuid:mail_id>/",
                page(views.send_again),
                name="consultations_consultationrequest_send_again",
            ),
            path(
                "dismiss-email/<uuid:mail_id>/",
                page(views.dismiss_email),
                name="consultations_consultationrequest_dismiss_email",
            ),
            path(
                "dismiss-all/<uuid:mail_id>/",
                page(views.dismiss_all),
                name="consultations_consultationrequest_dismiss_all",
            ),
            path("guide/", page(views.guide), name="consultations_consultationrequest_guide"),
            path("<int:pk>/contact/", page(self.contact_view), name="consultations_consultationrequest_contact"),
            path("<int:pk>/erase/", page(views.erase), name="consultations_consultationrequest_erase"),
            *super().get_urls(),
        ]

    def add_view(
        self, request: HttpRequest, form_url: str = "", extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """Show and save the form for a request taken by phone."""
        if not self.has_add_permission(request):
            raise PermissionDenied
        return phone_requests.log_request(request)

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """Show one request's page, and save its form."""
        consultation = self._existing(request, object_id)
        if request.method != "POST":
            return request_page.show(request, consultation)
        if not self.has_change_permission(request, consultation):
            raise PermissionDenied
        return request_page.save(request, consultation)

    def contact_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Show and save the form that corrects the contact details of a request."""
        consultation = self._existing(request, str(pk))
        if not self.has_change_permission(request, consultation):
            raise PermissionDenied
        return contact_details.correct(request, consultation)

    def _existing(self, request: HttpRequest, object_id: str) -> ConsultationRequest:
        consultation = self.get_object(request, object_id)
        if consultation is None:
            raise Http404("no such request")
        if not self.has_view_permission(request, consultation):
            raise PermissionDenied
        return consultation

    def has_delete_permission(self, request: HttpRequest, obj: ConsultationRequest | None = None) -> bool:
        return False


@admin.register(AccessLogEntry)
class AccessLogAdmin(DeskAdmin):
    """Read-only page of the access log, for managers."""

    list_display = ["moment", "user", "action", "about", "detail", "address"]
    list_filter = ["action", "at", "user"]
    empty_value_display = ""
    named_lookups = {
        "action__exact": Action.values.__contains__,
        "at__gte": is_moment,
        "at__lt": is_moment,
        "user__id__exact": is_key,
    }
    show_facets = admin.ShowFacets.NEVER
    list_select_related = ["user"]
    list_display_links = None
    list_per_page = 50
    list_max_show_all = 0
    paginator = CappedPaginator
    show_full_result_count = False
    sortable_by = ()
    actions = None

    @admin.display(description="at")
    def moment(self, entry: AccessLogEntry) -> str:
        return date_format(timezone.localtime(entry.at), "M j, Y, g:i a")

    @admin.display(description="requests")
    def about(self, entry: AccessLogEntry) -> str:
        references = entry.references.split()
        if len(references) <= FEW_REFERENCES:
            return entry.references
        return format_html("<details><summary>{} requests</summary>{}</details>", len(references), entry.references)

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        return super().changelist_view(request, {"title": "Access log"} | (extra_context or {}))

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: AccessLogEntry | None = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: AccessLogEntry | None = None) -> bool:
        return False
