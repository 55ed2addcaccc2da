"""Sorts the errors of sending an email into temporary and final ones, and says in plain words what went wrong."""

import re
from smtplib import SMTPDataError, SMTPRecipientsRefused

TOO_MANY_RECEIPTS = "TooManyReceipts"
WORKER_DIED = "WorkerDied"
NOT_ACCEPTED = "NotAccepted"
TOO_SLOW = "TooSlow"
ADDRESS_REFUSED = "the mail server refused the address"
ADDRESS_REFUSED_BY = SMTPRecipientsRefused.__name__

# Replies that say that the site must sign in or encrypt first (RFC 4954, RFC 3207). The address is not to blame.
_SITE_MUST_SIGN_IN = (530, 534, 535, 538)

# By subject and detail of the enhanced status code (RFC 3463).
_BY_STATUS = {
    "1.1": "the address does not exist",
    "1.2": "the address's domain does not exist",
    "1.3": "the address is not valid",
    "1.6": "the mailbox has moved",
    "1.10": "the address's domain takes no email",
    "2.1": "the mailbox is switched off",
    "2.2": "the mailbox is full",
    "2.3": "the message is too large",
    "3.4": "the message is too large",
    "4.4": "the address's domain takes no email",
    "7.1": "the mail server does not take email from us",
    # RFC 7372, and 7.27, which Gmail uses for SPF.
    **dict.fromkeys(
        ("7.20", "7.21", "7.22", "7.23", "7.24", "7.26", "7.27"),
        "the DNS records of our email domain (SPF, DKIM or DMARC) are missing or wrong",
    ),
    "7.25": "our mail server has no name in DNS",
}
# The status codes about security and policy, with which a server refuses the sender and not the address.
POLICY = " 5.7."
_BY_ERROR = {
    TOO_MANY_RECEIPTS: "three confirmations went to this address within an hour, so this one was not sent",
    WORKER_DIED: "the email program stopped each time it tried",
    NOT_ACCEPTED: "no mail server took the email",
    TOO_SLOW: "the mail server took too long",
    "SMTPAuthenticationError": "the mail server did not accept our sign-in",
    "SMTPSenderRefused": "the mail server did not accept our sender address",
    "SMTPHeloError": "the mail server did not accept our connection",
    "SMTPConnectError": "the mail server did not accept our connection",
    "SMTPNotSupportedError": "the mail server lacks something that we need",
    "SSLError": "the connection to the mail server could not be secured",
    "SSLCertVerificationError": "the connection to the mail server could not be secured",
    "gaierror": "the mail server cannot be found",
    "ValueError": "there is no address that we can send to",
}
_UNREACHABLE = ("SMTPServerDisconnected", "ConnectionRefusedError", "ConnectionResetError", "TimeoutError", "OSError")


def reply(error: Exception) -> tuple[int, bytes]:
    """Return the mail server's reply code and text, or (0, b"") if it did not reply.

    If it refused several recipients, the reply is the mildest: the one that gives hope for a retry.
    """
    if isinstance(error, SMTPRecipientsRefused):
        return min(error.recipients.values(), key=lambda each: each[0], default=(0, b""))
    text = getattr(error, "smtp_error", b"")
    return getattr(error, "smtp_code", 0) or 0, text if isinstance(text, bytes) else str(text).encode()


def is_final(error: Exception) -> bool:
    """Return whether the mail server refused the recipient or the message for good, so that a retry is useless.

    A refused sign-in, greeting or sender affects every email: it is a fault of the configuration, and is retried.
    """
    code, _ = reply(error)
    about_this_email = isinstance(error, SMTPRecipientsRefused | SMTPDataError)
    return about_this_email and 500 <= code < 600 and code not in _SITE_MUST_SIGN_IN


def summary(error: Exception) -> str:
    """Return the error's class and codes, such as "SMTPRecipientsRefused 550 5.1.1".

    The server's text is left out, because it may contain the patient's address.
    """
    code, text = reply(error)
    status = re.match(rb"[245]\.\d{1,3}\.\d{1,3}(?!\S)", text.strip())
    parts = [type(error).__name__, str(code) if code else "", status[0].decode() if status else ""]
    return " ".join(filter(None, parts))[:80]


def blames_address(error: str) -> bool:
    """Return whether the mail server refused the recipient's address, from what `summary` returned."""
    return error.startswith(ADDRESS_REFUSED_BY) and POLICY not in error


def in_words(error: str) -> str:
    """Return a phrase that tells staff what went wrong, from what `summary` returned."""
    name, code, status = (error.split() + ["", "", ""])[:3]
    if name in ("SMTPRecipientsRefused", "SMTPDataError"):
        if words := _BY_STATUS.get(status.partition(".")[2]):
            return words
        return _refused(name, code)
    if name in _UNREACHABLE:
        return "the mail server cannot be reached"
    return _BY_ERROR.get(name, "the email could not be sent")


def _refused(name: str, code: str) -> str:
    recipient = name == ADDRESS_REFUSED_BY
    if code in ("452", "552"):
        return "the mailbox is full" if recipient else "the mailbox is full, or the message is too large"
    if code.startswith("4"):
        return f"the mail server did not take {'the address' if recipient else 'the message'} yet"
    return ADDRESS_REFUSED if recipient else "the mail server refused the message"
