"""Finds the words of an urgent request that its writer has since changed."""

from consultations.models import ConsultationRequest
from consultations.urgent import reads_like_crisis


def words_taken_back(consultation: ConsultationRequest) -> str:
    """Return the latest earlier answers that read like a crisis, or "" if the present ones do."""
    if any(_reads_like_crisis(getattr(consultation, name)) for name in ConsultationRequest.CONTENT):
        return ""
    earlier = consultation.corrections.filter(author=None).order_by("-corrected_at")
    return next((str(each.before) for each in earlier if _reads_like_crisis(each.before)), "")


def _reads_like_crisis(value: object) -> bool:
    return isinstance(value, str) and reads_like_crisis(value)
