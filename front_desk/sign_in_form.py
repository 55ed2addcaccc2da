"""The sign-in form: username, password and code in one step, or the code alone on a known browser."""

from typing import Any

from django import forms
from django.contrib.admin.forms import AdminAuthenticationForm
from django.contrib.auth.models import User
from django.core.exceptions import ValidationError
from django.http import HttpRequest

from clinic import typed
from front_desk import known_browser, lockout
from front_desk.accounts import password_as_set
from front_desk.second_factor import verified_device

BACKEND = "django.contrib.auth.backends.ModelBackend"
CLOCK_HINT = "If new codes keep failing, check that your phone sets its clock automatically."
WRONG_CODE = f"This code doesn't work. A code works only once: wait for the next one. {CLOCK_HINT}"


class CodeInput(forms.TextInput):
    """Text input that is empty after an error, because the code would have to be deleted to type the next one."""

    def format_value(self, value: Any) -> None:
        return None


class SignInForm(AdminAuthenticationForm):
    """Sign-in form. The error message does not say whether the name, the password or the code is wrong.

    On a browser that someone signed in on earlier in the day, it asks for their code alone. A form that was sent with
    a username is always judged as a whole.
    """

    code = forms.CharField(
        label="Code",
        max_length=40,
        widget=CodeInput(attrs={"autocomplete": "one-time-code", "spellcheck": "false"}),
        help_text="Six digits from your authenticator, or one of your recovery codes",
    )
    error_messages = AdminAuthenticationForm.error_messages | {
        "invalid_login": "That username, password or code isn't right. A code works only once: "
        f"wait for the next one. {CLOCK_HINT}",
    }

    def __init__(self, request: HttpRequest, *args: Any, **kwargs: Any) -> None:
        super().__init__(request, *args, **kwargs)
        self.known = None if "username" in self.data else known_browser.account(request)
        if self.known:
            del self.fields["username"], self.fields["password"]
            self.fields["code"].widget.attrs["autofocus"] = True

    def clean_username(self) -> str:
        return typed.visible(self.cleaned_data["username"])

    def clean(self) -> dict[str, Any]:
        return self._clean_code() if self.known else self._clean_all()

    def _clean_code(self) -> dict[str, Any]:
        code = self.cleaned_data.get("code", "")
        error = ValidationError(WRONG_CODE, code="invalid_login")
        if not code or lockout.is_locked(self.request, self.known):
            raise error
        self._verify(self.known, code, error)
        self.known.backend = BACKEND
        self.user_cache = self.known
        return self.cleaned_data

    def _clean_all(self) -> dict[str, Any]:
        if password := self.cleaned_data.get("password"):
            account = User.objects.filter(username=self.cleaned_data.get("username", "")).first()
            self.cleaned_data["password"] = password_as_set(account, password)
        super().clean()
        if user := self.get_user():
            self._verify(user, self.cleaned_data.get("code", ""), self.get_invalid_login_error())
        return self.cleaned_data

    def _verify(self, user: User, code: str, error: ValidationError) -> None:
        """Set the user's device. Count a wrong code toward the lockout, like a wrong password."""
        user.otp_device = verified_device(user, code)
        if user.otp_device is None:
            lockout.count_failure(self.request, user)
            raise error
