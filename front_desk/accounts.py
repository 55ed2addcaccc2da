"""Create staff accounts, and decide who may manage them."""

import re
import secrets
from collections.abc import Iterable

from django.contrib.auth.hashers import make_password
from django.contrib.auth.models import Group, Permission, User
from django.core.exceptions import ValidationError
from django.db.models import QuerySet

from clinic.typed import name as visible_name
from clinic.typed import plain, visible

# Spaces and invisible characters at the ends.
COPIED = re.compile(r"^[\s\u200b-\u200f\u2060\ufeff]+|[\s\u200b-\u200f\u2060\ufeff]+$")
FRONT_DESK, MANAGER = "Front desk", "Manager"
# Without characters that look alike: i, l, 1, o and 0.
EASY_TO_READ = "abcdefghjkmnpqrstuvwxyz23456789"

FIRST_NAME_LENGTH = 40
FIRST_NAME_HINT = "What you call yourself to a patient. “What to say” on a request uses it: “Hello, this is Dana.”"


def new_password() -> str:
    """Return a random password: twenty characters in groups of four, about 99 bits."""
    return "-".join("".join(secrets.choice(EASY_TO_READ) for _ in range(4)) for _ in range(5))


def make_account(name: str, group: Group) -> tuple[User, str]:
    """Create a staff account. Return the account and its random password. Only the password's hash is stored."""
    password = new_password()
    user = User.objects.create_user(name, password=password, is_staff=True)
    user.groups.add(group)
    return user, password


def has_password(user: User, typed: str) -> bool:
    """Return whether `typed` is the user's password, even if spaces were copied with it."""
    return user.check_password(typed) or user.check_password(password_as_set(user, typed))


def password_as_set(user: User | None, typed: str) -> str:
    """Return the user's password, if the typed one differs only by what copying adds. Otherwise return what was typed.

    It takes as long for an unknown user, so that the time does not tell which usernames exist.
    """
    bare = COPIED.sub("", typed)
    others = dict.fromkeys([bare, plain(bare)])
    others.pop(typed, None)
    if user is None:
        for other in others:
            make_password(other)
        return typed
    return next((other for other in others if user.check_password(other)), typed)


def account_like(name: str) -> User | None:
    """Return the account whose name differs from `name` at most by case and invisible characters, or None.

    Compares here, because SQLite ignores only the case of ASCII letters.
    """
    wanted = User.normalize_username(visible(name)).casefold()
    return next((user for user in User.objects.all() if user.get_username().casefold() == wanted), None)


def clean_first_name(typed: str) -> str:
    """Return a first name as a message to a patient shows it. Raise ValidationError if it is too long for one."""
    name = visible_name(typed)
    if len(name) > FIRST_NAME_LENGTH:
        raise ValidationError(f"Use {FIRST_NAME_LENGTH} characters or fewer for the first name.")
    return name


def may_manage(manager: User, account: User) -> bool:
    """Return whether the manager has every permission that the account has."""
    if manager.is_superuser:
        return True
    return not account.is_superuser and _permissions(manager).issuperset(_permissions(account))


def groups_to_give(manager: User) -> QuerySet[Group]:
    """Return the groups that the manager may assign: those whose permissions the manager also has."""
    if manager.is_superuser:
        return Group.objects.order_by("name")
    lacking = Permission.objects.exclude(pk__in=_permissions(manager))
    return Group.objects.exclude(permissions__in=lacking).order_by("name")


def remains_managed_without(account: User) -> bool:
    """Return whether someone else can manage accounts and the clinic.

    Locks the accounts until the transaction ends, so that two managers cannot demote each other at once.
    """
    list(User.objects.select_for_update().filter(is_staff=True).values_list("pk", flat=True))
    others = User.objects.filter(is_active=True, is_staff=True).exclude(pk=account.pk)
    return any(is_manager(other) for other in others)


def is_manager(account: User, groups: Iterable[Group] | None = None) -> bool:
    """Return whether an active account may do all that the group Manager may, with its groups or with `groups`."""
    if not account.is_active:
        return False
    held = _permissions(account)
    if groups is not None:
        own = Permission.objects.filter(user=account) | Permission.objects.filter(group__in=groups)
        held = set(own.values_list("pk", flat=True))
    needed = Permission.objects.filter(group__name=MANAGER).values_list("pk", flat=True)
    return account.is_superuser or held.issuperset(needed)


def _permissions(user: User) -> set[int]:
    """Return the ids of the user's permissions. Unlike `get_all_permissions`, this works for inactive users."""
    return set(Permission.objects.filter(user=user).values_list("pk", flat=True)) | set(
        Permission.objects.filter(group__user=user).values_list("pk", flat=True)
    )


def group_names(groups: Iterable[Group]) -> str:
    return ", ".join(group.name for group in groups) or "none"
