from tests.helpers.staff_members import make_member, sign_in

SHEET = "/staff/components/"
COMPONENTS = """
button card callout callout--note callout--important callout--caution callout--urgent contents crisis-bar do-dont
error-summary evidence-meter field figure in-short receipt site-footer timeline write-in
""".split()  # noqa: SIM905  shorter than a list


def test_only_signed_in_staff_see_the_component_sheet(client, db):
    answer = client.get(SHEET)
    assert answer.status_code == 302
    assert answer["Location"].startswith("/staff/login/")


def test_the_component_sheet_shows_every_component(db):
    html = sign_in(make_member()).get(SHEET).content.decode()
    body = html[html.index("<body>") :]
    missing = [name for name in COMPONENTS if f'"{name}' not in body and f" {name}" not in body]
    assert missing == []
