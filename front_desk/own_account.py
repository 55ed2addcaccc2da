"""The page where staff see their own account, enter their first name, and find their password and authenticator."""

from typing import Any

from django import forms
from django.contrib import admin, messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_http_methods

from consultations.models import AccessLogEntry
from front_desk.access_log import record
from front_desk.accounts import FIRST_NAME_HINT, clean_first_name, group_names


class OwnAccountForm(forms.Form):
    use_required_attribute = False

    first_name = forms.CharField(
        label="First name", required=False, help_text=FIRST_NAME_HINT, widget=forms.TextInput(attrs={"dir": "auto"})
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, label_suffix="", **kwargs)

    def clean_first_name(self) -> str:
        return clean_first_name(self.cleaned_data["first_name"])


@require_http_methods(["GET", "HEAD", "POST"])
def own_account(request: HttpRequest) -> HttpResponse:
    """Show the user's account, or save their first name."""
    user = request.user
    if request.method != "POST":
        return _show(request, OwnAccountForm(initial={"first_name": user.first_name}))
    form = OwnAccountForm(request.POST)
    if not form.is_valid():
        return _show(request, form, status=422)
    if form.cleaned_data["first_name"] == user.first_name:
        messages.info(request, "Nothing was changed.")
        return redirect("admin:own_account")
    user.first_name = form.cleaned_data["first_name"]
    user.save(update_fields=["first_name"])
    detail = f"{user.get_username()}: changed their own first name"[:200]
    record(request, AccessLogEntry.Action.ACCOUNT, detail=detail)
    messages.success(request, "Saved. What to say on a request now has this name.")
    return redirect("admin:own_account")


def _show(request: HttpRequest, form: OwnAccountForm, status: int = 200) -> HttpResponse:
    context = {"form": form, "role": group_names(request.user.groups.all())}
    return admin.site.page(request, "admin/own_account.html", "Your account", status=status, **context)
