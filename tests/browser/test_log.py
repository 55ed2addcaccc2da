import json


def test_gunicorn_and_the_site_log_nothing_but_json_and_nothing_of_who_came(page, site):
    page.goto("/consultation/received/the-key-to-a-receipt/?who=jordan")
    lines = [json.loads(line) for line in site.log.read_text().splitlines()]
    assert {"gunicorn.error", "albany_site.middleware"} <= {line["logger"] for line in lines}
    assert any(line.get("route") == "consultations:received" for line in lines)
    for secret in ("the-key-to-a-receipt", "jordan", "127.0.0.1"):
        assert secret not in site.log.read_text()
