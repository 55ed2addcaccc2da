"""The answers that the benchmark posts to our form."""

ANSWERS = {
    "asking_for": "myself",
    "age_ok": "yes",
    "full_name": "Robin Example",
    "contact_by": "call",
    "phone": "618 555 0100",
    "voicemail_ok": "yes",
    "consent": "on",
}
