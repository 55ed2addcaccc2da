"""{% evidence_meter "depression" %}, {% evidence_plot "depression" %}, {% people_chart "depression" "anand-2023" "…" %}."""

from dataclasses import dataclass

from django import template
from django.utils.safestring import SafeString

from pages import charts
from pages.evidence import EVIDENCE, Conclusion, Evidence, Finding, Group, Trial
from pages.templatetags.citations import cite

register = template.Library()

# The columns of the overview, from what speaks for ketamine to what says nothing.
COLUMNS = (
    ("▲ For", (Finding.FOR,)),
    ("= Mixed, or none", (Finding.MIXED, Finding.NONE)),
    ("▼ Against", (Finding.AGAINST,)),
    ("? Can't tell", (Finding.UNKNOWN,)),
)


@dataclass(frozen=True)
class Bar:
    """One arm of a trial as the plot shows it: whose it is, its drawing, its figure."""

    arm: str
    drawing: SafeString
    shown: str


def bars(trial: Trial) -> list[Bar]:
    """Ketamine and beside it the comparison, where the trial has one; none at all where there are no figures."""
    if trial.outcome is None or trial.ketamine is None:
        return []
    drawn = [Bar("Ketamine", charts.bar(trial.ketamine, trial.outcome.top, "plot-drug"), trial.ketamine_shown)]
    if trial.compared is not None:
        drawing = charts.bar(trial.compared, trial.outcome.top, "plot-comparison")
        drawn.append(Bar(trial.comparison, drawing, trial.compared_shown))
    return drawn


def overview(group: Group) -> list[list[tuple[SafeString, Trial]]]:
    """For each column the group's trials that belong there, each of them once."""
    once = {(trial.source, trial.finding): trial for trial in group.trials}.values()
    return [
        [(charts.circle(trial.people), trial) for trial in once if trial.finding in findings] for _, findings in COLUMNS
    ]


@register.inclusion_tag("includes/evidence_meter.html")
def evidence_meter(condition: str, explained: bool = False) -> dict[str, object]:
    """How sure one can be, in four steps and in words; `explained` adds what that means."""
    evidence = EVIDENCE[condition]
    return {"evidence": evidence, "drawing": charts.meter(evidence.steps), "explained": explained}


@register.inclusion_tag("includes/evidence_plot.html", takes_context=True)
def evidence_plot(context: template.Context, condition: str) -> dict[str, object]:
    """Every trial of a condition. Its sources join the article's own, in the order in which they are read."""
    evidence: Evidence = EVIDENCE[condition]

    def cited(item: Trial | Conclusion) -> SafeString:
        return cite(context, item.source)

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
    """One trial as two pictures of a hundred people, ketamine's and the comparison's, with what to beware of."""
    trial = next(trial for trial in EVIDENCE[condition].trials if trial.source == source and trial.outcome)
    arms = []
    for arm, value in (("Ketamine", trial.ketamine), (trial.comparison, trial.compared)):
        count = round(value)
        arms.append((arm, charts.hundred_people(count), trial.outcome.show(count), trial.outcome.show(100 - count)))
    return {"trial": trial, "arms": arms, "caveat": caveat, "citation": cite(context, source)}
