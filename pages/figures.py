"""Numbers that more than one page states. Each is written here once, or comes from the chart in pages/evidence.py.

Templates write {% figure "anand-2023.much-better" %}. A key starts with the source's key in the bibliography.
"""

from pages.evidence import (
    EVIDENCE,
    KETAMINE_OPTIONS,
    LEFT_PLACEBO_EARLY,
    LEFT_THERAPY_EARLY,
    MEMORY_GAPS_WITH_ECT,
    MUCH_BETTER,
    NEARLY_WELL,
    OPTIONS,
    PAIN,
    SIDE_EFFECTS,
    SUICIDAL_THOUGHTS_HALVED,
    Outcome,
    Trial,
)


def _trial(condition: str, source: str, outcome: Outcome) -> Trial:
    return next(t for t in EVIDENCE[condition].trials if t.source == source and t.outcome is outcome)


def _difference(trial: Trial) -> str:
    """Return how many more or fewer of 100 people did well with ketamine, counted from the numbers that are shown."""
    more = round(trial.ketamine or 0) - round(trial.compared or 0)
    return f"{abs(more)} {'more' if more >= 0 else 'fewer'} of 100"


def _side_effect(name: str) -> str:
    return next(f"{effect.ketamine} of 100" for effect in SIDE_EFFECTS if effect.name.startswith(name))


def _side_effect_of_ect(name: str) -> str:
    return next(f"{effect.ect} of 100" for effect in SIDE_EFFECTS if effect.name.startswith(name))


_DEAN = EVIDENCE["depression"].pooled[0]
_DEAN_MIDAZOLAM = next(option for option in KETAMINE_OPTIONS if "dean-2021" in option.sources)
_SSRI_FOR_PTSD = next(option for option in OPTIONS if "williams-2022" in option.sources)
_ANAND = _trial("depression", "anand-2023", MUCH_BETTER)
_EKSTRAND = _trial("depression", "ekstrand-2022", NEARLY_WELL)
_GRUNEBAUM = _trial("depression", "grunebaum-2018", SUICIDAL_THOUGHTS_HALVED)
_JELOVAC = _trial("depression", "jelovac-2025", MUCH_BETTER)
_LII = _trial("depression", "lii-2023", MUCH_BETTER)
_MURROUGH = _trial("depression", "murrough-2013", MUCH_BETTER)
_PHILLIPS = _trial("depression", "phillips-2019", MUCH_BETTER)
_SIGTERMANS = _trial("chronic-pain", "sigtermans-2009", PAIN)
_SU = _trial("depression", "su-2023", MUCH_BETTER)

_STILL_IN_PAIN = 79  # of 100 people after four years, in `elliott-2002`

# Sorted by key.
FIGURES = {
    "abdallah-2022.people": "158",
    "anand-2023.analyzed": str(_ANAND.analyzed),
    "anand-2023.difference": _difference(_ANAND),
    "anand-2023.much-better": _ANAND.ketamine_shown,
    "anand-2023.much-better-ect": _ANAND.compared_shown,
    "carpenter-2018.left-early": LEFT_THERAPY_EARLY,
    "carpenter-2018.left-early-placebo": LEFT_PLACEBO_EARLY,
    "dean-2021.much-better-than-midazolam": f"{_DEAN_MIDAZOLAM.better} of 100",
    "dean-2021.much-better-than-placebo": _DEAN.ketamine_shown,
    "dean-2021.much-better-with-midazolam": f"{_DEAN_MIDAZOLAM.compared} of 100",
    "dean-2021.much-better-with-placebo": _DEAN.compared_shown,
    "ekstrand-2022.analyzed": str(_EKSTRAND.analyzed),
    "ekstrand-2022.anxious": _side_effect("Anxiety"),
    "ekstrand-2022.difference": _difference(_EKSTRAND),
    "ekstrand-2022.dissociation": _side_effect("Dissociation"),
    "ekstrand-2022.dissociation-over-a-day": "8 of 100",
    "ekstrand-2022.dizzy": _side_effect("Dizziness"),
    "ekstrand-2022.headache": _side_effect("Headache"),
    "ekstrand-2022.headache-ect": _side_effect_of_ect("Headache"),
    "ekstrand-2022.memory-gaps-ect": MEMORY_GAPS_WITH_ECT,
    "ekstrand-2022.memory-loss-ect": _side_effect_of_ect("Loss of memory"),
    "ekstrand-2022.muscle-pain-ect": _side_effect_of_ect("Muscle pain"),
    "ekstrand-2022.nausea": _side_effect("Nausea"),
    "ekstrand-2022.oxygen-fell": _side_effect("Drop in oxygen"),
    "ekstrand-2022.oxygen-fell-ect": _side_effect_of_ect("Drop in oxygen"),
    "ekstrand-2022.relapsed": "70 of 100",
    "ekstrand-2022.relapsed-ect": "63 of 100",
    "ekstrand-2022.well": _EKSTRAND.ketamine_shown,
    "ekstrand-2022.well-ect": _EKSTRAND.compared_shown,
    "elliott-2002.no-longer-in-pain": f"{100 - _STILL_IN_PAIN} of 100",
    "elliott-2002.still-in-pain": f"{_STILL_IN_PAIN} of 100",
    "feder-2021.count": "10 of 15",
    "feder-2021.count-midazolam": "3 of 15",
    "feder-2021.relapse": "about 4 weeks",
    "ferraro-2025.side-effects": "about three times as common",
    "ferraro-2025.trials": "67",
    "grunebaum-2018.halved": _GRUNEBAUM.ketamine_shown,
    "grunebaum-2018.halved-midazolam": _GRUNEBAUM.compared_shown,
    "grunebaum-2018.people": str(_GRUNEBAUM.people),
    "grunebaum-2018.thoughts-halved": _GRUNEBAUM.ketamine_shown,
    "grunebaum-2018.thoughts-halved-midazolam": _GRUNEBAUM.compared_shown,
    "hendriks-2013.general": "70 of 100",
    "hendriks-2013.social": "54 of 100",
    "jelovac-2025.analyzed": str(_JELOVAC.analyzed),
    "jelovac-2025.difference": _difference(_JELOVAC),
    "jelovac-2025.much-better": _JELOVAC.ketamine_shown,
    "jelovac-2025.much-better-midazolam": _JELOVAC.compared_shown,
    "lii-2023.analyzed": str(_LII.people),
    "lii-2023.much-better": _LII.ketamine_shown,
    "lii-2023.much-better-placebo": _LII.compared_shown,
    "morina-2014.recovered": "44 of 100",
    "morina-2014.recovered-after-5-months": "37 of 100",
    "murrough-2013-repeated.count": "17 of 24",
    "murrough-2013-repeated.days-to-relapse": "18 days",
    "murrough-2013.analyzed": str(_MURROUGH.analyzed),
    "murrough-2013.difference": _difference(_MURROUGH),
    "murrough-2013.much-better": _MURROUGH.ketamine_shown,
    "murrough-2013.much-better-midazolam": _MURROUGH.compared_shown,
    "phillips-2019.much-better": _PHILLIPS.ketamine_shown,
    "sigtermans-2009.pain": _SIGTERMANS.ketamine_shown,
    "sigtermans-2009.pain-placebo": _SIGTERMANS.compared_shown,
    "sigtermans-2009.unreal": "76 of 100",
    "sigtermans-2009.unreal-placebo": "18 of 100",
    "su-2023.analyzed": str(_SU.analyzed),
    "su-2023.no-thoughts-day-7": "19 of 100",
    "su-2023.no-thoughts-day-7-midazolam": "12 of 100",
    "taylor-2018.count": "6 of 18",
    "taylor-2018.count-own": "16 of 18",
    "taylor-2018.count-own-saline": "9 of 17",
    "whiteford-2013.well-3-months": "23 of 100",
    "whiteford-2013.well-in-a-year": "53 of 100",
    "williams-2022.better": f"{_SSRI_FOR_PTSD.better} of 100",
    "williams-2022.better-placebo": f"{_SSRI_FOR_PTSD.compared} of 100",
    "yale-2024.severe-rise": "about 12 of 100",
    "zarate-2006.count": "12 of 17",
}
