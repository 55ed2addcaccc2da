"""The form for a staff account."""

from typing import Any

from django import forms
from django.contrib.auth.models import User
from django.http import HttpRequest

from consultations.models import ConsultationRequest
from front_desk import actions, lockout
from front_desk.accounts import account_like, clean_first_name, is_manager, remains_managed_without
from front_desk.desk_admin import is_key

CONFIRM_LABEL = "Your own password, or the code your authenticator shows now"
NOT_CONFIRMED = "That is neither your password nor your current code. Nothing was changed."


class OneRole(forms.RadioSelect):
    """Radio buttons that send their value as a list, as the account's groups need it."""

    value_from_datadict = forms.SelectMultiple.value_from_datadict


class Roles(forms.ModelMultipleChoiceField):
    """The account's roles. A key that no database could hold is unknown, where SQLite would fail."""

    def clean(self, value: Any) -> Any:
        for key in value or ():
            if not is_key(str(key)):
                raise forms.ValidationError(self.error_messages["invalid_pk_value"], params={"pk": key})
        return super().clean(value)


class AccountForm(forms.ModelForm):
    """The account, and who takes over its open requests if it is switched off.

    Adding one asks for the manager's own password or code. `request` is the manager's HTTP request.
    """

    NOBODY = "nobody"
    request: HttpRequest

    hand_over_to = forms.ChoiceField(label="If you switch it off: who takes over its open requests?", required=False)

    own_secret = forms.CharField(
        label=CONFIRM_LABEL,
        widget=forms.PasswordInput(attrs={"autocomplete": "current-password"}),
        error_messages={"required": "Enter your own password or code"},
        strip=False,
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if self.instance.pk:
            del self.fields["own_secret"]
            if self.instance.groups.count() > 1:
                # Radio buttons would silently drop all roles but one.
                roles = self.fields["groups"]
                roles.widget = forms.CheckboxSelectMultiple(choices=roles.choices)
        count = open_requests(self.instance)
        if not count:
            del self.fields["hand_over_to"]
            return
        colleagues = User.objects.filter(is_active=True, is_staff=True).exclude(pk=self.instance.pk)
        self.fields["hand_over_to"].help_text = f"{count} open request{'' if count == 1 else 's'} now"
        self.fields["hand_over_to"].choices = [
            ("", "Choose a colleague, or nobody"),
            (self.NOBODY, "Nobody: leave them unassigned"),
            *((str(account.pk), str(account)) for account in colleagues.order_by("username")),
        ]

    def clean_username(self) -> str:
        name = User.normalize_username(self.cleaned_data["username"])
        if taken := account_like(name):
            raise forms.ValidationError(f"There is already an account named {taken}. Choose another name.")
        return name

    def clean_first_name(self) -> str:
        return clean_first_name(self.cleaned_data["first_name"])

    def clean(self) -> dict[str, Any]:
        data = super().clean()
        # Last, because a code works only once: another error must not use it up.
        if "own_secret" in data and not self.errors and not lockout.confirms_identity(self.request, data["own_secret"]):
            self.add_error("own_secret", NOT_CONFIRMED)
        if self._ends_the_last_manager():
            raise forms.ValidationError(
                f"{self.instance} is the last manager. Make someone else a manager first, so that someone can manage "
                "accounts and the clinic."
            )
        if self.switched_off and "hand_over_to" in data and not data["hand_over_to"]:
            self.add_error("hand_over_to", f"Choose who takes over the open requests of {self.instance}")
        return data

    def _ends_the_last_manager(self) -> bool:
        if self.instance.pk is None or "groups" not in self.cleaned_data:
            return False
        before = User.objects.get(pk=self.instance.pk)
        remains = is_manager(before, self.cleaned_data["groups"]) and not self.switched_off
        return is_manager(before) and not remains and not remains_managed_without(before)

    @property
    def switched_off(self) -> bool:
        return "is_active" in self.changed_data and not self.cleaned_data.get("is_active")

    @property
    def successor(self) -> User | None:
        chosen = self.cleaned_data.get("hand_over_to")
        return User.objects.get(pk=chosen) if chosen and chosen != self.NOBODY else None


def open_requests(account: User) -> int:
    """Return how many open requests would be handed over if the account were switched off."""
    if account.pk is None or not account.is_active:
        return 0
    return ConsultationRequest.objects.filter(actions.open_requests_of(account)).count()
