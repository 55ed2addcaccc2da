"""Template tags that draw the evidence, from the data in pages/evidence.py.

{% evidence_meter "depression" %}, {% evidence_plot "depression" %}, {% people_chart "depression" "anand-2023" "…" %},
{% figure "anand-2023.analyzed" %}
"""

from dataclasses import dataclass

from django import template
from django.utils.safestring import SafeString

from pages import charts
from pages.evidence import EVIDENCE, Conclusion, Evidence, Finding, Group, Trial
from pages.figures import FIGURES
from pages.templatetags.citations import cite

register = template.Library()

# The overview's columns, and the findings in each.
COLUMNS = (
    ("▲ For", (Finding.FOR,)),
    ("= Alike or mixed", (Finding.AS_GOOD, Finding.MIXED, Finding.NONE)),
    ("▼ Against", (Finding.AGAINST,)),
    ("? Can't tell", (Finding.UNKNOWN,)),
)
LARGEST_TRIAL = max(trial.people for evidence in EVIDENCE.values() for trial in evidence.trials)


@dataclass(frozen=True)
class Bar:
    arm: str
    drawing: SafeString
    shown: str


def bars(trial: Trial) -> list[Bar]:
    """Return a bar for ketamine and one for the comparison, if the trial reports those numbers."""
    if trial.outcome is None or trial.ketamine is None:
        return []
    drawn = [Bar(trial.drug.value, charts.bar(trial.ketamine, trial.outcome.top, "plot-drug"), trial.ketamine_shown)]
    if trial.compared is not None:
        drawing = charts.bar(trial.compared, trial.outcome.top, "plot-comparison")
        drawn.append(Bar(trial.comparison, drawing, trial.compared_shown))
    return drawn


def overview(group: Group) -> list[list[tuple[SafeString, Trial]]]:
    """Return each column's (circle, trial) pairs. Results of one trial with the same finding share a circle."""
    once = {(trial.source, trial.finding): trial for trial in group.trials}.values()
    return [
        [(charts.circle(trial.people, LARGEST_TRIAL), trial) for trial in once if trial.finding in findings]
        for _, findings in COLUMNS
    ]


@register.inclusion_tag("includes/evidence_meter.html")
def evidence_meter(condition: str, explained: bool = False) -> dict[str, object]:
    """Show the certainty of the evidence as a meter and in words. `explained` adds what it means and why."""
    evidence = EVIDENCE[condition]
    return {"evidence": evidence, "drawing": charts.meter(evidence.certainty), "explained": explained}


@register.inclusion_tag("includes/evidence_plot.html", takes_context=True)
def evidence_plot(context: template.Context, condition: str) -> dict[str, object]:
    """Plot every trial of a condition. The plot's citations continue the article's numbering."""
    evidence: Evidence = EVIDENCE[condition]

    def cited(item: Trial | Conclusion) -> SafeString:
        also = getattr(item, "also", "")
        return cite(context, item.source, *([also] if also else []))

    return {
        "evidence": evidence,
        "columns": [words for words, _ in COLUMNS],
        "overview": [(group, overview(group)) for group in evidence.groups],
        "groups": [
            (group, [(trial, cited(trial), bars(trial)) for trial in group.trials]) for group in evidence.groups
        ],
        "conclusions": [(conclusion, cited(conclusion)) for conclusion in evidence.conclusions],
    }


@register.inclusion_tag("includes/people_chart.html", takes_context=True)
def people_chart(context: template.Context, condition: str, source: str, caveat: str) -> dict[str, object]:
    """Draw one trial's results as two groups of a hundred people, ketamine and the comparison, with a caveat."""
    trial = next(trial for trial in EVIDENCE[condition].trials if trial.source == source and trial.outcome)
    arms = []
    for arm, value in ((trial.drug.value, trial.ketamine), (trial.comparison, trial.compared)):
        count = round(value)
        arms.append((arm, charts.hundred_people(count), trial.outcome.show(count), trial.outcome.show(100 - count)))
    return {"trial": trial, "arms": arms, "caveat": caveat, "citation": cite(context, source)}


@register.simple_tag
def figure(key: str) -> str:
    """Return a number that several pages state. Raise KeyError if pages/figures.py has no such key."""
    return FIGURES[key]
