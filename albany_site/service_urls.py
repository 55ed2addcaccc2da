"""Parses SITE_URL, DATABASE_URL and EMAIL_URL. Each function raises ValueError, whose message never has the URL.

Passwords may contain any character, because only the last @ ends them. A percent sign begins an escape, such as %20.
django-environ makes Django's settings of the URLs, but takes # in a password for a fragment, smtps:// for STARTTLS and
sqlite:var/db for another file. So it gets each URL with every character escaped, after we refused what is not clear.
"""

import re
from ipaddress import IPv6Address
from pathlib import Path
from typing import Any, NamedTuple
from urllib.parse import parse_qsl, quote, unquote, urlencode, urlsplit

from environ import Env

_HOST = re.compile(r"[a-z0-9]([a-z0-9-]*[a-z0-9])?(\.[a-z0-9]([a-z0-9-]*[a-z0-9])?)*|\[[0-9a-f:.]+\]", re.IGNORECASE)
DEFAULT_PORTS = {"http": 80, "https": 443}
OWN_FOLDERS = (".git", ".venv", "deploy", "docs", "static", "templates")
LOCAL_HOSTS = ("localhost", "127.0.0.1", "[::1]")

SMTP = "consultations.smtp.EmailBackend"  # Django's, with one time limit for a whole delivery
SMTP_PORTS = {"smtp": 25, "smtp+tls": 587, "smtps": 465, "smtp+ssl": 465}
OTHER_MAIL = ("consolemail", "filemail", "memorymail", "dummymail")


class Site(NamedTuple):
    """The parts of SITE_URL. `host` has brackets around an IPv6 address; `netloc` also has a port other than the scheme's."""

    scheme: str
    host: str
    netloc: str

    @property
    def url(self) -> str:
        return f"{self.scheme}://{self.netloc}"


class Server(NamedTuple):
    """The parts of user:password@host:port. `host` has brackets around an IPv6 address."""

    user: str
    password: str
    host: str
    port: int | None

    def escaped(self, port: int | None) -> str:
        """Return the parts as a URL's, so that no character of the user or password ends them."""
        return f"{quote(self.user, '')}:{quote(self.password, '')}@{self.host}" + (f":{port}" if port else "")


def parse_site_url(text: str) -> Site:
    try:
        parts = urlsplit(text)
        host, port = parts.hostname or "", parts.port
    except ValueError:
        raise ValueError("must look like https://clinic.example") from None
    host = f"[{host}]" if ":" in host else host
    extra = parts.path.strip("/") or parts.query or parts.fragment or "@" in parts.netloc or "?" in text or "#" in text
    if parts.scheme not in DEFAULT_PORTS or not _HOST.fullmatch(host) or extra or port == 0:
        raise ValueError("must look like https://clinic.example, without a path; write other letters than a-z as xn--")
    if parts.scheme == "http" and host not in LOCAL_HOSTS:
        raise ValueError("must use https, because patients' answers travel over it. Plain http is for localhost")
    with_port = host if port in (None, DEFAULT_PORTS[parts.scheme]) else f"{host}:{port}"
    return Site(parts.scheme, host, with_port)


def parse_database_url(text: str) -> dict[str, Any]:
    """Return the entry of Django's DATABASES. The path of an SQLite file may be relative."""
    scheme, _, rest = text.partition("://")
    if scheme == "sqlite" or text.startswith("sqlite:"):
        return Env.db_url_config(f"sqlite:///{quote(_sqlite_path(text))}")
    if scheme not in ("postgres", "postgresql"):
        raise ValueError("must begin with sqlite:/// or postgres://")
    login, at, address = rest.rpartition("@")
    host, _, path = address.partition("/")
    name, _, options = path.partition("?")
    if not name or "/" in unquote(name) or "#" in path:
        raise ValueError("must name a database, like postgres://user:password@host:5432/name")
    server = _parse_server(login + at + host, host_required=False)
    folder = server.host + "/" if server.host.startswith("/") else ""  # of a Unix socket, which belongs to the path
    address = server._replace(host="" if folder else server.host).escaped(server.port)
    return Env.db_url_config(f"postgres://{address}/{quote(folder + unquote(name), '')}{_escaped_options(options)}")


def _escaped_options(text: str) -> str:
    """Return the options of a database's URL with their question mark, or nothing."""
    if not text:
        return ""
    try:
        options = parse_qsl(text, strict_parsing=True)
    except ValueError:
        raise ValueError("must have options like ?sslmode=require&application_name=site") from None
    if len(options) != len(dict(options)):
        raise ValueError("must have each option once")
    return f"?{urlencode(options)}"


def _sqlite_path(text: str) -> str:
    if text in ("sqlite://:memory:", "sqlite:///:memory:"):
        return ":memory:"
    path = unquote(text.removeprefix("sqlite:///"))
    if not text.startswith("sqlite:///") or re.search(r"[?#]|^~|/$|^$|(^|/)\.{1,2}/*$", path) or path.startswith("//"):
        raise ValueError(
            "must be sqlite:///folder/file for a file in the project's folder, or sqlite:////folder/file for another one"
        )
    return path


def parse_email_url(text: str) -> dict[str, Any]:
    """Return Django's EMAIL_ settings."""
    scheme, separator, rest = text.partition("://")
    scheme = scheme.lower()
    if not separator or scheme not in (*SMTP_PORTS, *OTHER_MAIL):
        raise ValueError(f"must begin with one of {', '.join(f'{name}://' for name in (*SMTP_PORTS, *OTHER_MAIL))}")
    if scheme in OTHER_MAIL:
        if scheme == "filemail" and not re.fullmatch(r"/[^?#]+", rest) or scheme != "filemail" and rest:
            raise ValueError("must be filemail:///folder, or nothing may follow ://")
        url = f"{scheme}://{quote(unquote(rest))}"
    else:
        server = _parse_server(rest.removesuffix("/"))
        _check_port(scheme, server.port)
        library_scheme = "smtp+ssl" if scheme == "smtps" else scheme
        url = f"{library_scheme}://{server.escaped(server.port or SMTP_PORTS[scheme])}"
    found = {"EMAIL_USE_TLS": False, "EMAIL_USE_SSL": False} | Env.email_url_config(url)
    return found | ({"EMAIL_BACKEND": SMTP} if scheme in SMTP_PORTS else {})


def _check_port(scheme: str, port: int | None) -> None:
    """Refuse a port that is assigned to another way to encrypt, because the connection would hang or fail."""
    if port == SMTP_PORTS["smtps"] and scheme not in ("smtps", "smtp+ssl"):
        raise ValueError("has port 465, where mail servers expect smtps://")
    if port in (25, 587) and scheme in ("smtps", "smtp+ssl"):
        raise ValueError(f"has port {port}, where mail servers expect smtp+tls://")


def _parse_server(text: str, *, host_required: bool = True) -> Server:
    """Parse user:password@host:port. An empty host is a Unix socket."""
    login, _, address = text.rpartition("@")
    user, _, password = login.partition(":")
    match = re.fullmatch(r"(\[[0-9a-fA-F:.]+\]|[^:\[\]]*)(?::([0-9]{1,5}))?", address)
    if not match or (match[2] and not 0 < int(match[2]) < 65536):
        raise ValueError("must end with host:port; in a password, write % as %25")
    host = unquote(match[1])
    if not (_HOST.fullmatch(host) or (not host_required and (host == "" or host.startswith("/")))):
        raise ValueError("has no valid host name; in a password, write % as %25")
    if host.startswith("["):
        try:
            IPv6Address(host[1:-1])
        except ValueError:
            raise ValueError("has no valid IPv6 address between [ and ]") from None
    if bool(user) != bool(password) and (host_required or password):
        raise ValueError("must have both a user and a password, or neither")
    return Server(unquote(user), unquote(password), host, int(match[2]) if match[2] else None)


def parse_build_folder(text: str, project: Path) -> Path:
    """Return BUILD_DIR as an absolute path. Refuse a folder of the project's own files, which a build would replace."""
    folder = (project / text).resolve()
    ours = folder.parent == project and ((folder / "__init__.py").exists() or folder.name in OWN_FOLDERS)
    if ours or folder == project or folder in project.parents:
        raise ValueError("must be a folder of its own, such as var/build")
    return folder
