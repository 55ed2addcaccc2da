"""The clinic's notices that this site hosts, each in one or more languages, and how they are validated.

Each notice is a fact such as {"effective": "2026-07-01", "texts": [{"language": "en", "text": "Markdown"}]}.
"""

import re
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from django.urls import reverse
from django.utils import timezone
from django.utils.safestring import SafeString

from clinic import markdown

TEXT_LENGTH = 40_000
# All texts of a notice are sent in one form, which the site refuses above 256 kB. If the session ends, the form is kept
# encrypted in the sign-in page, where it takes a good third more.
NOTICE_BYTES = 150_000
# Control characters but tabs and line breaks, overrides of the direction, and halves of characters.
_CONTROLS = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\ud800-\udfff]")
OLDEST_YEAR = 1990  # an earlier effective date is a typing error


@dataclass(frozen=True)
class Language:
    """A language: its BCP 47 code, its name in English and in itself, and its direction."""

    code: str
    name: str
    own_name: str
    dir: str = "ltr"


_LANGUAGES = (
    Language("en", "English", "English"),
    Language("es", "Spanish", "Español"),
    Language("pl", "Polish", "Polski"),
    Language("zh-Hant", "Chinese, traditional", "繁體中文"),
    Language("zh-Hans", "Chinese, simplified", "简体中文"),
    Language("ko", "Korean", "한국어"),
    Language("tl", "Tagalog", "Tagalog"),
    Language("ar", "Arabic", "العربية", "rtl"),
    Language("ru", "Russian", "Русский"),
    Language("gu", "Gujarati", "ગુજરાતી"),
    Language("ur", "Urdu", "اردو", "rtl"),
    Language("vi", "Vietnamese", "Tiếng Việt"),
    Language("it", "Italian", "Italiano"),
    Language("hi", "Hindi", "हिन्दी"),
    Language("fr", "French", "Français"),
    Language("el", "Greek", "Ελληνικά"),
    Language("de", "German", "Deutsch"),
    Language("uk", "Ukrainian", "Українська"),
    Language("pt", "Portuguese", "Português"),
)
LANGUAGES = {language.code: language for language in _LANGUAGES}


@dataclass(frozen=True)
class NoticeKind:
    """A notice that the clinic may publish. `url_fact` is the fact with a link to a document elsewhere."""

    slug: str
    title: str
    url_fact: str

    @property
    def fact(self) -> str:
        """Return the key of the fact that stores the hosted notice."""
        return "notice_" + self.slug.replace("-", "_")

    @property
    def url_name(self) -> str:
        return f"pages:notice-{self.slug}"


_NOTICES = (
    NoticeKind("privacy-practices", "Notice of privacy practices", "privacy_practices_url"),
    NoticeKind("nondiscrimination", "Notice of nondiscrimination", "nondiscrimination_url"),
    NoticeKind("languages", "Language help", "language_help_url"),
)
NOTICES = {kind.slug: kind for kind in _NOTICES}


@dataclass(frozen=True)
class Text:
    """A notice's text in one language."""

    language: Language
    markdown: str
    top: int  # the level of its first heading

    @property
    def html(self) -> SafeString:
        return markdown.render(self.markdown, self.top)


@dataclass(frozen=True)
class Notice:
    """A notice that this site hosts."""

    kind: NoticeKind
    effective: date
    texts: tuple[Text, ...]

    @classmethod
    def from_fact(cls, kind: NoticeKind, value: dict[str, Any]) -> "Notice":
        top = 3 if len(value["texts"]) > 1 else 2  # each of several texts is under a heading with its language
        texts = tuple(Text(LANGUAGES[row["language"]], row["text"], top) for row in value["texts"])
        return cls(kind, date.fromisoformat(value["effective"]), texts)

    def get_absolute_url(self) -> str:
        return reverse(self.kind.url_name)


def hosted(facts: dict[str, Any]) -> dict[str, Notice]:
    """Return the notices that are set, keyed by slug."""
    return {slug: Notice.from_fact(kind, facts[kind.fact]) for slug, kind in NOTICES.items() if facts.get(kind.fact)}


def clean(value: dict[str, Any]) -> dict[str, Any]:
    """Return the notice, validated and normalized, with its texts in the order of LANGUAGES, or {} if it is empty."""
    rows = [cleaned for row in value.get("texts") or [] if (cleaned := clean_text(row))]
    if not rows and not value.get("effective"):
        return {}
    if not rows:
        raise ValueError("Enter the text. To take the notice down, empty this date too.")
    codes = [row["language"] for row in rows]
    if twice := next((code for code in codes if codes.count(code) > 1), None):
        raise ValueError(f"There are two texts in {LANGUAGES[twice].name}. Keep one of them.")
    if (size := sum(len(row["text"].encode()) for row in rows)) > NOTICE_BYTES:
        raise ValueError(
            f"Together, the texts have {size:,} bytes, and a notice can have {NOTICE_BYTES:,}. Shorten them, or link to a "
            "document elsewhere."
        )
    order = list(LANGUAGES)
    rows.sort(key=lambda row: order.index(row["language"]))
    return {"effective": _effective(value.get("effective")).isoformat(), "texts": rows}


def clean_text(row: dict[str, Any]) -> dict[str, str]:
    """Return one text, validated and normalized, or {} if it is empty."""
    text = _CONTROLS.sub("", re.sub("\r\n|[\r\u2028\u2029]", "\n", str(row.get("text") or ""))).strip()
    if not text:
        return {}
    if row.get("language") not in LANGUAGES:
        raise ValueError("Choose the language of this text.")
    if len(text) > TEXT_LENGTH:
        raise ValueError(f"Use {TEXT_LENGTH:,} characters or fewer; this has {len(text):,}.")
    markdown.check(text)
    return {"language": row["language"], "text": text}


def _effective(value: str | date | None) -> date:
    try:
        day = value if isinstance(value, date) else date.fromisoformat(str(value or ""))
    except ValueError:
        raise ValueError("Enter the date on which this notice takes effect.") from None
    if day.year < OLDEST_YEAR or day > timezone.localdate() + timedelta(days=366):
        raise ValueError("This date is long ago, or more than a year ahead. Check the year.")
    return day


# --- Changes in words, for the history


def changes(before: dict[str, Any] | None, after: dict[str, Any] | None) -> list[str]:
    """Return a line for each change between two versions of a notice."""
    if not before or not after:
        return [f"{_in_words(after)}, was {_in_words(before)}"]
    lines = []
    if before["effective"] != after["effective"]:
        lines.append(f"effective {_day(after)}, was effective {_day(before)}")
    was, now = ({row["language"]: row["text"] for row in value["texts"]} for value in (before, after))
    for code, language in LANGUAGES.items():
        if was.get(code) != now.get(code):
            change = "changed" if code in was and code in now else "added" if code in now else "removed"
            lines.append(f"text in {language.name} {change}")
    return lines


def _in_words(value: dict[str, Any] | None) -> str:
    if not value:
        return "not set"
    languages = ", ".join(LANGUAGES[row["language"]].name for row in value["texts"])
    return f"in {languages}, effective {_day(value)}"


def _day(value: dict[str, Any]) -> str:
    day = date.fromisoformat(value["effective"])
    return f"{day:%B} {day.day}, {day.year}"
