"""The staff site: Django's admin behind a password, a second factor and session limits."""

import logging
import math
import time
from collections.abc import Callable
from functools import partial, update_wrapper
from typing import Any

from django.conf import settings
from django.contrib import admin, messages
from django.db import Error as DatabaseFailure
from django.http import HttpRequest, HttpResponse
from django.middleware.csrf import get_token
from django.shortcuts import redirect
from django.template.loader import render_to_string
from django.template.response import TemplateResponse
from django.urls import URLPattern, URLResolver, path, reverse
from django.utils import timezone
from django_otp.admin import OTPAdminSite
from django_otp.middleware import is_verified

from clinic import snapshot
from consultations.going_back import keep_for_back
from consultations.origins import hides_origin, is_our_form
from consultations.views import csrf_failure as answer_csrf_failure
from front_desk import (
    answers_admin,
    clinic_admin,
    clinic_prices,
    known_browser,
    lockout,
    notices_admin,
    people_admin,
    pictures_admin,
    second_factor,
    unsaved_form,
)
from front_desk.authenticator_setup import own_second_factor
from front_desk.dashboard import at_a_glance, refreshing
from front_desk.own_account import own_account
from front_desk.own_password import OwnPassword
from front_desk.queues import failed_mails
from front_desk.sign_in_form import SignInForm
from pages.build import seconds_behind

logger = logging.getLogger(__name__)

LONGEST_SIGN_IN = known_browser.LASTS  # seconds since the password was typed; even if the session is never idle
SIGNED_IN_AT = "signed_in_at"
# Pages of Django's admin that nothing here uses.
UNUSED_PAGES = ("autocomplete", "jsi18n", "view_on_site")
# What someone without an authenticator may open, besides sending a form that they have typed.
WITHOUT_AUTHENTICATOR = ("admin:second_factor", "admin:logout")
ERRORS = {
    400: ("This address can't be used", "Something in it is not what this page expects. Nothing was changed."),
    403: ("This page is not open to you", "A manager decides what an account may do. Nothing was changed."),
    404: ("There is no page at this address", "It may have been removed, or the address may contain a typing mistake."),
    405: ("This page can't be opened like that", "It only answers a button. Nothing was changed."),
    413: ("This is too much to send at once", "Nothing was saved. Go back, and shorten what you entered."),
}
# Statuses of pages that refuse a form and show it again, or keep it, encrypted, until the next sign-in.
SHOW_WHAT_WAS_TYPED = (403, 409, 422, 429, 503)
HIDDEN_ORIGIN = (
    "Your browser hides where this page comes from, so nothing was done. Turn off what hides it, such as a privacy "
    "add-on, then press the button again, or use another browser."
)
TOO_OLD = "That page was too old, so nothing was done. Please press it once more."
SIGN_IN_AGAIN = (
    "You are not signed in yet: the page was too old, or your browser blocks cookies. Sign in once more. If that "
    "changes nothing, allow cookies for this site."
)
PAGES_LATE_AFTER = 20  # seconds; a rebuild takes a few


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
        # Negative if a clock was ahead at the sign-in.
        return super().has_permission(request) and -known_browser.CLOCKS_DIFFER < age < LONGEST_SIGN_IN

    def each_context(self, request: HttpRequest) -> dict[str, Any]:
        """Return the context of every staff page, with the data for its banners about failed emails and late pages."""
        context = super().each_context(request)
        may_see = context["has_permission"] and request.user.has_perm("consultations.view_consultationrequest")
        return context | {
            "failed_mail_count": failed_mails().count() if may_see else 0,
            "author_field": unsaved_form.author_field(request.user) if context["has_permission"] else "",
            "pages_are_behind": context["has_permission"] and seconds_behind() > PAGES_LATE_AFTER,
        }

    def page(
        self, request: HttpRequest, template: str, title: str, status: int = 200, **context: Any
    ) -> TemplateResponse:
        """Return a staff page, with the context that all staff pages share."""
        shared = self.each_context(request) | {"title": title}
        page = TemplateResponse(request, template, shared | context, status=status)
        return keep_for_back(page) if request.method == "POST" and status in SHOW_WHAT_WAS_TYPED else page

    def get_urls(self) -> list[URLPattern | URLResolver]:
        own = [
            path("account/", self.admin_view(own_account), name="own_account"),
            path("second-factor/", self.admin_view(own_second_factor), name="second_factor"),
        ]
        prices = path("clinic/prices/", self.admin_view(clinic_prices.prices), name="clinic_prices")
        answers = answers_admin.urls(self.admin_view)
        people = people_admin.urls(self.admin_view)
        notices = notices_admin.urls(self.admin_view)
        pictures = pictures_admin.urls(self.admin_view)
        facts = [prices, *answers, *people, *notices, *pictures, *clinic_admin.urls(self.admin_view)]
        stock = [pattern for pattern in super().get_urls() if getattr(pattern, "name", None) not in UNUSED_PAGES]
        return [*own, *facts, *stock]

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
            try:
                return answered(request, *args, **kwargs)
            except DatabaseFailure:
                if not (kept := unsaved_form.kept_form(request)):
                    raise
                logger.exception("a form of staff could not be stored")
                return not_stored(request, kept)

        def answered(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
            if not self.has_permission(request) and (kept := unsaved_form.kept_form(request)):
                return self.ask_again(request, kept)
            if kept := unsaved_form.kept_before(request):
                return unsaved_form.restore_form(request, kept) or redirect(request.path)
            if view != self.catch_all_view and self._must_enroll(request):
                return redirect("admin:second_factor")
            return guarded(request, *args, **kwargs)

        return update_wrapper(preserving, guarded)

    def _must_enroll(self, request: HttpRequest) -> bool:
        """Return whether to lead to the set-up of the authenticator, as after the first sign-in."""
        return (
            request.method in ("GET", "HEAD")
            and self.has_permission(request)
            and request.resolver_match.view_name not in WITHOUT_AUTHENTICATOR
            and not second_factor.is_enrolled(request.user)
        )

    def ask_again(
        self, request: HttpRequest, kept: str, template: str = "admin/login.html", status: int = 403, **context: Any
    ) -> TemplateResponse:
        """Return the sign-in page. It contains `kept`, the encrypted unsaved form, which may be empty."""
        shared = {
            "form": SignInForm(request),
            "kept": kept,
            "app_path": reverse("admin:login"),
            "next": reverse("admin:index"),
        }
        return self.page(request, template, "Sign in", status=status, **shared | context)

    def login(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        kept = request.POST.get("kept", "")
        if "another" in request.POST:
            return self._forget_browser(request, kept)
        response = super().login(request, {"title": "Sign in", "kept": kept} | (extra_context or {}))
        if request.method == "POST" and response.status_code == 302:
            cookie = None if "username" in request.POST else known_browser.named(request)
            request.session[SIGNED_IN_AT] = cookie.signed_in_at if cookie else time.time()
            # OTPMiddleware set is_verified before the sign-in. Refresh it, because restore_form's page checks it.
            request.user.is_verified = partial(is_verified, request.user)
            response = unsaved_form.restore_form(request, kept) or response
            if cookie is None:
                known_browser.remember(request, response, request.session[SIGNED_IN_AT])
        return response

    def _forget_browser(self, request: HttpRequest, kept: str) -> HttpResponse:
        """Return the sign-in page for someone else than the account that the browser remembers."""
        forgotten = HttpResponse()
        known_browser.forget(request, forgotten)
        request.COOKIES.pop(settings.KNOWN_BROWSER_COOKIE_NAME, None)
        page = self.ask_again(request, kept, status=200, next=request.POST.get("next") or reverse("admin:index"))
        page.cookies.update(forgotten.cookies)
        return page

    def logout(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        """Sign out, delete our cookies, and tell the browser to clear what else it keeps of this site.

        Clear-Site-Data must not say "cookies": browsers would also delete those of other sites on the same domain.
        """
        response = super().logout(request, extra_context)
        known_browser.forget(request, response)
        if kept := request.POST.get("kept", ""):
            return self._forget_browser(request, kept)
        for name in (settings.SESSION_COOKIE_NAME, settings.CSRF_COOKIE_NAME, "messages"):
            response.delete_cookie(name, samesite="Lax")
        response["Clear-Site-Data"] = '"cache", "storage"'
        return response

    def password_change(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        context = self.each_context(request) | {"title": "Change password"} | (extra_context or {})
        return OwnPassword.as_view(extra_context=context)(request)

    def password_change_done(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        return self.page(request, "registration/password_change_done.html", "Password changed")

    def error_page(self, request: HttpRequest, status: int) -> HttpResponse | None:
        """Return an error in the desk's frame for signed-in staff, or None for anyone else and any other page."""
        if not request.path.startswith(reverse("admin:index")) or not hasattr(request, "user"):
            return None
        if not self.has_permission(request):
            return None
        title, words = ERRORS[status]
        return self.page(request, "admin/error.html", title, status=status, words=words).render()


def not_stored(request: HttpRequest, kept: str) -> HttpResponse:
    """Return a page that sends `kept`, the encrypted form, again. It needs no database and no session."""
    context = {"clinic": snapshot.current(), "kept": kept, "token": get_token(request)}
    page = HttpResponse(render_to_string("admin/not_stored.html", context), status=503, headers={"Retry-After": "60"})
    del request.session  # or SessionMiddleware would read it, for the age of its cookie
    return keep_for_back(page)


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    """Handle a CSRF failure without losing what was typed into one of PRESERVED_PAGES.

    Signing in or out in another tab replaces the CSRF token, so a page that was already open posts a stale token.
    """
    if not request.path.startswith(reverse("admin:index")) or not is_our_form(request, reason):
        return admin.site.error_page(request, 403) or answer_csrf_failure(request, reason)
    kept = unsaved_form.encrypt_form(request) or request.POST.get("kept", "")
    hidden = hides_origin(request, reason)
    if not admin.site.has_permission(request):
        if hidden or not kept:
            messages.warning(request, HIDDEN_ORIGIN if hidden else SIGN_IN_AGAIN)
        return admin.site.ask_again(request, kept)
    if restored := unsaved_form.restore_form(request, kept):
        if hidden:
            messages.warning(request, HIDDEN_ORIGIN)
        return restored
    messages.warning(request, HIDDEN_ORIGIN if hidden else TOO_OLD)
    return redirect("admin:index")


def locked_out(request: HttpRequest, response: HttpResponse, credentials: dict | None) -> HttpResponse:
    """Return the page of a lockout. It keeps the unsaved form, with fields to sign in when the lockout has ended."""
    username = lockout.username_tried(request, credentials)
    until = lockout.locked_until(username, lockout.network(request))
    seconds = (until - timezone.now()).total_seconds() if until else 0
    context = {"minutes": max(1, math.ceil(seconds / 60))}
    kept = request.POST.get("kept", "")
    page = admin.site.ask_again(request, kept, "admin/locked_out.html", status=429, **context)
    page.context_data["title"] = "Too many tries"
    return page.render()
