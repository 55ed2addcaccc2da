"""Creates staff accounts on a running site with `make_staff`, and signs in with the credentials that it prints."""

import base64
import re
from dataclasses import dataclass, field

from django_otp.oath import totp
from playwright.sync_api import Page

from tests.helpers.live_site import RunningSite


@dataclass
class Member:
    name: str
    password: str
    secret: bytes
    codes: list[str] = field(default_factory=list)

    def authenticator_code(self) -> str:
        """Return the authenticator's current code. The site accepts each code only once."""
        return f"{totp(self.secret):06}"


def make_member(site: RunningSite, name: str, group: str) -> Member:
    printed = site.manage("make_staff", "--name", name, "--group", group)
    secret = re.search(r"secret=([A-Z2-7]+)", printed)[1]
    codes = re.findall(r"[a-z2-7]{4}-[a-z2-7]{4}(?=\s)", printed.rpartition("keep them safe")[2])[:8]
    password = re.search(r"shown only once: (\S+)", printed)[1]
    return Member(name, password, base64.b32decode(secret), codes)


def sign_in(page: Page, member: Member, code: str | None = None) -> None:
    """Sign in with `code`, or with an unused recovery code."""
    page.goto("/staff/")
    fill_sign_in(page, member, code or member.codes.pop())


def fill_sign_in(page: Page, member: Member, code: str) -> None:
    """Fill in the sign-in page, which asks for the code alone where the member signed in earlier."""
    page.wait_for_load_state()
    if page.get_by_label("Username").count():
        page.get_by_label("Username").fill(member.name)
        page.get_by_label("Password").fill(member.password)
    page.get_by_label("Code").fill(code)
    page.get_by_role("button", name="Sign in").click()
    page.wait_for_load_state()


def ask(page: Page, name: str, phone: str) -> str:
    """Send the public form with `name` and `phone`, and return the receipt's reference."""
    page.goto("/consultation/")
    page.get_by_label("Myself").check()
    page.locator("input[name=age_ok][value=yes]").check()
    page.get_by_label("Your full name").fill(name)
    page.get_by_label("Phone call").check()
    page.get_by_label("Phone number").fill(phone)
    page.locator("input[name=voicemail_ok][value=yes]").check()
    page.locator("input[name=consent]").check()
    page.get_by_role("button", name="Send request").click()
    page.wait_for_url("**/received/**")
    return re.search(r"\b[A-Z0-9]{8}\b", page.locator("main").inner_text())[0]
