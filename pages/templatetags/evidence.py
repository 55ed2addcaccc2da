"""Template tags that draw the evidence, from the data in pages/evidence.py.

{% evidence_meter "depression" %}, {% evidence_grade "depression" %}, {% evidence_plot "depression" %},
{% people_studied "ptsd" %}, {% pooled_result "depression" "dean-2021" %},
{% people_chart "depression" "anand-2023" "…" %}, {% figure "anand-2023.analyzed" %}, {% options %},
{% options_chart "depression" %}, {% trial_marks "depression" "anand-2023" %},
{% figure_mark "yale-2024.severe-rise" %}, {% key_figure "depression" "dean-2021" "jelovac-2025" caveat="…" %}
"""

import re

from django import template
from django.utils.safestring import SafeString

from pages import charts
from pages.evidence import (
    EVIDENCE,
    KETAMINE_OPTIONS,
    OPTION_CHARTS,
    OPTION_USES,
    OPTIONS,
    SIDE_EFFECTS,
    Conclusion,
    Evidence,
    Finding,
    Option,
    Trial,
)
from pages.figures import FIGURES
from pages.templatetags.citations import numbers

register = template.Library()


def marks(trial: Trial) -> SafeString | str:
    """Draw the trial's dot, and a ring for its comparison, or return "" if they have no place on the scale."""
    if not trial.counts_people:
        return ""
    return charts.dot_and_ring(trial.ketamine, trial.compared, ranges=trial.ranges)


@register.inclusion_tag("includes/evidence_meter.html")
def evidence_meter(condition: str, explained: bool = False, drawn: bool = True) -> dict[str, object]:
    """Show the certainty of the evidence as a meter and in words. `explained` adds what it means and why.

    Where one meter stands for several uses, each of them is not `drawn`, so only screen readers hear its grade.
    """
    evidence = EVIDENCE[condition]
    drawing = charts.meter(evidence.certainty) if drawn else ""
    return {"evidence": evidence, "drawing": drawing, "explained": explained}


@register.inclusion_tag("includes/people_studied.html")
def people_studied(condition: str) -> dict[str, object]:
    """Show how many trials compared ketamine with something else, and how many people were in the largest."""
    compared = EVIDENCE[condition].compared
    return {"trials": len({trial.source for trial in compared}), "people": max(trial.people for trial in compared)}


@register.inclusion_tag("includes/pooled_result.html")
def pooled_result(condition: str, source: str) -> dict[str, object]:
    """Show what several trials together found, in a sentence."""
    return {"result": next(trial for trial in EVIDENCE[condition].pooled if trial.source == source)}


@register.simple_tag
def evidence_grade(condition: str) -> str:
    """Return the certainty of the evidence for a condition in words, such as "very low"."""
    return EVIDENCE[condition].certainty.name.replace("_", " ").lower()


@register.inclusion_tag("includes/key_figure.html", takes_context=True)
def key_figure(context: template.Context, condition: str, *sources: str, caveat: str) -> dict[str, object]:
    """Show the evidence's grade and results that disagree, in the margin of a wide screen.

    A trial without a figure for each group shows its finding in the same size.
    """
    evidence = EVIDENCE[condition]
    results = []
    for trial in (
        trial for source in sources for trial in (*evidence.pooled, *evidence.trials) if trial.source == source
    ):
        compared = trial.compared_words
        values = ((trial.drug_name, trial.ketamine, "dot"), (compared, trial.compared, "ring"))
        arms = [
            (arm, trial.outcome.number(value), charts.legend(mark))
            for arm, value, mark in values
            if trial.outcome and value is not None
        ]
        verdicts = {Finding.AS_GOOD: f"At least as good as {compared}", Finding.AGAINST: f"Worse than {compared}"}
        verdict = verdicts.get(trial.finding, trial.finding.words)
        results.append((trial, numbers(context, trial.source), verdict, arms, compared))
    return {"evidence": evidence, "drawing": charts.meter(evidence.certainty), "results": results, "caveat": caveat}


@register.inclusion_tag("includes/evidence_plot.html", takes_context=True)
def evidence_plot(context: template.Context, condition: str) -> dict[str, object]:
    """Plot every trial of a condition. The plot's citations continue the article's numbering."""
    evidence: Evidence = EVIDENCE[condition]

    def cited(item: Trial | Conclusion) -> SafeString:
        also = getattr(item, "also", "")
        return numbers(context, item.source, *([also] if also else []))

    return {
        "evidence": evidence,
        "legend": {"drug": charts.legend("dot"), "comparison": charts.legend("ring"), "range": charts.legend("range")},
        "groups": [
            (group, [(trial, cited(trial), marks(trial)) for trial in group.trials]) for group in evidence.groups
        ],
        "has_ranges": any(any(trial.ranges) for trial in evidence.trials),
        "unknown_groups": any(_has_unknown_group(trial) for trial in evidence.trials),
        "conclusions": [(conclusion, cited(conclusion)) for conclusion in evidence.conclusions],
    }


def _has_unknown_group(trial: Trial) -> bool:
    """Tell whether the chart shows a number of the trial without its likely range."""
    shown = zip((trial.ketamine, trial.compared), trial.ranges, strict=True)
    return trial.counts_people and any(value is not None and not likely for value, likely in shown)


@register.inclusion_tag("includes/side_effects.html", takes_context=True)
def side_effects(context: template.Context) -> dict[str, object]:
    """Show how many of 100 people had each side effect with ketamine and with ECT, as a table that is its chart."""
    return {
        "legend": {"drug": charts.legend("dot"), "comparison": charts.legend("ring"), "range": charts.legend("range")},
        "rows": [
            (effect, charts.dot_and_ring(effect.ketamine, effect.ect, ranges=effect.ranges)) for effect in SIDE_EFFECTS
        ],
        "citation": numbers(context, "ekstrand-2022"),
    }


@register.inclusion_tag("includes/options.html", takes_context=True)
def options(context: template.Context) -> dict[str, object]:
    """Show ketamine and the other treatments for each use in a table of words that opens on its own."""

    def table(use: str) -> list[tuple[Option, SafeString, SafeString]]:
        shown = [option for option in (*KETAMINE_OPTIONS, *OPTIONS) if option.use == use]
        return [(o, numbers(context, *o.sources), numbers(context, *o.harm_sources)) for o in shown]

    def how(use: str) -> list[tuple[Option, SafeString]]:
        return [(option, numbers(context, option.how_source)) for option in OPTIONS if option.use == use]

    return {"tables": [(use, title, table(use), how(use)) for use, title in OPTION_USES.items()]}


@register.inclusion_tag("includes/options_chart.html", takes_context=True)
def options_chart(context: template.Context, use: str) -> dict[str, object]:
    """Show ketamine and the other treatments for one use in a table with a chart in its rows, and how each may work.

    Only a row with numbers for two groups has a scale.
    """

    def row(option: Option) -> tuple[Option, SafeString | str, SafeString, SafeString]:
        drawing = "" if option.better is None else charts.dot_and_ring(option.better, option.compared, option.marks)
        return option, drawing, numbers(context, *option.sources), numbers(context, *option.harm_sources)

    chart = OPTION_CHARTS[use]
    explained = [option for option in (*KETAMINE_OPTIONS, *OPTIONS) if option.use == use]
    how = (*((option.name, option.how, option.how_source) for option in explained), *chart.how)
    return {
        "use": use,
        "meaning": chart.meaning,
        "legend": {name: charts.legend(name) for name in ("square", "dot", "ring")},
        "rows": [row(option) for option in explained],
        "notes": [(words, numbers(context, *sources)) for words, sources in chart.notes],
        "how": [(name, words, numbers(context, source)) for name, words, source in how],
    }


@register.inclusion_tag("includes/people_chart.html", takes_context=True)
def people_chart(context: template.Context, condition: str, source: str, caveat: str) -> dict[str, object]:
    """Draw one trial's results as two groups of a hundred people, ketamine and the comparison, with a caveat."""
    trial = next(trial for trial in EVIDENCE[condition].trials if trial.source == source and trial.outcome)
    arms = []
    for arm, value, is_drug in ((trial.drug.value, trial.ketamine, True), (trial.comparison, trial.compared, False)):
        count = round(value)
        arms.append((arm, charts.hundred_people(count, is_drug=is_drug), trial.outcome.show(count)))
    return {"trial": trial, "arms": arms, "caveat": caveat, "citation": numbers(context, source)}


@register.simple_tag
def chart_legend(name: str) -> SafeString:
    """Draw a "dot", a "ring", a "square" or a "range" to explain it in a sentence."""
    return charts.legend(name)


@register.simple_tag
def trial_marks(condition: str, source: str) -> SafeString | str:
    """Draw the dot and the ring of a trial's first result that has both."""
    return marks(next(t for t in EVIDENCE[condition].trials if t.source == source and t.outcome))


@register.simple_tag
def figure_mark(key: str) -> SafeString:
    """Draw a figure such as "about 12 of 100" as a dot on the scale from 0 to 100."""
    [people] = re.findall(r"(\d+) of 100\b", FIGURES[key])
    return charts.dot_and_ring(int(people), None)


@register.simple_tag
def figure(key: str) -> str:
    """Return a number that several pages state. Raise KeyError if pages/figures.py has no such key."""
    return FIGURES[key]
