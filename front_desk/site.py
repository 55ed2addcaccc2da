"""The staff site: Django's admin behind a password, a second factor and session limits."""

import time
from collections.abc import Callable
from functools import partial, update_wrapper
from typing import Any

from django import forms
from django.contrib import admin, messages
from django.contrib.admin.forms import AdminAuthenticationForm
from django.contrib.auth.signals import user_login_failed
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, URLResolver, path, reverse
from django_otp.admin import OTPAdminSite
from django_otp.middleware import is_verified

from consultations.views import csrf_failure as answer_csrf_failure
from consultations.views import is_our_stale_form
from front_desk import answers_admin, clinic_admin, clinic_prices, people_admin, unsaved_form
from front_desk.authenticator_setup import own_second_factor
from front_desk.dashboard import at_a_glance, refreshing
from front_desk.queues import failed_mails
from front_desk.second_factor import verified_device
from pages.build import seconds_behind

LONGEST_SIGN_IN = 10 * 60 * 60  # seconds; even if the session is never idle
SIGNED_IN_AT = "signed_in_at"
PAGES_LATE_AFTER = 20  # seconds; a rebuild takes a few


class SignInForm(AdminAuthenticationForm):
    """Sign-in form for username, password and code in one step. The error message does not say which is wrong."""

    code = forms.CharField(
        label="Code",
        max_length=20,
        widget=forms.TextInput(attrs={"autocomplete": "one-time-code", "spellcheck": "false"}),
        help_text="Six digits from your authenticator, or one of your recovery codes",
    )
    error_messages = AdminAuthenticationForm.error_messages | {
        "invalid_login": "This name, password and code do not open the staff pages. A code works only once: "
        "wait for the next one.",
    }

    def clean(self) -> dict[str, Any]:
        super().clean()
        user = self.get_user()
        if user is None:
            return self.cleaned_data
        user.otp_device = verified_device(user, self.cleaned_data.get("code", ""))
        if user.otp_device is None:
            # Count a wrong code toward the lockout, like a wrong password.
            user_login_failed.send(__name__, credentials={"username": user.get_username()}, request=self.request)
            raise self.get_invalid_login_error()
        return self.cleaned_data


class StaffSite(OTPAdminSite):
    site_header = "The Albany Clinic"
    site_title = "The Albany Clinic front desk"
    index_title = "Today"
    login_form = SignInForm
    login_template = "admin/login.html"

    def __init__(self, name: str = "admin") -> None:
        super().__init__(name)

    def has_permission(self, request: HttpRequest) -> bool:
        """Return whether the session passed the second factor and is younger than LONGEST_SIGN_IN."""
        age = time.time() - request.session.get(SIGNED_IN_AT, 0)
        return super().has_permission(request) and age < LONGEST_SIGN_IN

    def each_context(self, request: HttpRequest) -> dict[str, Any]:
        """Return the context of every staff page, with the data for its banners about failed emails and late pages."""
        context = super().each_context(request)
        may_see = context["has_permission"] and request.user.has_perm("consultations.view_consultationrequest")
        return context | {
            "failed_mail_count": failed_mails().count() if may_see else 0,
            "pages_are_behind": context["has_permission"] and seconds_behind() > PAGES_LATE_AFTER,
        }

    def page(
        self, request: HttpRequest, template: str, title: str, status: int = 200, **context: Any
    ) -> TemplateResponse:
        """Return a staff page, with the context that all staff pages share."""
        shared = self.each_context(request) | {"title": title}
        return TemplateResponse(request, template, shared | context, status=status)

    def get_urls(self) -> list[URLPattern | URLResolver]:
        own = path("second-factor/", self.admin_view(own_second_factor), name="second_factor")
        prices = path("clinic/prices/", self.admin_view(clinic_prices.prices), name="clinic_prices")
        answers = answers_admin.urls(self.admin_view)
        people = people_admin.urls(self.admin_view)
        return [own, prices, *answers, *people, *clinic_admin.urls(self.admin_view), *super().get_urls()]

    def index(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        may_see = request.user.has_perm("consultations.view_consultationrequest")
        today = {"today": at_a_glance(request.user) if may_see else None}
        if request.user.has_perm("clinic.change_clinic"):
            today["clinic_to_do"] = clinic_admin.to_do()
        return refreshing(request, super().index(request, today | (extra_context or {})))

    def app_index(
        self, request: HttpRequest, app_label: str, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """Redirect to Today, because staff have no use for Django's list of an app's models."""
        return redirect("admin:index")

    def admin_view(self, view: Callable, cacheable: bool = False) -> Callable:
        """Wrap a view like `AdminSite.admin_view`, but preserve the form data of a POST whose session expired."""
        guarded = super().admin_view(view, cacheable)

        def preserving(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
            if not self.has_permission(request) and (kept := unsaved_form.encrypt_form(request)):
                return self.ask_again(request, kept)
            return guarded(request, *args, **kwargs)

        return update_wrapper(preserving, guarded)

    def ask_again(self, request: HttpRequest, kept: str) -> HttpResponse:
        """Return the sign-in page. It contains `kept`, the encrypted unsaved form, which may be empty."""
        return self.page(
            request,
            self.login_template,
            "Sign in",
            status=403,
            form=SignInForm(request),
            kept=kept,
            app_path=reverse("admin:login"),
            next=reverse("admin:index"),
        )

    def login(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        kept = request.POST.get("kept", "")
        response = super().login(request, {"kept": kept} | (extra_context or {}))
        if request.method == "POST" and response.status_code == 302:
            request.session[SIGNED_IN_AT] = time.time()
            # OTPMiddleware set is_verified before the sign-in. Refresh it, because restore_form's page checks it.
            request.user.is_verified = partial(is_verified, request.user)
            return unsaved_form.restore_form(request, kept) or response
        return response

    def logout(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        """Sign out, and tell the browser to clear its cache, cookies and storage."""
        response = super().logout(request, extra_context)
        response["Clear-Site-Data"] = '"cache", "cookies", "storage"'
        return response


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    """Handle a CSRF failure without losing what was typed into one of PRESERVED_PAGES.

    Signing in or out in another tab replaces the CSRF token, so a page that was already open posts a stale token.
    """
    if not request.path.startswith(reverse("admin:index")) or not is_our_stale_form(request, reason):
        return answer_csrf_failure(request, reason)
    kept = unsaved_form.encrypt_form(request) or request.POST.get("kept", "")
    if not admin.site.has_permission(request):
        return admin.site.ask_again(request, kept)
    if restored := unsaved_form.restore_form(request, kept):
        return restored
    messages.warning(request, "That page was too old, so nothing was done. Please press it once more.")
    return redirect("admin:index")


def sign_in_name(username: str, *_: object) -> str:
    """Return how the log of django-axes names who tried to sign in. Its default includes the IP address."""
    return f"staff name {username!r}"
