"""Tests of what a manager may create and change in staff accounts."""

import re
from io import StringIO

import pytest
from django.contrib.auth.models import Group, Permission, User
from django.contrib.messages import get_messages
from django.core.management import CommandError, call_command
from django.db import connection
from django.db.migrations.recorder import MigrationRecorder
from django.test import Client
from django.utils import timezone
from django_otp.oath import totp
from django_otp.plugins.otp_totp.models import TOTPDevice

from consultations.models import AccessLogEntry, Notification
from tests.helpers.factories import consultation
from tests.helpers.request_page import page_of
from tests.helpers.staff_members import PASSWORD, SIGN_IN, authenticator_code, make_member, recovery_code, sign_in

pytestmark = pytest.mark.django_db
ACCOUNTS = "/staff/auth/user/"


@pytest.fixture
def manager():
    return make_member("mora", "Manager")


@pytest.fixture
def desk(manager):
    return sign_in(manager)


def handed_over(answer, label: str) -> str:
    return re.search(rf"<dt>{label}</dt><dd><code>(.+?)</code>", answer.content.decode())[1]


def add(desk: Client, name: str, *groups: str, **extra: str):
    chosen = [Group.objects.get(name=group).pk for group in groups]
    return desk.post(ACCOUNTS + "add/", {"username": name, "groups": chosen, "own_secret": PASSWORD} | extra)


def change(desk: Client, account: User, *groups: str, **extra: str):
    chosen = [Group.objects.get(name=group).pk for group in groups]
    return desk.post(f"{ACCOUNTS}{account.pk}/change/", {"groups": chosen, "is_active": "on"} | extra)


def test_a_new_account_signs_in_and_sets_up_an_authenticator(desk):
    answer = add(desk, "nell", "Front desk")
    password, code = handed_over(answer, "Password"), handed_over(answer, "Recovery code")
    nell = Client()
    assert nell.post(SIGN_IN, {"username": "nell", "password": password, "code": code}).status_code == 302
    assert b"<svg" in nell.post("/staff/second-factor/", {"password": password}).content
    device = TOTPDevice.objects.get(user__username="nell")
    done = nell.post("/staff/second-factor/", {"code": f"{totp(device.bin_key):06}"})
    assert len(re.findall(r"<li><code>[a-z2-7]{4}-[a-z2-7]{4}</code></li>", done.content.decode())) == 8
    assert nell.get("/staff/").status_code == 200


@pytest.mark.parametrize("secret", ["", "wrong", "000000"])
def test_an_account_is_added_only_with_the_managers_own_secret(desk, secret):
    page = add(desk, "nell", "Front desk", own_secret=secret).content.decode()
    assert 'value="nell"' in page
    assert 'id="id_own_secret_error"' in page
    assert not User.objects.filter(username="nell").exists()


def test_another_error_does_not_use_up_the_managers_code(desk, manager):
    code = authenticator_code(manager)
    assert "already an account" in add(desk, "mora", "Front desk", own_secret=code).content.decode()
    handed_over(add(desk, "nell", "Front desk", own_secret=code), "Password")


@pytest.mark.parametrize(
    ("name", "groups", "complaint"),
    [
        ("Dana R", ["Front desk"], "Leave out spaces. Use letters, digits and . - _"),
        ("dana/r", ["Front desk"], "Leave out spaces. Use letters, digits and . - _"),
        ("", ["Front desk"], "Enter a username."),
        ("d" * 151, ["Front desk"], "Use 150 characters or fewer."),
        ("nell", [], "Choose a role."),
    ],
)
def test_an_error_in_a_new_account_says_what_to_do(desk, name, groups, complaint):
    page = add(desk, name, *groups).content.decode()
    assert re.findall(r'class="field__error"[^>]*>\s*([^<]+?)\s*<', page) == [complaint]
    assert "Leave out spaces. Use letters, digits and . - _, such as dana." in page, "the hint asks for something else"


def test_a_changed_account_is_reported_in_the_desks_own_words(desk):
    answer = change(desk, make_member("dana"), "Front desk", first_name="Dana")
    assert [str(message) for message in get_messages(answer.wsgi_request)] == [
        "Saved. You changed the account of dana."
    ]


def test_changing_an_account_asks_for_no_password(desk):
    assert "own_secret" not in desk.get(f"{ACCOUNTS}{make_member('dana').pk}/change/").content.decode()


def test_the_list_of_accounts_says_in_words_who_can_sign_in(desk):
    add(desk, "nell", "Front desk")
    make_member("otto")
    User.objects.filter(username="otto").update(is_active=False)
    rows = desk.get(ACCOUNTS).content.decode().partition("<tbody>")[2].split("</tr>")
    said = {name: row for row in rows for name in ("mora", "nell", "otto") if f">{name}<" in row}
    assert ">Active<" in said["mora"]
    assert ">No authenticator yet<" in said["nell"]
    assert ">Never signed in<" in said["nell"]
    assert ">No name yet<" in said["nell"]
    assert ">Switched off<" in said["otto"]


# --- One's own account


def test_staff_enter_their_own_first_name_and_the_wording_has_it():
    dana = make_member("dana")
    own, asked = sign_in(dana), consultation(voicemail_ok=True)
    assert "Enter your first name" in own.get(page_of(asked)).content.decode()
    assert own.post("/staff/account/", {"first_name": " Dana\u202e "}).headers["Location"] == "/staff/account/"
    assert 'value="Dana"' in own.get("/staff/account/").content.decode()
    assert "Hello, this is Dana from" in own.get(page_of(asked)).content.decode()
    entry = AccessLogEntry.objects.get(action="account")
    assert (entry.user, entry.detail) == (dana, "dana: changed their own first name")


def test_a_first_name_that_no_message_could_hold_is_refused(desk, manager):
    answer = desk.post("/staff/account/", {"first_name": "x" * 41})
    assert answer.status_code == 422
    assert 'href="#id_first_name"' in answer.content.decode()
    assert "40 characters or fewer" in add(desk, "nell", "Front desk", first_name="x" * 41).content.decode()
    manager.refresh_from_db()
    assert manager.first_name == ""


def test_a_manager_enters_a_colleagues_first_name(desk):
    add(desk, "nell", "Front desk", first_name="Nell")
    assert User.objects.get(username="nell").first_name == "Nell"


def test_the_first_set_up_shows_no_banner_that_leads_back_to_it(desk):
    Notification.objects.create(kind="new", slot="one", recipient="one@example.com", failed_at=timezone.now())
    answer = add(desk, "nell", "Front desk")
    password, code = handed_over(answer, "Password"), handed_over(answer, "Recovery code")
    nell = Client()
    nell.post(SIGN_IN, {"username": "nell", "password": password, "code": code})
    assert "failed to send" not in nell.get("/staff/second-factor/").content.decode()
    assert "failed to send" in desk.get("/staff/second-factor/").content.decode()


def test_a_new_authenticator_is_active_only_after_its_first_code(manager, desk):
    before = TOTPDevice.objects.get(user=manager)
    desk.post("/staff/second-factor/", {"password": PASSWORD})
    proposed = TOTPDevice.objects.get(confirmed=False)
    around = {f"{totp(proposed.bin_key, drift=drift):06}" for drift in range(-3, 4)}
    wrong = next(code for code in map("{:06}".format, range(10)) if code not in around)
    assert "That code isn&#x27;t right" in desk.post("/staff/second-factor/", {"code": wrong}).content.decode()
    assert [device.pk for device in TOTPDevice.objects.filter(confirmed=True)] == [before.pk]
    assert (
        Client()
        .post(SIGN_IN, {"username": "mora", "password": PASSWORD, "code": authenticator_code_of(before)})
        .status_code
        == 302
    )


def authenticator_code_of(device: TOTPDevice) -> str:
    return f"{totp(device.bin_key):06}"


def test_a_new_authenticator_requires_the_password_again(desk):
    answer = desk.post("/staff/second-factor/", {"password": "wrong"})
    assert b"<svg" not in answer.content.partition(b"<main")[2].partition(b"</main>")[0]
    assert not TOTPDevice.objects.filter(confirmed=False).exists()


def test_a_manager_resets_an_authenticator_and_it_is_logged(desk, manager):
    dana = make_member("dana")
    old_code, open_desk = authenticator_code(dana), sign_in(dana)
    asked = desk.get(f"{ACCOUNTS}{dana.pk}/begin-again/")
    assert open_desk.get("/staff/").status_code == 200, asked
    answer = desk.post(f"{ACCOUNTS}{dana.pk}/begin-again/", {"code": "", "own_secret": PASSWORD})
    assert open_desk.get("/staff/").status_code == 302
    assert Client().post(SIGN_IN, {"username": "dana", "password": PASSWORD, "code": old_code}).status_code == 200
    code = handed_over(answer, "Recovery code")
    assert Client().post(SIGN_IN, {"username": "dana", "password": PASSWORD, "code": code}).status_code == 302
    entry = AccessLogEntry.objects.get(action=AccessLogEntry.Action.ACCOUNT)
    assert (entry.user, entry.detail) == (manager, "dana: reset two-step sign-in")


def test_the_front_desk_cannot_open_the_account_pages():
    dana = make_member("dana")
    desk = sign_in(dana)
    for path in ("", "add/", f"{dana.pk}/change/", f"{dana.pk}/begin-again/"):
        assert desk.get(ACCOUNTS + path).status_code == 403
    assert desk.post(f"{ACCOUNTS}{dana.pk}/begin-again/").status_code == 403


def test_a_manager_cannot_grant_more_than_they_have(desk, manager):
    owners = Group.objects.create(name="Owners")
    owners.permissions.add(Permission.objects.get(codename="delete_user"))
    for account in (manager, make_member("dana")):
        everything = Permission.objects.values_list("pk", flat=True)[:20]
        change(desk, account, "Manager", is_superuser="on", is_staff="on", user_permissions=list(everything))
        refused = change(desk, account, "Manager", "Owners")
        assert b"not one of the available choices" in refused.content
        account.refresh_from_db()
        assert not account.is_superuser
        assert not account.user_permissions.exists()
        assert list(account.groups.values_list("name", flat=True)) == ["Manager"]
    add(desk, "nell", "Front desk", is_superuser="on", user_permissions=["1"])
    assert not User.objects.get(username="nell").is_superuser
    assert not User.objects.get(username="nell").user_permissions.exists()


def test_a_manager_cannot_change_an_account_with_more_permissions(desk):
    owner = User.objects.create_superuser("owner", password=PASSWORD)
    code = recovery_code(owner)
    assert change(desk, owner, "Front desk").status_code == 403
    assert desk.post(f"{ACCOUNTS}{owner.pk}/begin-again/", {"password": "", "own_secret": PASSWORD}).status_code == 403
    owner.refresh_from_db()
    assert owner.check_password(PASSWORD)
    assert Client().post(SIGN_IN, {"username": "owner", "password": PASSWORD, "code": code}).status_code == 302


def test_deactivating_an_account_ends_its_sessions(desk):
    dana = make_member("dana")
    open_desk = sign_in(dana)
    assert (
        desk.post(f"{ACCOUNTS}{dana.pk}/change/", {"groups": [Group.objects.get(name="Front desk").pk]}).status_code
        == 302
    )
    assert open_desk.get("/staff/").status_code == 302


def test_staff_cannot_deactivate_their_own_account(desk, manager):
    desk.post(f"{ACCOUNTS}{manager.pk}/change/", {"groups": [Group.objects.get(name="Manager").pk]})
    manager.refresh_from_db()
    assert manager.is_active


def test_an_account_cannot_be_deleted(desk):
    dana = make_member("dana")
    assert desk.post(f"{ACCOUNTS}{dana.pk}/delete/", {"post": "yes"}).status_code == 403
    desk.post(ACCOUNTS, {"action": "delete_selected", "_selected_action": [dana.pk], "post": "yes"})
    assert User.objects.filter(username="dana").exists()


@pytest.mark.parametrize(
    "path", ["otp_totp/totpdevice/", "otp_static/staticdevice/", "auth/group/", "axes/accessattempt/"]
)
def test_secrets_and_groups_have_no_page_even_for_a_superuser(path):
    owner = User.objects.create_superuser("owner", password=PASSWORD)
    assert sign_in(owner).get(f"/staff/{path}").status_code == 404


def test_a_short_password_is_refused(desk):
    fields = {"old_password": PASSWORD, "new_password1": "short-enough14", "new_password2": "short-enough14"}
    assert b"at least 15 characters" in desk.post("/staff/password_change/", fields).content


# --- The requests of someone who leaves


def switch_off(desk: Client, account: User, **extra: str):
    groups = [Group.objects.get(name="Front desk").pk]
    return desk.post(f"{ACCOUNTS}{account.pk}/change/", {"groups": groups} | extra)


def test_switching_an_account_off_asks_who_takes_over_its_requests(desk):
    dana = make_member("dana")
    consultation(assigned_to=dana)
    consultation(assigned_to=dana, status="closed")
    assert "1 open request now" in desk.get(f"{ACCOUNTS}{dana.pk}/change/").content.decode()
    answer = switch_off(desk, dana)
    assert "Choose who takes over the open requests of dana" in answer.content.decode()
    dana.refresh_from_db()
    assert dana.is_active


def test_the_requests_of_an_account_go_to_a_colleague_with_a_history_note(desk, manager):
    dana, lee = make_member("dana"), make_member("lee")
    asked, closed = consultation(assigned_to=dana), consultation(assigned_to=dana, status="closed")
    answer = desk.get(switch_off(desk, dana, hand_over_to=str(lee.pk)).headers["Location"])
    assert "Handed over 1 open request, now assigned to lee." in answer.content.decode()
    for one in (asked, closed):
        one.refresh_from_db()
    assert (asked.assigned_to, closed.assigned_to) == (lee, dana)
    assert [(note.author, note.text) for note in asked.notes.all()] == [(manager, "Handed over from dana to lee.")]
    assert AccessLogEntry.objects.get(action="change").references == asked.reference


def test_the_requests_of_an_account_can_be_left_unassigned(desk):
    dana = make_member("dana")
    asked = consultation(assigned_to=dana)
    switch_off(desk, dana, hand_over_to="nobody")
    asked.refresh_from_db()
    assert asked.assigned_to is None
    assert [note.text for note in asked.notes.all()] == ["Handed over from dana to nobody."]


def test_an_account_without_open_requests_is_switched_off_without_a_question(desk):
    dana = make_member("dana")
    assert "takes over" not in desk.get(f"{ACCOUNTS}{dana.pk}/change/").content.decode()
    assert switch_off(desk, dana).status_code == 302


def test_another_change_to_an_account_leaves_its_requests_alone(desk):
    dana = make_member("dana")
    asked = consultation(assigned_to=dana)
    assert change(desk, dana, "Front desk", first_name="Dana").status_code == 302
    asked.refresh_from_db()
    assert asked.assigned_to == dana


# --- The first sign-in, and the last manager


def test_the_first_sign_in_leads_to_authenticator_codes_and_password(desk):
    answer = add(desk, "nell", "Front desk")
    password, code = handed_over(answer, "Password"), handed_over(answer, "Recovery code")
    nell = Client()
    nell.post(SIGN_IN, {"username": "nell", "password": password, "code": code})
    first = nell.get("/staff/", follow=True)
    assert first.redirect_chain == [("/staff/second-factor/", 302)]
    assert "First, set up your authenticator" in first.content.decode()
    assert nell.get("/staff/consultations/consultationrequest/").headers["Location"] == "/staff/second-factor/"
    nell.post("/staff/second-factor/", {"password": f" {password}\n"})
    device = TOTPDevice.objects.get(user__username="nell")
    codes = nell.post("/staff/second-factor/", {"code": f"{totp(device.bin_key):06}"}).content.decode()
    assert len(re.findall(r"<li><code>[a-z2-7]{4}-[a-z2-7]{4}</code></li>", codes)) == 8
    assert '<a class="button" href="/staff/password_change/">' in codes
    new = "another-quiet-river-lantern"
    fields = {"old_password": f"{password} ", "new_password1": new, "new_password2": new}
    done = nell.post("/staff/password_change/", fields, follow=True)
    assert "Password changed" in done.content.decode()
    assert nell.get("/staff/").status_code == 200
    details = list(
        AccessLogEntry.objects.filter(user__username="nell", action="account").values_list("detail", flat=True)
    )
    assert details == ["nell: changed their own password", "nell: set up an authenticator"]


@pytest.mark.parametrize("who", ["herself", "a superuser who is switched off", "someone with less power"])
def test_the_last_manager_cannot_be_demoted(desk, manager, who):
    if who == "a superuser who is switched off":
        User.objects.create_superuser("owner", password=PASSWORD, is_active=False)
    elif who == "someone with less power":
        make_member("dana")
    answer = change(desk, manager, "Front desk")
    assert "mora is the last manager" in answer.content.decode()
    assert [group.name for group in manager.groups.all()] == ["Manager"]


def test_only_someone_who_is_a_manager_too_can_end_a_manager(manager):
    """So after a change by someone else, one remains."""
    helpers = Group.objects.create(name="Helpers")
    helpers.permissions.set(Permission.objects.exclude(codename="export_consultationrequest"))
    helper = sign_in(make_member("helper", "Helpers"))
    assert change(helper, manager, "Front desk").status_code == 403
    helpers.permissions.add(Permission.objects.get(codename="export_consultationrequest"))
    assert change(helper, manager, "Front desk").status_code == 302


def test_a_superuser_counts_as_a_manager(desk, manager):
    User.objects.create_superuser("owner", password=PASSWORD)
    assert change(desk, manager, "Front desk").status_code == 302


def test_of_two_managers_one_can_go_but_not_both(desk, manager):
    nora = make_member("nora", "Manager")
    assert change(desk, nora, "Front desk").status_code == 302
    assert "mora is the last manager" in change(desk, manager, "Front desk").content.decode()


def test_another_change_to_the_last_manager_is_saved(desk, manager):
    assert change(desk, manager, "Manager", first_name="Mora").status_code == 302
    assert change(desk, manager, "Manager", "Front desk").status_code == 302


@pytest.mark.parametrize("name", ["Dana", "DANA", "ｄana", "dana"])
def test_a_name_that_differs_only_by_case_is_refused(desk, name):
    make_member("dana")
    assert "already an account named dana" in add(desk, name, "Front desk").content.decode()
    with pytest.raises(CommandError, match="'dana' already exists"):
        call_command("make_staff", name=name)
    assert User.objects.count() == 2


@pytest.mark.parametrize("name", [" dana", "Dana ", "\u200bdana", "dana\n", "\u202adana\u202c"])
def test_make_staff_ignores_invisible_characters_of_a_name(db, name):
    call_command("make_staff", name=name, stdout=StringIO())
    assert User.objects.get().get_username() == name.strip(" \n\u200b\u202a\u202c")
    with pytest.raises(CommandError, match="ana' already exists"):
        call_command("make_staff", name=f"{name} ")


@pytest.mark.parametrize("name", ["a b", "../x", "o'hara", "x" * 200])
def test_make_staff_refuses_the_usernames_that_the_desk_refuses(desk, name):
    assert add(desk, name, "Front desk").status_code == 200
    with pytest.raises(CommandError, match=r"can't be a username\. (Enter a valid|Ensure this value)"):
        call_command("make_staff", name=name)
    assert not User.objects.filter(username=name).exists()


@pytest.mark.parametrize("command", [["make_staff"], ["enroll_totp", "dana"], ["make_demo"], ["load_facts", "x"]])
def test_a_command_asks_for_the_migrations_that_it_needs(db, command):
    MigrationRecorder(connection).migration_qs.filter(app="consultations").delete()
    with pytest.raises(CommandError, match=r"Run `manage\.py migrate` first"):
        call_command(*command)


def role_inputs(page: str) -> list[str]:
    return re.findall(r'<input type="(\w+)" name="groups"', page)


def test_an_account_has_one_role_unless_it_already_has_more(desk):
    nora = make_member("nora", "Manager")
    page = desk.get(f"{ACCOUNTS}{nora.pk}/change/").content.decode()
    assert role_inputs(page) == role_inputs(desk.get(ACCOUNTS + "add/").content.decode()) == ["radio", "radio"]
    assert len(re.findall(r'name="groups"[^>]* checked', page)) == 1
    nora.groups.add(Group.objects.get(name="Front desk"))
    page = desk.get(f"{ACCOUNTS}{nora.pk}/change/").content.decode()
    assert role_inputs(page) == ["checkbox", "checkbox"]
    assert len(re.findall(r'name="groups"[^>]* checked', page)) == 2


def test_case_is_ignored_beyond_ascii_too(desk):
    make_member("élan")
    assert "already an account named élan" in add(desk, "Élan", "Front desk").content.decode()


def test_the_account_pages_speak_our_words(desk):
    make_member("dana")
    pages = [desk.get(ACCOUNTS + path).content.decode() for path in ("add/", f"{User.objects.last().pk}/change/")]
    assert "such as dana" in pages[0]
    assert "They are signed out at once" in pages[1]
    for words in ("150 characters or fewer", "Designates whether", "SAVE"):
        assert [page for page in pages if words in page] == []
