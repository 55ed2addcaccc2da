import re


def security_contact(text: str) -> str:
    """Return SECURITY_CONTACT as a URI for security.txt. An email address becomes a mailto: URI."""
    if re.fullmatch(r"[^\s@:]+@[^\s@:]+\.[^\s@:]+", text):
        return "mailto:" + text
    if text and not re.fullmatch(r"https://[!-~]+", text):
        raise ValueError("is neither an email address nor an https link")
    return text
