"""An HTTP client that fills in and sends the form without a browser, so that a test can run many at once."""

import http.client
import re
import ssl
from dataclasses import dataclass
from html.parser import HTMLParser
from urllib.parse import urlencode, urlsplit

from tests.helpers.factories import ANSWERS, Posted


@dataclass(frozen=True)
class Answer:
    status: int
    headers: http.client.HTTPMessage
    body: str


class _Hidden(HTMLParser):
    """Parses what a browser sends besides the answers: the hidden fields and the named button's value."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.fields: dict[str, str] = {}
        self.feed(html)

    def handle_starttag(self, tag, attrs):
        attributes = dict(attrs)
        if attributes.get("type") == "hidden" or (tag == "button" and "name" in attributes):
            self.fields[attributes["name"]] = attributes.get("value") or ""


class Visitor:
    """A client of the site at `url`. It sends `address` as X-Forwarded-For, unless `address` is empty.

    A real proxy replaces that header, so behind one, set the client's address with `source`: the local address to
    connect from. Each HTTP request opens a new connection, and raises OSError or HTTPException if it fails.
    """

    def __init__(
        self,
        url: str,
        address: str = "192.0.2.1",
        *,
        source: str | None = None,
        certificate: str | None = None,
        timeout: int = 30,
    ) -> None:
        self.site = urlsplit(url)
        self.headers = {"X-Forwarded-For": address} if address else {}
        self.source = (source, 0) if source else None
        self.tls = ssl.create_default_context(cafile=certificate) if self.site.scheme == "https" else None
        self.timeout = timeout

    def ask(self, path: str, form: Posted | None = None, **headers: str) -> Answer:
        host, port = self.site.hostname, self.site.port
        if self.tls:
            connection = http.client.HTTPSConnection(
                host, port, timeout=self.timeout, source_address=self.source, context=self.tls
            )
            headers |= {"Referer": f"{self.site.geturl()}/consultation/"}
        else:
            connection = http.client.HTTPConnection(host, port, timeout=self.timeout, source_address=self.source)
        if form is not None:
            headers |= {"Content-Type": "application/x-www-form-urlencoded"}
        body = None if form is None else urlencode(form, doseq=True)
        try:
            connection.request("GET" if form is None else "POST", path, body, self.headers | headers)
            response = connection.getresponse()
            return Answer(response.status, response.headers, response.read().decode(errors="replace"))
        finally:
            connection.close()

    def open_form(self) -> tuple[dict[str, str], str]:
        """Open the form. Return its hidden fields and its cookie."""
        page = self.ask("/consultation/")
        if page.status != 200:
            raise AssertionError(f"the form answered {page.status}")
        cookie = re.match(r"[^;]*", page.headers.get("Set-Cookie", ""))[0]
        return _Hidden(page.body).fields, cookie

    def send(self, **answers: str | list[str]) -> Answer:
        """Open the form, send it, and return the response. If accepted, its Location is the receipt's path."""
        hidden, cookie = self.open_form()
        return self.ask("/consultation/", ANSWERS | hidden | answers, Cookie=cookie)
