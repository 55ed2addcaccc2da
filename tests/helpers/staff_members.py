"""Creates staff accounts for tests, and signs in to them through the real sign-in page."""

from django.contrib.auth.models import Group, User
from django.test import Client
from django_otp.oath import totp
from django_otp.plugins.otp_static.models import StaticDevice, StaticToken
from django_otp.plugins.otp_totp.models import TOTPDevice

PASSWORD = "quiet-river-lantern-42"
SIGN_IN = "/staff/login/"


def make_member(name: str = "dana", group: str = "Front desk") -> User:
    user = User.objects.create_user(name, password=PASSWORD, is_staff=True)
    user.groups.add(Group.objects.get(name=group))
    TOTPDevice.objects.create(user=user, name="authenticator")
    return user


def authenticator_code(user: User) -> str:
    """Return the code that the user's authenticator shows now."""
    return f"{totp(TOTPDevice.objects.get(user=user).bin_key):06}"


def recovery_code(user: User) -> str:
    device, _ = StaticDevice.objects.get_or_create(user=user, name="one-time codes")
    return StaticToken.objects.create(device=device, token=StaticToken.random_token()).token


def sign_in(user: User, **extra: str) -> Client:
    """Return a client that has signed in as `user`."""
    client = Client()
    answer = client.post(
        SIGN_IN, {"username": user.get_username(), "password": PASSWORD, "code": recovery_code(user)} | extra
    )
    assert answer.status_code == 302, answer.content.decode()
    return client
