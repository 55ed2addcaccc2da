"""Cleans what people type: phone numbers, email addresses, names, references and searches.

Columns keep what was typed. Whatever validates, hashes, links or searches uses the clean form from here. `phone` and
`email` raise ValueError with a message for the person who typed; the other functions accept any text. Text beyond
LONGEST is ignored, so that no input takes more than a few milliseconds.
"""

from clinic.typed.characters import LONGEST, digits, plain
from clinic.typed.emails import bare_email, email, email_key, email_uri, mailbox
from clinic.typed.names import is_name, name, reference, searchable, visible
from clinic.typed.phones import Phone, dialed, may_be_mistyped, phone, phone_key, phone_text

__all__ = [
    "LONGEST",
    "Phone",
    "bare_email",
    "dialed",
    "digits",
    "email",
    "email_key",
    "email_uri",
    "is_name",
    "mailbox",
    "may_be_mistyped",
    "name",
    "phone",
    "phone_key",
    "phone_text",
    "plain",
    "reference",
    "searchable",
    "visible",
]
