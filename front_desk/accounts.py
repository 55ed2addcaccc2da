"""Create staff accounts, and decide who may manage them."""

import secrets
from collections.abc import Iterable

from django.contrib.auth.models import Group, Permission, User
from django.db.models import QuerySet

FRONT_DESK, MANAGER = "Front desk", "Manager"
# Without characters that look alike: i, l, 1, o and 0.
EASY_TO_READ = "abcdefghjkmnpqrstuvwxyz23456789"


def new_password() -> str:
    """Return a random password: twenty characters in groups of four, about 99 bits."""
    return "-".join("".join(secrets.choice(EASY_TO_READ) for _ in range(4)) for _ in range(5))


def make_account(name: str, group: Group) -> tuple[User, str]:
    """Create a staff account. Return the account and its random password. Only the password's hash is stored."""
    password = new_password()
    user = User.objects.create_user(name, password=password, is_staff=True)
    user.groups.add(group)
    return user, password


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


def _permissions(user: User) -> set[int]:
    """Return the ids of the user's permissions. Unlike `get_all_permissions`, this works for inactive users."""
    return set(Permission.objects.filter(user=user).values_list("pk", flat=True)) | set(
        Permission.objects.filter(group__user=user).values_list("pk", flat=True)
    )


def group_names(groups: Iterable[Group]) -> str:
    return ", ".join(group.name for group in groups) or "none"
