"""The evidence for each condition: a grade, every trial, and what reviews and guidelines conclude.

Charts and their tables are generated from this data, so each number in them is entered once. A trial that found
nothing gets a row like any other. Trials are grouped by what ketamine was compared with, or by kind of pain.
"""

from dataclasses import dataclass
from enum import Enum

from pages.references import BIBLIOGRAPHY, Reference


class Finding(Enum):
    FOR = ("▲", "Favors ketamine")
    MIXED = ("=", "Mixed")
    NONE = ("=", "No clear difference")
    AGAINST = ("▼", "Favors the other treatment")
    UNKNOWN = ("?", "Can't tell: nothing to compare")

    def __init__(self, mark: str, words: str) -> None:
        self.mark = mark
        self.words = words


@dataclass(frozen=True)
class Outcome:
    """An outcome that trials measured. All its bars share a scale from 0 to `top`."""

    words: str
    unit: str
    top: int

    def show(self, value: float) -> str:
        """Format a value for display: people as whole numbers, points as published."""
        number = f"{value:.0f}" if self.top == 100 else f"{value:g}"
        return f"{number} {self.unit}"


# "Much better" is what trials call response: a threshold set in advance, usually a score cut in half.
MUCH_BETTER = Outcome("Much better", "of 100", 100)
NEARLY_WELL = Outcome("Few or no symptoms left", "of 100", 100)
NO_SUICIDAL_THOUGHTS = Outcome("No suicidal thoughts left", "of 100", 100)
RATED_BY_CLINICIANS = Outcome("Much better, as doctors rated it", "of 100", 100)
RATED_BY_THEMSELVES = Outcome("Much better, as people rated it", "of 100", 100)
LIFE_BETTER = Outcome("Coped better with work or people", "of 100", 100)
HAMILTON = Outcome("Fall in the Hamilton depression score", "points", 20)
MADRS = Outcome("Fall in the MADRS depression score", "points", 20)
PAIN = Outcome("Pain, from 0 to 10 (less is better)", "of 10", 10)


@dataclass(frozen=True)
class Trial:
    """One result of a trial. If `outcome` or `ketamine` is None, the chart shows no bars, only `words`."""

    source: str
    people: int
    comparison: str
    when: str
    finding: Finding
    words: str
    outcome: Outcome | None = None
    ketamine: float | None = None
    compared: float | None = None
    compared_from: float | None = None  # the lower value, if there were two comparison groups
    planned: bool = False  # `people` is the planned number, because we have not seen the actual one

    @property
    def reference(self) -> Reference:
        return BIBLIOGRAPHY[self.source]

    @property
    def people_words(self) -> str:
        return f"planned for {self.people} people" if self.planned else f"{self.people} people"

    @property
    def ketamine_shown(self) -> str:
        return self.outcome.show(self.ketamine) if self.outcome else ""

    @property
    def compared_shown(self) -> str:
        if not self.outcome or self.compared is None:
            return ""
        low = "" if self.compared_from is None else f"{self.compared_from:g} to "
        return low + self.outcome.show(self.compared)


@dataclass(frozen=True)
class Group:
    """Trials that the chart shows under one heading."""

    name: str
    trials: tuple[Trial, ...]


@dataclass(frozen=True)
class Conclusion:
    source: str
    who: str
    words: str

    @property
    def reference(self) -> Reference:
        return BIBLIOGRAPHY[self.source]


@dataclass(frozen=True)
class Evidence:
    """The evidence for one condition. `steps` is its GRADE certainty: 1 very low, 2 low, 3 moderate, 4 high."""

    condition: str
    steps: float
    grade: str
    why: str  # what the grade means for a reader
    glance: str  # what the evidence says as a whole, shown above the chart
    groups: tuple[Group, ...]
    conclusions: tuple[Conclusion, ...]

    @property
    def trials(self) -> tuple[Trial, ...]:
        return tuple(trial for group in self.groups for trial in group.trials)


_DEPRESSION = Evidence(
    condition="depression",
    steps=2.5,
    grade="Low to moderate certainty",
    why="It may bring fast, short relief to some people. Lasting relief is not proven.",
    glance="The harder it was to tell which treatment you had, the less ketamine stood out.",
    groups=(
        Group(
            "Compared with nothing",
            (
                Trial(
                    source="murrough-2013-repeated",
                    people=24,
                    comparison="None",
                    when="after up to six infusions",
                    finding=Finding.UNKNOWN,
                    outcome=MUCH_BETTER,
                    ketamine=70.8,
                    words="Half of those who got better had relapsed 18 days after their last infusion.",
                ),
                Trial(
                    source="phillips-2019",
                    people=41,
                    comparison="None",
                    when="after six infusions",
                    finding=Finding.UNKNOWN,
                    outcome=MUCH_BETTER,
                    ketamine=59,
                    words="Everyone knew that it was ketamine. This was the trial's second part.",
                ),
            ),
        ),
        Group(
            "Compared with ECT: everyone knew which they had",
            (
                Trial(
                    source="anand-2023",
                    people=403,
                    comparison="ECT",
                    when="after 3 weeks",
                    finding=Finding.FOR,
                    outcome=MUCH_BETTER,
                    ketamine=55.4,
                    compared=41.2,
                    words="No one had psychosis. The trial asked only if ketamine was at least as good.",
                ),
                Trial(
                    source="ekstrand-2022",
                    people=186,
                    comparison="ECT",
                    when="when treatment ended",
                    finding=Finding.AGAINST,
                    outcome=NEARLY_WELL,
                    ketamine=46,
                    compared=63,
                    words="Of 100 people who got well, 70 relapsed within 12 months after ketamine, and 63 after ECT.",
                ),
            ),
        ),
        Group(
            "Compared with placebo: most people can tell",
            (
                Trial(
                    source="berman-2000",
                    people=7,
                    comparison="Salt water",
                    when="by 72 hours",
                    finding=Finding.FOR,
                    outcome=HAMILTON,
                    ketamine=14,
                    compared=0,
                    words="The first such trial, and a tiny one.",
                ),
                Trial(
                    source="zarate-2006",
                    people=18,
                    comparison="Placebo",
                    when="over one week",
                    finding=Finding.FOR,
                    words="Mood lifted within 2 hours. That lasted about one week.",
                ),
                Trial(
                    source="singh-2016",
                    people=68,
                    comparison="Salt water",
                    when="at day 15",
                    finding=Finding.FOR,
                    outcome=MADRS,
                    ketamine=18,
                    compared=6,
                    compared_from=3,
                    words="Two infusions a week did as well as three.",
                ),
                Trial(
                    source="abbar-2022",
                    people=156,
                    comparison="Placebo",
                    when="at day 3",
                    finding=Finding.MIXED,
                    outcome=NO_SUICIDAL_THOUGHTS,
                    ketamine=63,
                    compared=32,
                    words="The gain was in bipolar illness. In depression there was no clear difference.",
                ),
            ),
        ),
        Group(
            "Compared with a calming drug: harder to tell",
            (
                Trial(
                    source="murrough-2013",
                    people=73,
                    comparison="Midazolam",
                    when="at 24 hours",
                    finding=Finding.FOR,
                    words="Mood had improved more one day after ketamine.",
                ),
                Trial(
                    source="phillips-2019",
                    people=41,
                    comparison="Midazolam",
                    when="at 24 hours",
                    finding=Finding.FOR,
                    words="Mood had improved more one day after ketamine.",
                ),
                Trial(
                    source="jelovac-2025",
                    people=65,
                    comparison="Midazolam",
                    when="after up to eight infusions",
                    finding=Finding.NONE,
                    words="With ketamine the MADRS score ended 3.16 points lower. Chance could explain that: the true gap "
                    "may lie between 8.54 lower and 2.22 higher. Most people guessed their drug.",
                ),
            ),
        ),
        Group(
            "Compared with placebo, asleep: no one can tell",
            (
                Trial(
                    source="lii-2023",
                    people=40,
                    comparison="Placebo",
                    when="on days 1 to 3",
                    finding=Finding.NONE,
                    outcome=MUCH_BETTER,
                    ketamine=60,
                    compared=50,
                    words="Given during anesthesia for surgery, which may itself change the effect.",
                ),
            ),
        ),
    ),
    conclusions=(
        Conclusion(
            "dean-2021",
            "Cochrane review, 2021",
            "Ketamine may do better than placebo at 24 hours. Certainty is low or very low, and there is little on "
            "the long term.",
        ),
        Conclusion(
            "vadod-depression-2022",
            "VA and Defense guideline, 2022",
            "Suggests ketamine only after several proper trials of medicine.",
        ),
        Conclusion(
            "sanacora-2017",
            "American Psychiatric Association task force, 2017",
            "May help some people. Stresses how limited the data are.",
        ),
    ),
)

_CHRONIC_PAIN = Evidence(
    condition="chronic-pain",
    steps=1.5,
    grade="Limited and conflicting",
    why="One kind, CRPS, may ease for some weeks after long infusions. For other kinds the evidence is weak, or against.",
    glance="Taken together, 67 trials show no clear relief. In CRPS there was some, for weeks.",
    groups=(
        Group(
            "CRPS (complex regional pain syndrome)",
            (
                Trial(
                    source="sigtermans-2009",
                    people=60,
                    comparison="Placebo",
                    when="at week 1",
                    finding=Finding.MIXED,
                    outcome=PAIN,
                    ketamine=2.7,
                    compared=5.5,
                    words="About 4 days of infusion. By week 12 there was no clear difference. People could do no more "
                    "than before.",
                ),
                Trial(
                    source="schwartzman-2009",
                    people=40,
                    planned=True,
                    comparison="Placebo",
                    when="over 3 months",
                    finding=Finding.FOR,
                    words="Several pain scores were better. The authors asked for larger trials.",
                ),
            ),
        ),
        Group(
            "Nerve pain",
            (
                Trial(
                    source="pickering-2020",
                    people=20,
                    comparison="Placebo",
                    when="over 5 weeks",
                    finding=Finding.NONE,
                    words="One infusion of the size used for mood brought no benefit.",
                ),
            ),
        ),
        Group(
            "Fibromyalgia",
            (
                Trial(
                    source="noppers-2011-fibromyalgia",
                    people=24,
                    comparison="Midazolam",
                    when="over 8 weeks",
                    finding=Finding.NONE,
                    words="Relief only while the drug was in the blood. None at 8 weeks.",
                ),
            ),
        ),
        Group(
            "Many kinds of pain",
            (
                Trial(
                    source="corriger-2022",
                    people=256,
                    comparison="Before ketamine",
                    when="after one year",
                    finding=Finding.UNKNOWN,
                    outcome=PAIN,
                    ketamine=5.7,
                    compared=6.8,
                    words="The same people before and after, so the cause is unknown. Only 93 were left at month 12.",
                ),
            ),
        ),
    ),
    conclusions=(
        Conclusion(
            "ferraro-2025",
            "Cochrane review, 2025",
            "67 trials, 2,309 people: no clear evidence of useful relief at any time. Right after an infusion pain was "
            "15.8 points of 100 lower, but the true effect may lie between 32 lower and 0.5 higher. Certainty: very "
            "low. No support for routine use.",
        ),
        Conclusion(
            "cohen-2018",
            "Guideline of three US pain and anesthesia societies, 2018",
            "CRPS: moderate evidence of relief for up to 12 weeks. Spinal cord injury: weak, short-term. Other kinds: "
            "weak or none.",
        ),
        Conclusion(
            "orhurhu-2019",
            "Review, 2019",
            "A small drop in pain for up to about 2 weeks, with more nausea and dream-like effects.",
        ),
    ),
)

_PTSD = Evidence(
    condition="ptsd",
    steps=1,
    grade="Mixed, and a guideline suggests against it",
    why="Two small trials found short relief. The largest trial found none.",
    glance="Two small trials found short relief. The largest one, in veterans and service members, found none.",
    groups=(
        Group(
            "Compared with a calming drug",
            (
                Trial(
                    source="feder-2014",
                    people=41,
                    comparison="Midazolam",
                    when="at 24 hours",
                    finding=Finding.FOR,
                    words="Symptoms were less severe one day after a single infusion. That did not last.",
                ),
                Trial(
                    source="feder-2021",
                    people=30,
                    comparison="Midazolam",
                    when="after six infusions in 2 weeks",
                    finding=Finding.FOR,
                    outcome=MUCH_BETTER,
                    ketamine=67,
                    compared=20,
                    words="The symptom score (CAPS-5) was 11.9 points better. Half of those helped had lost the gain "
                    "after 27.5 days.",
                ),
            ),
        ),
        Group(
            "Compared with placebo",
            (
                Trial(
                    source="abdallah-2022",
                    people=158,
                    comparison="Placebo",
                    when="after eight infusions",
                    finding=Finding.NONE,
                    words="No clear effect on PTSD at either of two doses. Depression improved with the higher dose.",
                ),
            ),
        ),
    ),
    conclusions=(
        Conclusion(
            "schnurr-2024",
            "VA and Defense guideline, 2023",
            "Suggests against ketamine for PTSD. It calls the evidence very low. It recommends trauma-focused therapy "
            "before medicine.",
        ),
        Conclusion(
            "borgogna-2024",
            "Review of six trials, 221 people, 2024",
            "A small effect (0.27), smaller still when missing studies are allowed for (0.20, which may be nil). No "
            "better than active drugs.",
        ),
    ),
)

_ANXIETY = Evidence(
    condition="anxiety",
    steps=1,
    grade="Very early evidence",
    why="Three tiny studies, two of them with nothing to compare ketamine with.",
    glance="Three tiny studies. Only one compared ketamine with anything, and its two measures disagree.",
    groups=(
        Group(
            "Compared with nothing",
            (
                Trial(
                    source="glue-2017",
                    people=12,
                    comparison="None",
                    when="for up to 7 days",
                    finding=Finding.UNKNOWN,
                    outcome=MUCH_BETTER,
                    ketamine=83,
                    words="That is 10 of 12 people. They had injections under the skin, not infusions.",
                ),
                Trial(
                    source="glue-2018",
                    people=20,
                    comparison="None",
                    when="weekly for 3 months",
                    finding=Finding.UNKNOWN,
                    outcome=LIFE_BETTER,
                    ketamine=90,
                    words="That is 18 of 20 people. Everyone knew, and all had done well on ketamine before.",
                ),
            ),
        ),
        Group(
            "Compared with placebo: most people can tell",
            (
                Trial(
                    source="taylor-2018",
                    people=18,
                    comparison="Salt water",
                    when="within 2 weeks",
                    finding=Finding.MIXED,
                    outcome=RATED_BY_CLINICIANS,
                    ketamine=33,
                    compared=0,
                    words="Social anxiety. Each person had both, a month apart.",
                ),
                Trial(
                    source="taylor-2018",
                    people=18,
                    comparison="Salt water",
                    when="within 2 weeks",
                    finding=Finding.MIXED,
                    outcome=RATED_BY_THEMSELVES,
                    ketamine=89,
                    compared=53,
                    words="Yet over all, people's own anxiety scores did not differ.",
                ),
            ),
        ),
    ),
    conclusions=(
        Conclusion(
            "tully-2022",
            "Review, 2022",
            "The effect is temporary, and the studies are too different to add up.",
        ),
    ),
)

EVIDENCE = {evidence.condition: evidence for evidence in (_DEPRESSION, _CHRONIC_PAIN, _PTSD, _ANXIETY)}
