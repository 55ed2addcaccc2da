"""The pages where managers create, change and deactivate staff accounts."""

from typing import Any

from django import forms
from django.contrib import admin, messages
from django.contrib.auth import admin as auth_admin
from django.contrib.auth.decorators import permission_required
from django.contrib.auth.models import User
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import URLPattern, path
from django.utils import timezone
from django.utils.decorators import method_decorator
from django.utils.formats import date_format
from django.views.decorators.http import require_http_methods, require_POST
from django_otp.plugins.otp_static import admin as static_admin
from django_otp.plugins.otp_totp import admin as totp_admin

from consultations.models import AccessLogEntry
from front_desk import actions, lockout, second_factor
from front_desk.access_log import record
from front_desk.accounts import FIRST_NAME_HINT, group_names, groups_to_give, may_manage, new_password
from front_desk.accounts_forms import CONFIRM_LABEL, NOT_CONFIRMED, AccountForm, OneRole, Roles, open_requests
from front_desk.desk_admin import DeskAdmin

# The imports above registered these models. Secrets get no page, and only migrations change groups.
admin.site.unregister([User, auth_admin.Group, totp_admin.TOTPDevice, static_admin.StaticDevice])


USERNAME = "Leave out spaces. Use letters, digits and . - _"
TOO_LONG = {"max_length": "Use 150 characters or fewer."}
# The hint of each field, and its errors in our own words.
FIELDS = {
    "username": {
        "help_text": f"{USERNAME}, such as dana. It can't be changed later.",
        "error_messages": TOO_LONG | {"required": "Enter a username.", "invalid": USERNAME},
    },
    "first_name": {"help_text": FIRST_NAME_HINT.replace("you call yourself", "they call themselves")},
    "last_name": {"error_messages": TOO_LONG},
    "is_active": {"help_text": "Switch it off when someone leaves. They are signed out at once."},
}


@admin.register(User)
class AccountAdmin(DeskAdmin):
    """Pages for staff accounts. Managers can change only accounts whose permissions they also have."""

    form = AccountForm
    list_display = ["username", "full_name", "groups_held", "state", "last_sign_in"]
    list_filter = ["is_active"]
    named_lookups = {"is_active__exact": ("0", "1").__contains__}
    ordering = ["username"]
    fields = ["username", "first_name", "last_name", "groups", "is_active"]
    actions = None
    show_facets = admin.ShowFacets.NEVER
    sortable_by = ()

    def get_queryset(self, request: HttpRequest) -> Any:
        return super().get_queryset(request).prefetch_related("groups", "totpdevice_set")

    @admin.display(description="name")
    def full_name(self, account: User) -> str:
        return account.get_full_name() or "No name yet"

    @admin.display(description="role")
    def groups_held(self, account: User) -> str:
        return group_names(account.groups.all())

    @admin.display(description="state")
    def state(self, account: User) -> str:
        if not account.is_active:
            return "Switched off"
        enrolled = any(device.confirmed for device in account.totpdevice_set.all())
        return "Active" if enrolled else "No authenticator yet"

    @admin.display(description="last sign-in")
    def last_sign_in(self, account: User) -> str:
        if account.last_login is None:
            return "Never signed in"
        return date_format(timezone.localtime(account.last_login), "M j, Y, g:i a")

    def get_urls(self) -> list[URLPattern]:
        page = self.admin_site.admin_view
        return [
            path("<int:pk>/begin-again/", page(self.reset_second_factor), name="auth_user_reset_second_factor"),
            path("<int:pk>/unlock/", page(self.unlock), name="auth_user_unlock"),
            *super().get_urls(),
        ]

    def has_change_permission(self, request: HttpRequest, obj: User | None = None) -> bool:
        return super().has_change_permission(request, obj) and (obj is None or may_manage(request.user, obj))

    def has_delete_permission(self, request: HttpRequest, obj: User | None = None) -> bool:
        return False  # the access log refers to accounts, so they are only deactivated

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        return super().changelist_view(request, {"title": "Staff accounts"} | (extra_context or {}))

    def changeform_view(
        self,
        request: HttpRequest,
        object_id: str | None = None,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        context = {"title": "Staff account" if object_id else "New staff account"}
        if account := self.get_object(request, object_id) if object_id else None:
            context["locked_until"] = lockout.locked_until(account.get_username())
        return super().changeform_view(request, object_id, form_url, context | (extra_context or {}))

    def get_fields(self, request: HttpRequest, obj: User | None = None) -> list[str]:
        if obj is None:
            return [*(name for name in self.fields if name != "is_active"), "own_secret"]
        return [*self.fields, "hand_over_to"] if obj != request.user and open_requests(obj) else self.fields

    def get_form(self, request: HttpRequest, obj: User | None = None, change: bool = False, **kwargs: Any) -> type:
        form = super().get_form(request, obj, change, **kwargs)
        form.request = request  # a class of this HTTP request's own
        return form

    def get_readonly_fields(self, request: HttpRequest, obj: User | None = None) -> list[str]:
        if obj is None:
            return []
        return ["username", "is_active"] if obj == request.user else ["username"]

    def formfield_for_dbfield(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> forms.Field:
        if db_field.name == "groups":
            # Build the field here, because the admin would add links for editing groups, which have no page.
            errors = {"required": "Choose a role."}
            return Roles(groups_to_give(request.user), label="Role", widget=OneRole, error_messages=errors)
        return super().formfield_for_dbfield(db_field, request, **kwargs | FIELDS.get(db_field.name, {}))

    def save_model(self, request: HttpRequest, obj: User, form: forms.ModelForm, change: bool) -> None:
        if not change:
            obj.is_staff = True
            obj.handed_password = new_password()
            obj.set_password(obj.handed_password)
        super().save_model(request, obj, form, change)
        what = f"changed {', '.join(name for name in form.changed_data if name in self.fields)}" if change else "made"
        record(request, AccessLogEntry.Action.ACCOUNT, detail=f"{obj.get_username()}: {what}"[:200])
        if change and form.switched_off:
            self._hand_over(request, obj, form.successor)

    def _hand_over(self, request: HttpRequest, account: User, successor: User | None) -> None:
        """Hand the open requests of an account over, and log it. Nothing happens if it has none."""
        if references := actions.hand_over(account, successor, request.user):
            detail = f"handed over from {account} to {successor or 'nobody'}"[:200]
            record(request, AccessLogEntry.Action.CHANGE, references=references, detail=detail)
            plural = "" if len(references) == 1 else "s"
            now = f"assigned to {successor}" if successor else "unassigned"
            messages.success(request, f"Handed over {len(references)} open request{plural}, now {now}.")

    def response_add(self, request: HttpRequest, obj: User, post_url_continue: str | None = None) -> HttpResponse:
        return self._show_credentials(request, obj, obj.handed_password, second_factor.reset_second_factor(obj))

    def response_change(self, request: HttpRequest, obj: User) -> HttpResponse:
        messages.success(request, f"Saved. You changed the account of {obj}.")
        return self.response_post_save_change(request, obj)

    @method_decorator(permission_required("auth.change_user", raise_exception=True))
    @method_decorator(require_http_methods(["GET", "HEAD", "POST"]))
    def reset_second_factor(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Ask for confirmation, then reset the account's second factor, and its password if requested."""
        account = get_object_or_404(User, pk=pk)
        if not may_manage(request.user, account):
            raise PermissionDenied
        # Re-prompt, so an unattended session cannot take over an account.
        if request.method != "POST" or not lockout.confirms_identity(request, request.POST.get("own_secret", "")):
            title, error = f"Reset sign-in for {account}", request.method == "POST"
            context = {"account": account, "error": NOT_CONFIRMED if error else "", "label": CONFIRM_LABEL}
            return self.admin_site.page(request, "admin/reset_second_factor.html", title, **context)
        password = ""
        if "password" in request.POST:
            password = new_password()
            account.set_password(password)
            account.save(update_fields=["password"])
        code = second_factor.reset_second_factor(account)
        lockout.unlock(account)
        what = f"reset two-step sign-in{' and the password' if password else ''}"
        record(request, AccessLogEntry.Action.ACCOUNT, detail=f"{account.get_username()}: {what}"[:200])
        return self._show_credentials(request, account, password, code)

    @method_decorator(permission_required("auth.change_user", raise_exception=True))
    @method_decorator(require_POST)
    def unlock(self, request: HttpRequest, pk: int) -> HttpResponse:
        """End the account's lockouts."""
        account = get_object_or_404(User, pk=pk)
        if not may_manage(request.user, account):
            raise PermissionDenied
        lockout.unlock(account)
        record(request, AccessLogEntry.Action.ACCOUNT, detail=f"{account.get_username()}: unlocked"[:200])
        messages.success(request, f"Unlocked: {account} can try to sign in again.")
        return redirect("admin:auth_user_change", account.pk)

    def _show_credentials(self, request: HttpRequest, account: User, password: str, code: str) -> HttpResponse:
        """Show the manager the new credentials. No other page shows them."""
        context = {"account": account, "password": password, "code": code}
        return self.admin_site.page(
            request, "admin/show_credentials.html", f"One-time sign-in details for {account}", **context
        )
