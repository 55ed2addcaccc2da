"""Staff accounts: how one is made, and who may change whose."""

import secrets
from collections.abc import Iterable

from django.contrib.auth.models import Group, Permission, User
from django.db.models import QuerySet

FRONT_DESK, MANAGER = "Front desk", "Manager"
# Letters and digits that are not taken for one another when somebody reads them off a screen.
EASY_TO_READ = "abcdefghjkmnpqrstuvwxyz23456789"


def new_password() -> str:
    """Twenty random characters in fours: about 99 bits."""
    return "-".join("".join(secrets.choice(EASY_TO_READ) for _ in range(4)) for _ in range(5))


def make_account(name: str, group: Group) -> tuple[User, str]:
    """A staff account with a random password, which is returned and not to be had again."""
    password = new_password()
    user = User.objects.create_user(name, password=password, is_staff=True)
    user.groups.add(group)
    return user, password


def may_manage(manager: User, account: User) -> bool:
    """Nobody manages an account that may do more than themselves."""
    if manager.is_superuser:
        return True
    return not account.is_superuser and _powers(manager).issuperset(_powers(account))


def groups_to_give(manager: User) -> QuerySet[Group]:
    """The groups that hold nothing but what `manager` may do as well."""
    beyond = (
        Permission.objects.exclude(pk__in=_powers(manager)) if not manager.is_superuser else Permission.objects.none()
    )
    return Group.objects.exclude(permissions__in=beyond).order_by("name")


def _powers(user: User) -> set[int]:
    """The permissions that an account holds or would hold if it were switched on again."""
    return set(Permission.objects.filter(user=user).values_list("pk", flat=True)) | set(
        Permission.objects.filter(group__user=user).values_list("pk", flat=True)
    )


def group_names(groups: Iterable[Group]) -> str:
    return ", ".join(group.name for group in groups) or "none"
