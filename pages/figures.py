"""Numbers that more than one page states. Each is written here once, or comes from the chart in pages/evidence.py.

Templates write {% figure "anand-2023.much-better" %}. A key starts with the source's key in the bibliography.
"""

from pages.evidence import EVIDENCE, MUCH_BETTER, SUICIDAL_THOUGHTS_HALVED, Outcome, Trial


def _trial(condition: str, source: str, outcome: Outcome) -> Trial:
    return next(t for t in EVIDENCE[condition].trials if t.source == source and t.outcome is outcome)


_ANAND = _trial("depression", "anand-2023", MUCH_BETTER)
_GRUNEBAUM = _trial("depression", "grunebaum-2018", SUICIDAL_THOUGHTS_HALVED)
_JELOVAC = _trial("depression", "jelovac-2025", MUCH_BETTER)
_MURROUGH = _trial("depression", "murrough-2013", MUCH_BETTER)
_SU = _trial("depression", "su-2023", MUCH_BETTER)
_ZARATE = _trial("depression", "zarate-2006", MUCH_BETTER)

FIGURES = {
    "abdallah-2022.people": "158",
    "anand-2023.analyzed": str(_ANAND.analyzed),
    "anand-2023.much-better": _ANAND.ketamine_shown,
    "anand-2023.much-better-ect": _ANAND.compared_shown,
    "corriger-2022.side-effects-week-1": "50 of 100",
    "ekstrand-2022.dissociation-over-a-day": "8 of 100",
    "ekstrand-2022.oxygen-drop": "4 of 100",
    "grunebaum-2018.people": str(_GRUNEBAUM.people),
    "grunebaum-2018.thoughts-halved": _GRUNEBAUM.ketamine_shown,
    "grunebaum-2018.thoughts-halved-midazolam": _GRUNEBAUM.compared_shown,
    "jelovac-2025.analyzed": str(_JELOVAC.analyzed),
    "jelovac-2025.much-better": _JELOVAC.ketamine_shown,
    "jelovac-2025.much-better-midazolam": _JELOVAC.compared_shown,
    "murrough-2013.analyzed": str(_MURROUGH.analyzed),
    "murrough-2013.much-better": _MURROUGH.ketamine_shown,
    "murrough-2013.much-better-midazolam": _MURROUGH.compared_shown,
    "phillips-2019.much-better": "59 of 100",
    "phillips-2019.not-much-better": "41 of 100",
    "sigtermans-2009.dreamlike": "76 of 100",
    "sigtermans-2009.dreamlike-placebo": "18 of 100",
    "su-2023.analyzed": str(_SU.analyzed),
    "su-2023.no-thoughts-day-2": "33 of 100",
    "su-2023.no-thoughts-day-2-midazolam": "10 of 100",
    "su-2023.no-thoughts-day-7": "19 of 100",
    "su-2023.no-thoughts-day-7-midazolam": "12 of 100",
    "yale-2024.severe-rise": "12.5 of 100",
    "zarate-2006.much-better": _ZARATE.ketamine_shown,
}
