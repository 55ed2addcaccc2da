"""The questions that only the clinic can answer about its own practice, such as what to eat before a visit.

Each answer is a fact of its own. Templates show it with {% answer "food" %}; until it is set, the page keeps its words.
"""

from dataclasses import dataclass
from typing import Any

from clinic import typed

ANSWER_LENGTH = 400
NIGHT_NUMBER = "night-number"  # the one answer that is a phone number


@dataclass(frozen=True)
class Question:
    """A question as patients and managers read it, and where its answer appears."""

    key: str
    text: str
    appears: str

    @property
    def fact(self) -> str:
        """Return the key of the fact that stores the answer."""
        return "answer_" + self.key.replace("-", "_")


# In the order of the desk's form.
_QUESTIONS = (
    Question("food", "May I eat or drink before?", "On Questions and Your visit"),
    Question("length", "How long does it take?", "On Questions and Your visit, for the whole stay at the clinic"),
    Question("who-watches", "Who watches me during the infusion?", "On Questions, Safety and Your visit"),
    Question("equipment", "What emergency equipment do you have?", "On Questions and Safety"),
    Question(
        NIGHT_NUMBER,
        "Who can I call when you're closed?",
        "On Questions, and wherever Visit us, Safety, Your visit, After your infusion, Depression, Chronic pain, PTSD, "
        "Anxiety, Benefits and limits or Family and friends say “call us”",
    ),
    Question("referral", "Do I need a referral or a therapist?", "On Questions"),
    Question("records", "Do you need my medical records?", "On Questions and Your visit"),
    Question("companion", "May someone stay with me?", "On Questions, Your visit and Family and friends"),
    Question("comfort", "What can I bring to be comfortable?", "On Questions and Your visit"),
    Question("pregnancy-test", "Do I need a pregnancy test?", "On Questions and Your visit"),
    Question("pain-protocols", "What do you offer for pain?", "On Questions, Chronic pain and Your visit"),
    Question("follow-up", "How do you check on me afterward?", "On Questions and Your visit"),
    Question("cancellation", "What if I have to cancel?", "On Questions and Your visit"),
    Question("community-care", "Do you take VA Community Care?", "On Questions and PTSD"),
)
QUESTIONS = {question.key: question for question in _QUESTIONS}


def sentence(text: str) -> str:
    """Return an answer as plain text on one line. Raise ValueError if it is longer than ANSWER_LENGTH."""
    text = typed.visible(text)
    if len(text) > ANSWER_LENGTH:
        raise ValueError(f"Use {ANSWER_LENGTH} characters or fewer; this has {len(text)}.")
    return text


def answered(facts: dict[str, Any]) -> dict[str, str]:
    """Return the stored answers, keyed by the question's key."""
    return {key: facts[question.fact] for key, question in QUESTIONS.items() if facts.get(question.fact)}
