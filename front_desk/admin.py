"""The front desk's main pages: the list of requests, the page of one request, and the access log."""

from typing import Any

from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path
from django.utils.html import format_html

from consultations.models import AccessLogEntry, ConsultationRequest
from front_desk import (
    access_log,
    accounts_admin,  # noqa: F401  to register the pages of accounts
    contact_details,
    labels,
    phone_requests,
    queues,
    request_page,
    views,
)
from front_desk.export import export_view

Action = AccessLogEntry.Action


class QueueFilter(admin.SimpleListFilter):
    """List filter that shows the queues as tabs above the list. The default is Open, or All for search results."""

    title = "queue"
    template = "admin/queue_filter.html"
    parameter_name = "queue"

    def lookups(self, request: HttpRequest, model_admin: admin.ModelAdmin) -> list[tuple[str, str]]:
        sizes = queues.queue_sizes(request.user)
        return [(name, f"{label} ({sizes[name]})") for name, label in queues.QUEUES.items()]

    def value(self) -> str:
        # Search results can be in any queue.
        default = "all" if "reference__in" in self.request.GET else "open"
        chosen = self.used_parameters.get(self.parameter_name, default)
        return chosen if chosen in queues.QUEUES else default

    def choices(self, changelist: Any) -> Any:
        for name, label in self.lookup_choices:
            link = changelist.get_query_string({self.parameter_name: name}, remove=["reference__in", "p"])
            yield {"selected": self.value() == name, "query_string": link, "display": label}

    def queryset(self, request: HttpRequest, queryset: QuerySet) -> QuerySet:
        return queryset.filter(queues.queue(self.value(), request.user)).order_by(*queues.order_of(self.value()))


@admin.register(ConsultationRequest)
class ConsultationRequestAdmin(admin.ModelAdmin):
    """Pages where staff read and work on requests. Staff cannot edit what a patient wrote, or delete a request."""

    list_display = ["name_and_state", "received", "reach", "looked_after_by", "mail"]
    list_filter = [QueueFilter, "created_at"]
    list_select_related = ["assigned_to"]
    list_per_page = views.MOST_FOUND
    list_max_show_all = 0
    show_full_result_count = False
    show_facets = admin.ShowFacets.NEVER
    sortable_by = ()
    actions = None

    # --- The list

    def get_queryset(self, request: HttpRequest) -> QuerySet:
        return super().get_queryset(request).prefetch_related("notifications")

    @admin.display(description="Request")
    def name_and_state(self, consultation: ConsultationRequest) -> str:
        return format_html(
            '{} <span class="badge badge--{}">{}</span>',
            consultation.reference,
            *labels.badge(consultation),
        )

    @admin.display(description="Received")
    def received(self, consultation: ConsultationRequest) -> str:
        waited = format_html(
            '<time datetime="{}">{} ago</time>',
            consultation.created_at.isoformat(),
            labels.ago(consultation.created_at),
        )
        if consultation.is_overdue:
            return format_html('{} <span class="badge badge--overdue">Overdue</span>', waited)
        if consultation.follow_up_on and consultation.status not in ConsultationRequest.ENDED:
            return format_html(
                '{}<span class="second-line">follow up {}</span>', waited, labels.day(consultation.follow_up_on)
            )
        return waited

    @admin.display(description="How and when to reach")
    def reach(self, consultation: ConsultationRequest) -> str:
        best = (
            "" if consultation.best_time == ConsultationRequest.BestTime.ANY else consultation.get_best_time_display()
        )
        return format_html(
            '{}<span class="second-line">{}</span>', consultation.get_contact_by_display(), best.lower() or "any time"
        )

    @admin.display(description="Looked after by", empty_value="nobody yet")
    def looked_after_by(self, consultation: ConsultationRequest) -> str | None:
        return str(consultation.assigned_to) if consultation.assigned_to else None

    @admin.display(description="Mail")
    def mail(self, consultation: ConsultationRequest) -> str:
        return format_html('<span class="badge badge--{}">{}</span>', *labels.mail_state(consultation))

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        response = super().changelist_view(request, {"title": "Requests"} | (extra_context or {}))
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
            path("export/", page(export_view), name="consultations_consultationrequest_export"),
            path(
                "send-again/<uuid:mail_id>/",
                page(views.send_again),
                name="consultations_consultationrequest_send_again",
            ),
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

    def history_view(
        self, request: HttpRequest, object_id: str, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """Redirect to the request's page, which shows its history."""
        return redirect("admin:consultations_consultationrequest_change", object_id)

    def has_delete_permission(self, request: HttpRequest, obj: ConsultationRequest | None = None) -> bool:
        return False


@admin.register(AccessLogEntry)
class AccessLogAdmin(admin.ModelAdmin):
    """Read-only page of the access log, for managers."""

    list_display = ["at", "user", "action", "about", "detail", "address"]
    list_filter = ["action", "at", "user"]
    show_facets = admin.ShowFacets.NEVER
    list_select_related = ["user"]
    list_display_links = None
    list_per_page = 50
    list_max_show_all = 0
    show_full_result_count = False
    sortable_by = ()
    actions = None

    @admin.display(description="requests")
    def about(self, entry: AccessLogEntry) -> str:
        return entry.references

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        return super().changelist_view(request, {"title": "Access log"} | (extra_context or {}))

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: AccessLogEntry | None = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: AccessLogEntry | None = None) -> bool:
        return False
