"""The second factor of staff: an authenticator's six digits, or a one-time code kept for the day it is lost."""

import io

import qrcode
from django.contrib.auth.models import User
from django.db import transaction
from django_otp.models import Device
from django_otp.plugins.otp_static.models import StaticDevice, StaticToken
from django_otp.plugins.otp_totp.models import TOTPDevice
from qrcode.image.svg import SvgPathImage

RECOVERY_CODES = 8


@transaction.atomic
def enroll(user: User) -> tuple[TOTPDevice, list[str]]:
    """Give `user` a fresh authenticator secret and fresh one-time codes; whatever there was before is void.

    A code is taken for one step of 30 seconds before and after its own, as RFC 6238 allows for slow hands
    and clocks, and never twice.
    """
    forget(user)
    return TOTPDevice.objects.create(user=user, name="authenticator"), replace_recovery_codes(user)


def forget(user: User) -> None:
    """Make every authenticator and one-time code of `user` void. Sessions that they opened end with them."""
    TOTPDevice.objects.filter(user=user).delete()
    StaticDevice.objects.filter(user=user).delete()


def replace_recovery_codes(user: User, count: int = RECOVERY_CODES) -> list[str]:
    """Replace the one-time codes of `user`; returns them in the form that people read, abcd-efgh."""
    device, _ = StaticDevice.objects.get_or_create(user=user, defaults={"name": "one-time codes"})
    device.token_set.all().delete()
    codes = [StaticToken.random_token() for _ in range(count)]
    StaticToken.objects.bulk_create(StaticToken(device=device, token=code) for code in codes)
    return [f"{code[:4]}-{code[4:]}" for code in codes]


@transaction.atomic
def verified_device(user: User, code: str) -> Device | None:
    """The device of `user` that accepts this code, which no device will accept again; None if none does.

    Six digits are asked of the authenticator alone, anything else of the one-time codes alone: each wrong
    answer slows its device down, so a code must never be tried on a device that it was not meant for.
    """
    code = "".join(code.split()).replace("-", "").lower()
    model = TOTPDevice if code.isdecimal() else StaticDevice
    for device in model.objects.select_for_update().filter(user=user, confirmed=True):
        if device.verify_token(code):
            return device
    return None


@transaction.atomic
def reset_second_factor(user: User) -> str:
    """Make what `user` has void, and return one one-time code: enough to sign in once and enroll."""
    forget(user)
    return replace_recovery_codes(user, count=1)[0]


@transaction.atomic
def propose(user: User) -> TOTPDevice:
    """An authenticator secret that does not count yet: its first code will show that it was scanned."""
    TOTPDevice.objects.filter(user=user, confirmed=False).delete()
    return TOTPDevice.objects.create(user=user, name="authenticator", confirmed=False)


@transaction.atomic
def confirm(device: TOTPDevice, code: str) -> list[str]:
    """Put the proposed authenticator in the place of the old one, and return fresh one-time codes.

    With a wrong code nothing changes, and the list is empty.
    """
    device.confirmed = True
    if not device.verify_token("".join(code.split())):
        TOTPDevice.objects.filter(pk=device.pk).update(confirmed=False)
        return []
    TOTPDevice.objects.filter(user=device.user).exclude(pk=device.pk).delete()
    return replace_recovery_codes(device.user)


def qr_for_terminal(text: str) -> str:
    """A QR code of half blocks, to be scanned off a terminal: black on white, whatever its colours are."""
    drawn = io.StringIO()
    code = qrcode.QRCode(border=2)
    code.add_data(text)
    code.print_ascii(out=drawn, invert=True)
    return "".join(f"\033[97;40m{line}\033[0m\n" for line in drawn.getvalue().splitlines())


def qr_as_svg(text: str) -> str:
    """A QR code as an SVG element, to be scanned off a page."""
    return qrcode.make(text, image_factory=SvgPathImage, border=4).to_string(encoding="unicode")
