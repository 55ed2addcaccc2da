"""Numbers that more than one page states. Each is written here once, or comes from the chart in pages/evidence.py.

Templates write {% figure "anand-2023.much-better" %}. A key starts with the source's key in the bibliography.
"""

from pages.evidence import EVIDENCE, MUCH_BETTER, NEARLY_WELL, PAIN, SUICIDAL_THOUGHTS_HALVED, Outcome, Trial


def _trial(condition: str, source: str, outcome: Outcome) -> Trial:
    return next(t for t in EVIDENCE[condition].trials if t.source == source and t.outcome is outcome)


_ANAND = _trial("depression", "anand-2023", MUCH_BETTER)
_EKSTRAND = _trial("depression", "ekstrand-2022", NEARLY_WELL)
_GRUNEBAUM = _trial("depression", "grunebaum-2018", SUICIDAL_THOUGHTS_HALVED)
_JELOVAC = _trial("depression", "jelovac-2025", MUCH_BETTER)
_LII = _trial("depression", "lii-2023", MUCH_BETTER)
_MURROUGH = _trial("depression", "murrough-2013", MUCH_BETTER)
_PHILLIPS = _trial("depression", "phillips-2019", MUCH_BETTER)
_SIGTERMANS = _trial("chronic-pain", "sigtermans-2009", PAIN)
_ZARATE = _trial("depression", "zarate-2006", MUCH_BETTER)

# Sorted by key.
FIGURES = {
    "anand-2023.analyzed": str(_ANAND.analyzed),
    "anand-2023.much-better": _ANAND.ketamine_shown,
    "anand-2023.much-better-ect": _ANAND.compared_shown,
    "berlim-2013.much-better": "29 of 100",
    "berlim-2013.much-better-sham": "10 of 100",
    "carpenter-2018.left-early": "29 of 100",
    "carpenter-2018.left-early-placebo": "17 of 100",
    "cuijpers-2021.much-better": "41 of 100",
    "cuijpers-2021.much-better-control": "17 of 100",
    "ekstrand-2022.analyzed": str(_EKSTRAND.analyzed),
    "ekstrand-2022.dissociation": "60 of 100",
    "ekstrand-2022.dissociation-ect": "16 of 100",
    "ekstrand-2022.dissociation-over-a-day": "8 of 100",
    "ekstrand-2022.nearly-well": _EKSTRAND.ketamine_shown,
    "ekstrand-2022.nearly-well-ect": _EKSTRAND.compared_shown,
    "ekstrand-2022.relapse": "70 of 100",
    "ekstrand-2022.relapse-ect": "63 of 100",
    "feder-2021.relapse": "27.5 days",
    "ferraro-2025.trials": "67",
    "grunebaum-2018.halved": _GRUNEBAUM.ketamine_shown,
    "grunebaum-2018.halved-midazolam": _GRUNEBAUM.compared_shown,
    "jelovac-2025.analyzed": str(_JELOVAC.analyzed),
    "jelovac-2025.much-better": _JELOVAC.ketamine_shown,
    "jelovac-2025.much-better-midazolam": _JELOVAC.compared_shown,
    "lii-2023.analyzed": str(_LII.people),
    "lii-2023.much-better": _LII.ketamine_shown,
    "lii-2023.much-better-placebo": _LII.compared_shown,
    "murrough-2013-repeated.relapse": "18 days",
    "murrough-2013.analyzed": str(_MURROUGH.analyzed),
    "murrough-2013.much-better": _MURROUGH.ketamine_shown,
    "murrough-2013.much-better-midazolam": _MURROUGH.compared_shown,
    "phillips-2019.much-better": _PHILLIPS.ketamine_shown,
    "sigtermans-2009.pain": _SIGTERMANS.ketamine_shown,
    "sigtermans-2009.pain-placebo": _SIGTERMANS.compared_shown,
    "turkoz-2021.much-better": "59 of 100",
    "turkoz-2021.much-better-placebo": "45 of 100",
    "whiteford-2013.well-12-months": "53 of 100",
    "whiteford-2013.well-3-months": "23 of 100",
    "zarate-2006.analyzed": str(_ZARATE.analyzed),
    "zarate-2006.much-better": _ZARATE.ketamine_shown,
}
