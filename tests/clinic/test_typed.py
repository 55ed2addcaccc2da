"""Tests that what people type is cleaned the same way wherever it is validated, hashed, linked or searched."""

import re
from contextlib import suppress

import phonenumbers
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from clinic import typed
from tests.helpers.spellings import PLAIN, spellings

# --- Phone numbers


@pytest.mark.parametrize(
    "written",
    [
        "\u202d+1 (618) 555-0123\u202c",
        "\u200e618\u200b 555 0123\ufeff",
        "\u2066618-555-0123\u2069",
        "618\u2011555\u20110123",
        "618\u2013555\u20140123",
        "618\u2010555\u22120123",
        "618·555・0123",
        "618\u00a0555\u30000123",
        "６１８－５５５－０１２３",
        "٦١٨ ٥٥٥ ٠١٢٣",
        "6\ufe0f\u20e318\u00ad5550123",
        "618/555-0123",
        "618_555_0123",
        "“618-555-0123”.",
        "tel:+1-618-555-0123",
        "tel:%2B16185550123",
        "<tel:6185550123>",
        "cell: 618-555-0123 (mine)",
        "001 618 555 0123",
        "011 1 618 555 0123",
    ],
)
def test_a_phone_number_is_read_in_every_spelling(written):
    assert typed.phone(written) == ("+16185550123", "")


@given(st.from_regex(r"\(?[2-9][0-9]{2}\)?[ .-]?[2-9][0-9]{2}[ .-]?[0-9]{4}", fullmatch=True))
def test_a_us_number_as_most_type_it_is_read_as_the_library_reads_it(written):
    national = phonenumbers.parse(written, "US")
    assert phonenumbers.is_possible_number(national)
    e164 = phonenumbers.format_number(national, phonenumbers.PhoneNumberFormat.E164)
    assert typed.phone(written) == typed.phone(f"+1 {written}") == (e164, "")


@pytest.mark.parametrize(
    "between", [",", ",,", ";", " #", "*", "x", " x ", " ext. ", " extension ", ";ext=", " Xt:", " ×"]
)
def test_an_extension_is_kept_however_it_is_marked(between):
    assert typed.phone(f"618-555-0123{between}45") == ("+16185550123", "45")
    assert typed.phone(f"+44 20 7946 0958{between}45#") == ("+442079460958", "45")


@pytest.mark.parametrize(
    "two",
    [
        "618-555-0133 / 0134",
        "618-555-0133/34",
        "618-555-0133 or 618-555-0144",
        "618-555-0133 y 618-555-0144",
        "618-555-0133, 618-555-0144",
        "618-555-0133; 618-555-0144",
        "618-555-0133 & 618-555-0144",
        "618-555-0133 618-555-0144",
        "(618) 555-0133\n(618) 555-0144",
        "1 618 555 0133 1 618 555 0144",
        "618-555-0133 - 618-555-0144",
        "+1 618 555 0133 +1 618 555 0144",
        "home 618-555-0133, work 618-555-0144",
        "h: 618-555-0133 c: 618-555-0144",
    ],
)
def test_the_first_of_two_numbers_is_dialed(two):
    assert typed.phone(two) == ("+16185550133", "")


def test_the_first_of_two_numbers_keeps_its_extension():
    assert typed.phone("618-555-0133 ext 4 or 618-555-0144 ext 5") == ("+16185550133", "4")
    assert typed.phone("+44 20 7946 0958 / +44 20 7946 0959") == ("+442079460958", "")


def test_a_number_spelled_with_letters_is_read():
    assert typed.phone("618-555-HELP").e164 == "+16185554357"
    assert typed.phone("+49 30 1234567 cell").e164 == "+49301234567"


@pytest.mark.parametrize(
    "local", ["555-0136", "555-0136 x45", "555-0136,451", "555-0136 tom", "555-0133 / 618-555-0144", "+1 555-0136"]
)
def test_a_number_without_its_area_code_is_refused_and_asked_for_it(local):
    with pytest.raises(ValueError, match="with its area code"):
        typed.phone(local)


@pytest.mark.parametrize(
    "text", ["", "call me", "12", "911", "618 555 01OO", "618 555 010", "\u200b", "555-0133 or 618"]
)
def test_a_text_without_a_whole_number_is_refused(text):
    with pytest.raises(ValueError, match="with its area code"):
        typed.phone(text)


@pytest.mark.parametrize("text", ["61855501234", "1" * 16, "44 20 7946 0958", "6185550100 123456"])
def test_a_number_that_is_too_long_is_refused_with_a_hint(text):
    with pytest.raises(ValueError, match="too many digits"):
        typed.phone(text)


@pytest.mark.parametrize(
    "two",
    [
        "618-555-7123 x45, 618-555-7134 x46",
        "618-555-7123 x45 618-555-7134 x46",
        "618-555-7123 ext 45 / 618-555-7134 ext 46",
        "618-555-7123 #45, 618-555-7134 #46",
        "618-555-7123 x45; 618-555-7134",
        "618-555-7123 x x45",
        "618-555-7123 x45 555-7134",
    ],
)
def test_the_first_of_two_numbers_is_dialed_with_its_own_extension(two):
    assert typed.phone(two) == ("+16185557123", "45")


def test_a_second_number_is_not_an_extension():
    assert typed.phone("618-555-7123 x, 618-555-7134") == ("+16185557123", "")


@pytest.mark.parametrize(
    ("written", "dialed"),
    [
        ("+618 555 8123", "+16185558123"),
        ("+(618) 555-8123", "+16185558123"),
        ("+6185558123", "+16185558123"),
        ("+773 555 0123", "+17735550123"),
        ("+210 555 0123", "+12105550123"),
        ("+61 8 5558 8123", "+61855588123"),
        ("+47 22 00 00 00", "+4722000000"),
        ("+49 30 901820", "+4930901820"),
    ],
)
def test_a_plus_before_a_us_area_code_is_ignored(written, dialed):
    assert typed.phone(written).e164 == dialed


@pytest.mark.parametrize("prefix", ["+52 1", "+52 (1)", "+521", "011 52 1", "0052 1", "+52 01", "+52 044", "+52 045"])
def test_an_old_mexican_mobile_number_is_read_without_its_extra_digits(prefix):
    assert typed.phone(f"{prefix} 55 1234 5678") == ("+525512345678", "")


HOURS = [
    "(9-5)",
    "9-5",
    "9 to 5",
    "8am-5pm",
    "8 a.m. to 5:30 p.m.",
    "9-5pm",
    "8a-5p",
    "9:00-17:00",
    "24/7",
    "(24/7)",
    "after 5",
    "mon-fri 9-5",
]


@pytest.mark.parametrize("hours", HOURS)
def test_hours_after_a_number_are_not_part_of_it(hours):
    for between in (" ", ", ", "  "):
        assert typed.phone(f"618-555-0123{between}{hours}") == ("+16185550123", "")
    assert typed.phone(f"618-555-0123 x45 {hours}").e164 == "+16185550123"


def test_digits_that_only_look_like_hours_stay_part_of_a_number():
    assert typed.phone("618 555 01 23 am") == ("+16185550123", "")
    assert typed.phone("+44 20 7946 0958 8am") == ("+442079460958", "")
    with pytest.raises(ValueError, match="too many digits"):
        typed.phone("49 30 123456 7-8")


@given(spellings(), st.sampled_from(["", "711 ", "711, ", "711/", "TTY: 711 ", "relay 711 then ", "7-1-1 "]))
@example("618-555-0123 (TTY 711)", "")
def test_a_relay_code_before_a_number_is_not_part_of_it(written, relay):
    assert typed.phone(relay + written).e164 == "+1" + PLAIN


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("618-555-012", "Check the phone number: it has 9 digits, and a US number has 10 with its area code"),
        ("+1 618-555-01", "it has 8 digits"),
        ("618 555 O123", "replace the letter O with the digit 0"),
        ("618 555 01OO", "replace the letter O with the digit 0"),
        ("6l8-555-0123", "replace the letter l with the digit 1"),
        ("6I8-555-0123", "replace the letter I with the digit 1"),
        ("618-5SS-0123", "replace the letter S with the digit 5"),
        ("618 555 О123", "replace the letter О with the digit 0"),
        ("+999 1234 5678", "no country has the code after the"),
        ("+44 20 79", "too few digits after the country code"),
        ("+44 20 7946 0958 0958 0", "too many digits after the country code"),
        ("555-0136", "Enter a phone number with its area code, like 618 555 0100"),
    ],
)
def test_a_refused_number_comes_with_its_fault(text, fault):
    with pytest.raises(ValueError, match=re.escape(fault)):
        typed.phone(text)


def test_a_refusal_calls_the_number_what_the_form_calls_it():
    for text in ("12", "618-555-012", "618 555 O123", "+999 1234 5678", "+44 2", "1" * 16):
        with pytest.raises(ValueError, match="your direct line") as refused:
            typed.phone(text, "your direct line")
        assert "phone number" not in str(refused.value)


@pytest.mark.parametrize(
    "text",
    [
        "118-555-0123",
        "018-555-0123",
        "618-155-0123",
        "618-911-0123",
        "711-555-0123",
        "0000000000",
        "999-999-9999",
        "0123456789",
        "5550123 618",
        "+44 7700 900123",
        "555-0123",
        "call me",
        "",
    ],
)
def test_a_number_in_no_known_range_may_be_mistyped(text):
    assert typed.may_be_mistyped(text)


@pytest.mark.parametrize(
    "text",
    ["618-555-0123", "(416) 555-0199 x5", "800-555-0123", "+44 20 7946 0958"]
    + ["+52 1 55 1234 5678", "+618 555 0123", "618-555-0123 or 0000000000"],
)
def test_an_ordinary_or_example_number_does_not_look_mistyped(text):
    assert not typed.may_be_mistyped(text)


def key_before(phone: str) -> str:
    """Return the key that the first edition hashed."""
    return re.sub(r"[^0-9]", "", re.split(r"x|ext", phone.lower())[0])[-10:]


area_and_number = st.from_regex(r"[2-9][0-9]{2}[2-9][0-9]{6}", fullmatch=True)
separators = st.sampled_from(["", " ", "-", ".", "/", " - "])
old_extensions = st.sampled_from(["", "x4", " x 45", " ext 45", " ext. 123456", "X7", " EXT 9", " ext"])


@given(area_and_number, separators, st.sampled_from(["", "1", "+1", "1 ", "+1 ", "+1-", "1."]), old_extensions)
def test_the_key_of_a_stored_us_number_has_not_changed(number, separator, prefix, extension):
    parts = (number[:3], number[3:6], number[6:])
    for written in (separator.join(parts), f"({parts[0]}) {parts[1]}-{parts[2]}", f"({parts[0]}){parts[1]}.{parts[2]}"):
        assert typed.phone_key(prefix + written + extension) == key_before(prefix + written + extension) == number


@pytest.mark.parametrize(
    "number",
    [
        "+44 20 7946 0958",
        "+44 (0)20 7946 0958",
        "011 44 20 7946 0958",
        "+49 30 901820",
        "+49 30/901820 x5",
        "+47 22 00 00 00",
        "+39 06 6982 0100",
        "+86 10 6552 9988",
        "+52 55 5555 0100",
    ],
)
def test_the_key_of_a_stored_foreign_number_has_not_changed(number):
    assert typed.phone_key(number) == key_before(number)


@given(st.from_regex(r"[-()+./ 0-9]{0,25}", fullmatch=True))
@example("555-0136 x45")
@example("12345678")
@example("44 20 7946 0958")
@example("1 155 555 0100")
def test_the_key_of_a_stored_number_that_is_now_refused_has_not_changed(written):
    with suppress(ValueError):
        typed.phone(written)
        return
    assert typed.phone_key(written) == key_before(written)


def test_a_stored_number_that_is_now_refused_is_still_dialed():
    assert typed.dialed("555-0136 x45") == ("5550136", "")
    assert typed.dialed("(+999) 12345678") == ("+99912345678", "")
    assert typed.dialed("") == ("", "")


@given(spellings())
def test_any_spelling_of_a_number_has_the_same_key(written):
    assert typed.phone_key(written) == PLAIN
    assert typed.phone(written).e164 == "+1" + PLAIN


# --- Email addresses


@pytest.mark.parametrize(
    "written",
    [
        "pat@example.com\u200b",
        "\u202apat@example.com\u202c",
        "mailto:pat@example.com",
        "MAILTO:pat@example.com?subject=Hello",
        "<pat@example.com>",
        "Pat Example <pat@example.com>",
        "pat@example.com <mailto:pat@example.com>",
        "pat@example.com.",
        "pat@example.com,",
        "“pat@example.com”",
        "'pat@example.com'",
        " pat @ example.com ",
        "ｐａｔ＠ｅｘａｍｐｌｅ．ｃｏｍ",
        "pat@Example.COM",
        "pat@example.com (home)",
        "pat@example.com(home)",
        "pat@example.com call me",
        "pat@example.com, call me",
        "pat@example.com - work",
        "email: pat@example.com",
        "E-mail address:pat@example.com",
        "my email is pat@example.com, thanks",
    ],
)
def test_an_email_address_is_read_in_every_spelling(written):
    assert typed.email(written) == "pat@example.com"
    assert typed.email_key(written.upper()) == "pat@example.com"


@pytest.mark.parametrize("apostrophe", "’‘ʼ´′＇")
def test_a_curly_apostrophe_in_an_address_is_read_as_a_straight_one(apostrophe):
    assert typed.email(f"o{apostrophe}brien@example.com") == "o'brien@example.com"
    assert typed.email_key(f"O{apostrophe}Brien@example.com") == "o'brien@example.com"


@pytest.mark.parametrize(
    "address",
    ["pat+tag@example.com", "o'brien@example.com", "'pat@example.com", "pat@bücher.example", "x@y.photography"]
    + ["a=b@example.com", "x" * 64 + "@example.com", "is-pat@example.com"],
)
def test_an_unusual_address_is_accepted_unchanged(address):
    assert typed.email(address) == address


def test_both_spellings_of_an_international_domain_have_the_same_key():
    assert typed.email_key("pat@xn--bcher-kva.example") == typed.email_key("Pat@Bücher.example") == "pat@bücher.example"


@pytest.mark.parametrize(
    ("text", "advice"),
    [
        ("nobody", "Enter an email address like"),
        ("@example.com", "Enter an email address like"),
        ("pat@", "Enter an email address like"),
        ("root@localhost", "the part after the @"),
        ("pat@[127.0.0.1]", "the part after the @"),
        ("pat@127.0.0.1", "the part after the @"),
        ("pat@printer.local", "the part after the @"),
        ("pat@exam ple.com", "the part after the @"),
        ("pat@exam ple.com", "the @ has a space"),
        ("pat@example com", "the @ has a space"),
        ("pat@example .com", "the @ has a space"),
        ("pat@example.co m", "the @ has a space"),
        ("pat@sub.exa mple.com", "the @ has a space"),
        ("pat@example..com", "two dots in a row"),
        ("pat@-example.com", "a dot or hyphen where a letter should be"),
        ("pat@exam_ple.com", "a character that it cannot have"),
        ("root@localhost", "has no dot"),
        ("pat@127.0.0.1", "the number of a computer"),
        ("pat@example.c", "ends in a single letter"),
        ("pat@clinic.internal", "not a name on the internet"),
        ("pat@router.LAN", "not a name on the internet"),
        ("root@localhost.localdomain", "not a name on the internet"),
        ("pat..example@example.com", "two dots in a row before the @"),
        ("pat example@example.com", "a space before the @"),
        (".pat@example.com", "a dot at the start before the @"),
        ("pat.@example.com", "a dot right before the @"),
        ('"pat"@example.com', "a quotation mark before the @"),
        ("pat,x@example.com", "a character that email addresses cannot have before the @"),
        ("\U0001f600@example.com", "a character that email addresses cannot have before the @"),
        ("x" * 65 + "@example.com", "more than 64 characters before the @"),
        ("pat@@example.com", "take out the second @"),
        ("@pat@example.com", "take out the second @"),
        ("a:b@example.com", "before the @"),
        ("pat@ (home)", "Enter an email address like"),
        ("josé@example.com", "accented"),
        ("pat@example.com, sam@example.com", "one email address"),
        ("pat@example.com\r\nBcc: sam@example.com", "one email address"),
        ("x" * 300 + "@example.com", "email address"),
    ],
)
def test_a_refused_address_comes_with_what_to_do(text, advice):
    with pytest.raises(ValueError, match=advice):
        typed.email(text)


@given(st.emails())
def test_the_key_of_a_stored_plain_address_has_not_changed(address):
    assert typed.email_key(address) == address.lower() or "xn--" in address.lower()


def test_a_stored_address_that_is_now_refused_still_has_its_key_and_link():
    for address in ("root@localhost", "pat@[127.0.0.1]", "Pat@Printer.local"):
        assert typed.email_key(address) == address.lower()
        assert typed.mailbox(address) == address
    for address in ("Pat@Clinic.internal", "pat@bücher.c", "x" * 65 + "@example.com"):
        assert typed.email_key(address) == address.lower()
    assert typed.email_key("pat@xn--bcher-kva.internal") == "pat@bücher.internal"
    assert typed.email_uri("root@localhost") == "mailto:root@localhost"


def test_a_mail_link_cannot_add_headers():
    address = "pat?cc=eve%40example.org&subject=x@example.com"
    assert typed.email_uri(address) == "mailto:pat%3Fcc%3Deve%2540example.org%26subject%3Dx@example.com"
    assert re.fullmatch(r"mailto:[\w.%~@-]*", typed.email_uri('a"#\r\nb&c?d@[1]'))


# --- Names, references and searches


@pytest.mark.parametrize(
    "text", ["", " ", "\u200b", "\u3164", "\u2800", "\u202e", "\u00ad\ufeff", "\u200d", "\u0301", "\ufe0f"]
)
def test_a_name_of_invisible_characters_is_empty(text):
    assert typed.name(text) == ""


@pytest.mark.parametrize(
    "text",
    ["X", "O’Brien", "علی\u200cرضا", "क्\u200dष", "李", "\U0001f469\u200d\U0001f52c", "Null", "Олена", "辻\U000e0100"],
)
def test_a_visible_name_is_shown_as_it_was_typed(text):
    assert typed.name(text) == text


@pytest.mark.parametrize("text", ["", ".", "-", "?", "_", "'", "...", "’", "ʼ", "\u0301", "\u3164", "¿?"])
def test_a_text_without_a_letter_digit_or_emoji_is_not_a_name(text):
    assert not typed.is_name(text)


@pytest.mark.parametrize("text", ["X", "x.", "李", "ع", "क", "7", "٧", "Ⅳ", "O’Brien", "-A-", "ª", "辻\U000e0100"])
def test_one_letter_or_digit_of_any_script_is_a_name(text):
    assert typed.is_name(text)


def test_a_name_cannot_change_the_direction_of_what_follows_it():
    assert typed.name("\u202eelpmaxE \u2067Alex\u200b") == "elpmaxE Alex"


@pytest.mark.parametrize(
    "text", ["K7MB4P9X", "K7MB 4P9X", "k7mb-4p9x", "K7MB–4P9X.", "Ｋ７ＭＢ４Ｐ９Ｘ", "Ref. #k7mb\u200b4p9x"]
)
def test_a_reference_is_read_in_every_spelling(text):
    assert typed.reference(text) == "K7MB4P9X"


@pytest.mark.parametrize("text", ["", "k7mb@example.com", "K7MB+4P9X", "Олена"])
def test_a_text_with_other_signs_is_no_reference(text):
    assert typed.reference(text) == ""


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("  José \u200bÑúñez ", "jose nunez"),
        ("STRASSE", "strasse"),
        ("Straße", "strasse"),
        ("Łukasz Ørsted", "lukasz orsted"),
        ("O’Brien", "o'brien"),
        ("Smith–Jones", "smith-jones"),
        ("İpek", "ipek"),
        ("Ａｌｅｘ", "alex"),
        ("ОЛЕНА", "олена"),
    ],
)
def test_a_search_ignores_accents_case_and_spaces(text, found):
    assert typed.searchable(text) == found
    assert typed.searchable(found) == found


def test_digits_are_found_in_every_script():
    assert typed.digits("(６18) ٥55-0123") == "6185550123"


# --- Arbitrary text

FUNCTIONS = [
    typed.plain,
    typed.digits,
    typed.phone_text,
    typed.dialed,
    typed.phone_key,
    typed.bare_email,
    typed.mailbox,
    typed.email_key,
    typed.email_uri,
    typed.name,
    typed.reference,
    typed.searchable,
]
anything = st.one_of(
    st.text(st.characters()),
    st.text(st.characters(categories=["Cs", "Cf", "Cc", "Mn", "Nd", "Pd", "Zs"])),
    st.text(st.sampled_from("0123456789+-()/,;#*x.: ext@<>[]'\"%\0\ud800\u200b\u0661tel:mailto"), max_size=80),
)


@given(anything)
@example("\ud800" * 50)
@example("\0")
@example("mailto:%ED%A0%80@%00")
@example("a@xn--zzzzzz.com")
@example("+0")
def test_no_text_raises_anything_but_a_refusal(text):
    for function in FUNCTIONS:
        result = function(text)
        "".join(result).encode()
    typed.may_be_mistyped(text)
    typed.is_name(text)
    for check in (typed.phone, typed.email):
        with suppress(ValueError):
            check(text)


@pytest.mark.parametrize(
    "unit",
    [
        "1",
        "1,",
        "1x",
        "1ext",
        "ext",
        "(1",
        "1 or ",
        "1 618 555 0133 ",
        "a@",
        "<",
        "\ufdfa",
        "e\u0301",
        "%00",
        "\ud800",
        "x1;ext=",
    ],
)
def test_the_work_for_a_long_text_is_bounded(unit):
    """Only the first LONGEST characters count, so a regex that backtracks exponentially is the only risk left."""
    for function in FUNCTIONS:
        assert function(unit * 100_000) == function((unit * typed.LONGEST)[: typed.LONGEST])
