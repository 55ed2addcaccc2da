"""Reads settings from environment variables and the .env file, and reports everything wrong with them at once.

Every value is cleaned the same way: a byte-order mark, spaces, line ends and one pair of quotes around the value are
removed, and so is a comment after it. A message names the variable. It quotes the value only if it is not a secret.

django-environ reads the file and the process. It alone would skip a line that it can't read, take a value with $ for
the name of another variable, take any word but "true" for False, and stop at the first problem.
"""

import difflib
import io
import os
import re
import unicodedata
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any, TypeVar

from django.core.exceptions import ImproperlyConfigured
from environ import Env

Parsed = TypeVar("Parsed")

REQUIRED = object()
SECRET_NAMES = re.compile(r"KEY|TOKEN|PASSWORD|DATABASE_URL|EMAIL_URL")
FLAGS = ("true", "yes", "on", "1", "false", "no", "off", "0")
QUOTES = {'"': '"', "'": "'", "“": "”", "‘": "’"}
_LINE = re.compile(r"(?:export\s+)?([A-Za-z_][A-Za-z0-9_]*)\s*=(.*)")
_COMMENT = re.compile(r"(?:^|\s+)#(?:\s.*)?$|\s+#.*$")


def clean(text: str) -> str:
    """Return the value without surrounding spaces, quotes and comment. Raises ValueError; no message has the value."""
    text = text.strip().strip("\ufeff\u200b").strip()
    quoted = _inside_quotes(text)
    if quoted is None:
        text = _COMMENT.sub("", text).strip()
        if text.startswith("#"):
            raise ValueError("begins with #, like a comment; put the value in quotes")
    else:
        text = quoted
    if any(unicodedata.category(character) in ("Cc", "Cf", "Cs", "Zl", "Zp") for character in text):
        raise ValueError("contains a line break or an invisible character; type it again")
    return text


def _inside_quotes(text: str) -> str | None:
    """Return what is inside quotes around the whole value, or None if there are no such quotes."""
    if not text or text[0] not in QUOTES:
        return None
    inside, closed, after = text[1:].partition(QUOTES[text[0]])
    if not closed:
        raise ValueError("begins with a quote that is not closed")
    if _COMMENT.sub("", after).strip():
        return None  # such as the sender "The Albany Clinic" <site@example.com>
    return inside


class Environment:
    """Values by name, with a typed reader for each kind.

    A reader returns its default for an empty value. If it cannot read a value, it notes the problem and returns the
    default, so that `stop_if_invalid()` can list every problem of one start.
    """

    def __init__(self, process: Mapping[str, str], file: Path | None = None) -> None:
        self.problems: list[str] = []
        self.missing: list[str] = []
        self.names: set[str] = set()  # the names that were read
        self.file = file
        self.in_file: list[str] = []  # the names that the file sets

        class Reader(Env):
            ENVIRON = dict(process)  # a copy, because read_env would add the file's secrets to the process

        self._reader = Reader
        if file:
            self._read_file(file)

    def text(self, name: str, default: str) -> str:
        return self.parsed(name, str, default)

    def flag(self, name: str) -> bool:
        return self.parsed(name, _parse_flag, default=False)

    def number(self, name: str, default: int, least: int, most: int) -> int:
        return self.parsed(name, lambda text: _parse_number(text, least, most), default, default)

    def parsed(self, name: str, parse: Callable[[str], Parsed], default: Any = REQUIRED, instead: Any = None) -> Parsed:
        """Return `parse(value)`, where `parse` raises ValueError for a value it refuses. Return `instead` after that.

        The message of that error completes a sentence that begins with the variable's name.
        """
        self.names.add(name)
        raw = self._reader.ENVIRON.get(name, "")  # Env.str() would look up $HOME
        try:
            text = clean(raw)
            if text:
                return parse(text)
            if default is not REQUIRED:
                return default
            self.missing.append(name)
        except ValueError as error:
            secret = SECRET_NAMES.search(name) or ("://" in raw and "@" in raw)
            value = "" if secret else f" It is {raw.strip()!r}."
            self.problems.append(f"{name} {error}.{value}")
        return instead

    def has(self, name: str) -> bool:
        """Return whether the variable has a value, even one that no setting reads."""
        return bool(self._reader.ENVIRON.get(name, "").strip())

    def check(self, names: str, test: Callable[[], None]) -> None:
        """Note the ValueError of a test of several variables together."""
        try:
            test()
        except ValueError as error:
            self.problems.append(f"{names} {error}.")

    def stop_if_invalid(self) -> None:
        """Raise ImproperlyConfigured with one line for each problem."""
        problems = [*self._misspelled(), *self.problems]
        if self.missing:
            names, file = ", ".join(self.missing), self.file or ".env"
            problems.insert(0, f"Set {names} in the environment or in {file}; .env.example explains each.")
        if problems:
            raise ImproperlyConfigured("\n".join(["The site can't start:", *problems]))

    def _misspelled(self) -> list[str]:
        """Return a sentence for each name in the .env file that looks like a misspelled variable."""
        found = []
        for name in set(self.in_file) - self.names:
            if close := difflib.get_close_matches(name.upper(), self.names, n=1, cutoff=0.87):
                found.append(f"{name} in {self.file} is not a setting. Did you mean {close[0]}?")
        return sorted(found)

    def _read_file(self, file: Path) -> None:
        """Add the values in a .env file that the process does not set. A file that doesn't exist has none."""
        try:
            lines = file.read_text("utf-8-sig").splitlines()
        except FileNotFoundError:
            if "ENV_FILE" in self._reader.ENVIRON:
                self.problems.append(f"ENV_FILE names {file}, which doesn't exist.")
        except UnicodeDecodeError:
            self.problems.append(f"{file} is not UTF-8 text. Save it as UTF-8.")
        except OSError as error:
            self.problems.append(f"{file} can't be read ({error.strerror}).")
        else:
            self._reader.read_env(io.StringIO("\n".join(self._checked(lines))))

    def _checked(self, lines: list[str]) -> Iterator[str]:
        """Yield each line as read_env reads it without changing the value. Note the lines that could be misread."""
        for number, line in enumerate(lines, start=1):
            written = line.strip().strip("\ufeff").strip()
            if not written or written.startswith("#"):
                continue
            match = _LINE.fullmatch(written)
            if not match:
                self.problems.append(f"Line {number} of {self.file} is not NAME=value.")
            elif match[1] in self.in_file:
                self.problems.append(f"{match[1]} is set twice in {self.file}. Remove one.")
            else:
                self.in_file.append(match[1])
                yield match[1] + '="' + re.sub(r'[\\"]', r"\\\g<0>", match[2]) + '"'


def read_environment(file: Path) -> Environment:
    """Return the environment of this process. ENV_FILE names another file than `file`."""
    named = os.environ.get("ENV_FILE", "").strip()
    return Environment(os.environ, Path(named) if named else file)


def _parse_flag(text: str) -> bool:
    if text.lower() in FLAGS:
        return Env.parse_value(text, bool)
    raise ValueError("must be True or False")


def _parse_number(text: str, least: int, most: int) -> int:
    if not re.fullmatch(r"[0-9]{1,9}", text) or not least <= int(text) <= most:
        raise ValueError(f"must be a whole number from {least} to {most}")
    return Env.parse_value(text, int)
