"""Staff's second factor: a TOTP authenticator, plus recovery codes for when it is lost."""

import io
import re
import unicodedata

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
    """Replace the user's authenticator and recovery codes, and return the new ones.

    A TOTP code is accepted one 30-second step early or late, as RFC 6238 recommends, and only once.
    """
    forget(user)
    return TOTPDevice.objects.create(user=user, name="authenticator"), replace_recovery_codes(user)


def forget(user: User) -> None:
    """Delete the user's authenticators and recovery codes. This ends the sessions opened with them."""
    TOTPDevice.objects.filter(user=user).delete()
    StaticDevice.objects.filter(user=user).delete()


def replace_recovery_codes(user: User, count: int = RECOVERY_CODES) -> list[str]:
    """Replace the user's recovery codes. Return the new ones in the format shown to people: abcd-efgh."""
    device, _ = StaticDevice.objects.get_or_create(user=user, defaults={"name": "one-time codes"})
    device.token_set.all().delete()
    codes = [StaticToken.random_token() for _ in range(count)]
    StaticToken.objects.bulk_create(StaticToken(device=device, token=code) for code in codes)
    return [f"{code[:4]}-{code[4:]}" for code in codes]


def plain_code(typed: str) -> str:
    """Return the letters and digits of a code, in lower case: no spaces, dashes or invisible characters."""
    return "".join(filter(str.isalnum, unicodedata.normalize("NFKC", typed))).lower()


def is_authenticator_code(typed: str) -> bool:
    return bool(re.fullmatch(r"\d{6}", plain_code(typed)))


def is_enrolled(user: User) -> bool:
    return TOTPDevice.objects.filter(user=user, confirmed=True).exists()


@transaction.atomic
def verified_device(user: User, code: str) -> Device | None:
    """Return the user's device that accepts this code, or None. An accepted code never works again.

    Six digits are checked only against the authenticator, and any other code only against the recovery codes,
    because django-otp throttles a device after each wrong code.
    """
    model = TOTPDevice if is_authenticator_code(code) else StaticDevice
    code = plain_code(code)
    for device in model.objects.select_for_update().filter(user=user, confirmed=True):
        if device.verify_token(code):
            return device
    return None


@transaction.atomic
def reset_second_factor(user: User) -> str:
    """Delete the user's second factor, and return one recovery code to sign in and enroll with."""
    forget(user)
    return replace_recovery_codes(user, count=1)[0]


@transaction.atomic
def propose(user: User) -> TOTPDevice:
    """Create an unconfirmed authenticator. The user confirms it by entering its first code."""
    TOTPDevice.objects.filter(user=user, confirmed=False).delete()
    return TOTPDevice.objects.create(user=user, name="authenticator", confirmed=False)


@transaction.atomic
def confirm(device: TOTPDevice, code: str) -> list[str]:
    """Replace the user's authenticator with the proposed one, and return new recovery codes.

    If the code is wrong, change nothing and return an empty list.
    """
    device.confirmed = True
    if not device.verify_token(plain_code(code)):
        TOTPDevice.objects.filter(pk=device.pk).update(confirmed=False)
        return []
    TOTPDevice.objects.filter(user=device.user).exclude(pk=device.pk).delete()
    return replace_recovery_codes(device.user)


def qr_for_terminal(text: str) -> str:
    """Return a QR code drawn with half-block characters, black on white in every terminal theme."""
    drawn = io.StringIO()
    code = qrcode.QRCode(border=2)
    code.add_data(text)
    code.print_ascii(out=drawn, invert=True)
    return "".join(f"\033[97;40m{line}\033[0m\n" for line in drawn.getvalue().splitlines())


def qr_as_svg(text: str) -> str:
    return qrcode.make(text, image_factory=SvgPathImage, border=4).to_string(encoding="unicode")
