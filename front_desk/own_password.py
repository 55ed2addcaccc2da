"""The page where staff change their own password."""

from typing import Any

from django.contrib.admin.forms import AdminPasswordChangeForm
from django.contrib.auth.views import PasswordChangeView
from django.forms import Form
from django.http import HttpRequest, HttpResponse
from django.urls import reverse_lazy

from consultations.models import AccessLogEntry
from front_desk import known_browser, lockout
from front_desk.access_log import record
from front_desk.accounts import password_as_set

LABELS = (
    ("old_password", "Current password", "The one that you signed in with"),
    (
        "new_password1",
        "New password",
        "15 characters or more. A sentence that only you would think of is easy to remember and hard to guess.",
    ),
    ("new_password2", "New password, again", ""),
)


class OwnPasswordForm(AdminPasswordChangeForm):
    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name, label, hint in LABELS:
            self.fields[name].label, self.fields[name].help_text = label, hint

    def clean_old_password(self) -> str:
        self.cleaned_data["old_password"] = password_as_set(self.user, self.cleaned_data["old_password"])
        return super().clean_old_password()


class OwnPassword(PasswordChangeView):
    """Counts wrong guesses at the current password toward the lockout, and logs a change."""

    form_class = OwnPasswordForm
    success_url = reverse_lazy("admin:password_change_done")
    template_name = "registration/password_change_form.html"

    def post(self, request: HttpRequest, *args: object, **kwargs: object) -> HttpResponse:
        if lockout.is_locked(request, request.user):
            return HttpResponse()  # replaced by the lockout page
        return super().post(request, *args, **kwargs)

    def form_invalid(self, form: Form) -> HttpResponse:
        if form.has_error("old_password", "password_incorrect"):
            lockout.count_failure(self.request, self.request.user)
        return super().form_invalid(form)

    def form_valid(self, form: Form) -> HttpResponse:
        response = super().form_valid(form)
        username = self.request.user.get_username()
        record(self.request, AccessLogEntry.Action.ACCOUNT, detail=f"{username}: changed their own password"[:200])
        known_browser.forget(self.request, response)
        return response
