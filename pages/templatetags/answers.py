"""Template tags for what the clinic itself answers: {% answer "food" %}, {% our_answers "food" "records" %}."""

from django import template
from django.template.base import NodeList, Parser, Token
from django.template.loader import get_template
from django.utils.safestring import SafeString

from clinic import snapshot
from clinic.answers import QUESTIONS, Question

register = template.Library()


class AnswerNode(template.Node):
    def __init__(self, question: Question, is_asked: bool, nodelist: NodeList) -> None:
        self.question, self.is_asked, self.nodelist = question, is_asked, nodelist

    def render(self, context: template.Context) -> SafeString:
        if self.question.key not in snapshot.current().answers:
            return self.nodelist.render(context)
        return rendered_answer(self.question, snapshot.current(), is_asked=self.is_asked)


@register.tag
def answer(parser: Parser, token: Token) -> AnswerNode:
    """{% answer "food" %}…{% endanswer %}: show the clinic's answer if it is set, or else the content.

    The answer is an element of its own, so the tag stands between blocks. It repeats the question, except after the
    word `asked`, for a place whose heading asks it.
    """
    name, *arguments = token.split_contents()
    key = arguments[0].strip('"') if arguments else ""
    if key not in QUESTIONS or arguments[1:] not in ([], ["asked"]):
        raise template.TemplateSyntaxError(f"{name} takes the key of a question, then “asked” or nothing: {arguments}")
    nodelist = parser.parse(["endanswer"])
    parser.delete_first_token()
    return AnswerNode(QUESTIONS[key], arguments[1:] == ["asked"], nodelist)


@register.inclusion_tag("includes/our_answers.html")
def our_answers(*keys: str) -> dict[str, object]:
    """Show each of these questions that the clinic has answered, under a heading of its own."""
    clinic = snapshot.current()
    answered = [QUESTIONS[key] for key in keys if key in clinic.answers]
    return {"answered": [(question, rendered_answer(question, clinic, is_asked=True)) for question in answered]}


def rendered_answer(question: Question, clinic: snapshot.Clinic, *, is_asked: bool = False) -> SafeString:
    """Return an answer's HTML, as every page and the desk's preview show it."""
    shown = {"question": question, "text": clinic.answers[question.key], "is_asked": is_asked, "clinic": clinic}
    return get_template("includes/answer.html").render(shown)
