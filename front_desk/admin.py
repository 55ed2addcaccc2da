"""The front desk's main pages: the list of requests, the page of one request, and the access log."""

from typing import Any
from uuid import uuid4

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path

from consultations.models import AccessLogEntry, ConsultationRequest
from consultations.statuses import Status
from front_desk import access_log, accounts_admin, actions, labels, queues, views  # noqa: F401  to register accounts
from front_desk.export import export_view
from front_desk.forms import PhonedInForm, WorkForm
from front_desk.history import history
from front_desk.request_list import CappedPaginator, DateFilter, QueueFilter, RequestList

Action = AccessLogEntry.Action


@admin.register(ConsultationRequest)
class ConsultationRequestAdmin(admin.ModelAdmin):
    """Pages where staff read and work on requests. Staff cannot edit what a patient wrote, or delete a request."""

    list_filter = [QueueFilter, DateFilter]
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
            path("start/", page(views.start), name="consultations_consultationrequest_start"),
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
            "phone_uri": labels.phone_uri(str(consultation.phone or "")),
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
    paginator = CappedPaginator
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
