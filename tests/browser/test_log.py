import json


def test_the_log_is_all_json_and_has_no_token_query_or_address(page, site):
    page.goto("/consultation/received/the-key-to-a-receipt/?who=jordan")
    lines = [json.loads(line) for line in site.log.read_text().splitlines()]
    assert {"gunicorn.error", "albany_site.middleware"} <= {line["logger"] for line in lines}
    assert any(line.get("route") == "consultations:received" for line in lines)
    for secret in ("the-key-to-a-receipt", "jordan", "127.0.0.1"):
        assert secret not in site.log.read_text()
