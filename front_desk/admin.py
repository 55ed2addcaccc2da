"""The front desk's main pages: the list of requests, the page of one request, and the access log."""

from typing import Any
from uuid import uuid4

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path
from django.utils.html import format_html

from clinic import typed
from consultations.models import AccessLogEntry, ConsultationRequest
from consultations.statuses import Status
from front_desk import access_log, accounts_admin, actions, labels, queues, views  # noqa: F401  to register accounts
from front_desk.export import export_view
from front_desk.forms import PhonedInForm, WorkForm
from front_desk.history import history

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
            path("<int:pk>/erase/", page(views.erase), name="consultations_consultationrequest_erase"),
            *super().get_urls(),
        ]

    def add_view(
        self, request: HttpRequest, form_url: str = "", extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """Show and save the form for a request taken by phone."""
        if not self.has_add_permission(request):
            raise PermissionDenied
        form = PhonedInForm(request.POST or None, initial={"submission_key": uuid4()})
        if form.is_valid():
            consultation = form.save()
            actions.write_down(consultation, request.user, "Wrote down the call.")
            access_log.record(request, Action.ADD, consultation)
            return redirect("admin:consultations_consultationrequest_change", consultation.pk)
        status = 422 if form.is_bound else 200
        return self.admin_site.page(
            request, "admin/consultations/phoned_in.html", "Write down a call", status, form=form
        )

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        consultation = self.get_object(request, object_id)
        if consultation is None:
            raise Http404("no such request")
        if not self.has_view_permission(request, consultation):
            raise PermissionDenied
        if request.method != "POST":
            access_log.record(request, Action.VIEW, consultation)
            return self._page(request, consultation, WorkForm(consultation=consultation))
        if not self.has_change_permission(request, consultation):
            raise PermissionDenied
        return self._work(request, consultation)

    def _work(self, request: HttpRequest, consultation: ConsultationRequest) -> HttpResponse:
        """Save the work form. If that fails, show the page again with the note still in its field."""
        form = WorkForm(request.POST, consultation=consultation)
        if not form.is_valid():
            return self._page(request, consultation, form, status=422)
        try:
            actions.work_on(consultation, request.user, form.cleaned_data["version"], form.work())
        except actions.MoveNotAllowed as error:
            form.add_error("move", str(error))
            return self._page(request, consultation, form, status=422)
        except actions.EditConflict as error:
            consultation.refresh_from_db()
            fresh = WorkForm(consultation=consultation, initial={"note": form.cleaned_data["note"]})
            return self._page(request, consultation, fresh, status=409, meanwhile=error.notes, conflict=True)
        access_log.record(request, Action.CHANGE, consultation)
        messages.success(request, "Saved.")
        return redirect("admin:consultations_consultationrequest_change", consultation.pk)

    def _page(
        self, request: HttpRequest, consultation: ConsultationRequest, form: WorkForm, status: int = 200, **context: Any
    ) -> HttpResponse:
        place = queues.position("open", consultation)
        before = queues.neighbor("open", request.user, place, before=True)
        after = queues.neighbor("open", request.user, place)
        context |= {
            "consultation": consultation,
            "badge": labels.badge(consultation),
            "form": form,
            "moves": [move for move in consultation.moves if move != Status.CLOSED],
            "close": Status.CLOSED if Status.CLOSED in consultation.moves else None,
            "facts": labels.facts(consultation),
            "full_name": labels.full_name(consultation),
            "call_uri": labels.phone_uri(str(consultation.phone or "")),
            "text_uri": labels.phone_uri(str(consultation.phone or ""), "sms"),
            "email_uri": typed.email_uri(str(consultation.email or "")),
            "before": before,
            "after": after,
            "asked_before": queues.same_contact(consultation),
            "history": history(consultation),
            "views": consultation.access_log_entries.filter(action=Action.VIEW).select_related("user"),
            "unsent": consultation.notifications.filter(sent_at=None),
            "may_change": self.has_change_permission(request, consultation),
        }
        return self.admin_site.page(
            request, "admin/consultations/request.html", consultation.reference, status, **context
        )

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
