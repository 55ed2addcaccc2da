"""The evidence for each condition: its certainty, its trials, and what reviews and guidelines conclude.

Charts and their tables are generated from this data, so each number in them is entered once. A trial that found
nothing gets a row like any other, and figures are shown for trials of either kind. Trials are grouped by what ketamine
was compared with, or by kind of pain.
"""

from dataclasses import dataclass
from enum import Enum, IntEnum

from pages.intervals import wilson_interval
from pages.references import BIBLIOGRAPHY, Reference


class Certainty(IntEnum):
    """The four levels of GRADE. The meter fills as many steps as the level's number."""

    VERY_LOW = 1
    LOW = 2
    MODERATE = 3
    HIGH = 4

    @property
    def words(self) -> str:
        return f"{self.name.replace('_', ' ').capitalize()} certainty"


class Drug(Enum):
    """The form of the drug. A clinic's infusion is racemic ketamine; S-ketamine (esketamine) is one half of it."""

    RACEMIC = "Ketamine"
    S_KETAMINE = "S-ketamine"


class Route(Enum):
    VEIN = "by vein"
    SKIN = "under the skin"


class Finding(Enum):
    """What a trial found. `FOR` and `AGAINST` mean superiority, not "no worse than"."""

    FOR = ("▲", "Favors ketamine")
    AS_GOOD = ("≥", "At least as good")
    MIXED = ("±", "Mixed")
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

    def number(self, value: float) -> str:
        """Format a value: people as whole numbers, points as published."""
        return f"{value:.0f}" if self.top == 100 else f"{value:g}"

    def show(self, value: float) -> str:
        return f"{self.number(value)} {self.unit}"


# "Much better" is what trials call response: a threshold set in advance, usually a score cut in half.
MUCH_BETTER = Outcome("Much better", "of 100", 100)
NEARLY_WELL = Outcome("Few or no symptoms left", "of 100", 100)
NO_SUICIDAL_THOUGHTS = Outcome("No suicidal thoughts left", "of 100", 100)
SUICIDAL_THOUGHTS_HALVED = Outcome("Suicidal thoughts at least halved", "of 100", 100)
PTSD_EASED = Outcome("Symptom score down by 30 percent or more", "of 100", 100)
PAIN_HALVED = Outcome("Pain at least halved", "of 100", 100)
RATED_BY_CLINICIANS = Outcome("Much better, as doctors rated it", "of 100", 100)
RATED_BY_THEMSELVES = Outcome("Much better, as people rated it", "of 100", 100)
LIFE_BETTER = Outcome("Coped better with work or people", "of 100", 100)
HAMILTON = Outcome("Fall in the Hamilton depression score", "points", 20)
MADRS = Outcome("Fall in the MADRS depression score", "points", 20)
PAIN = Outcome("Pain, from 0 to 10 (less is better)", "of 10", 10)


Range = tuple[float, float]


def likely_range(of_100: float | None, people: int | None) -> Range | None:
    """Return where the true number of 100 people probably lies, or None if we don't know in how many it was counted.

    The interval is computed from the whole number of people that the published, rounded number stands for.
    """
    if of_100 is None or people is None:
        return None
    return wilson_interval(round(of_100 * people / 100), people)


def range_words(likely: Range | None) -> str:
    """Return a range as it follows its number: " (likely range 48 to 62)", or "" without one."""
    return f" (likely range {likely[0]:.0f} to {likely[1]:.0f})" if likely else ""


@dataclass(frozen=True)
class Trial:
    """One result of a trial. Without an `outcome`, we have seen no figure for each group: the chart shows `words`.

    `randomized` and `analyzed` are None if we have not seen them, or if nobody was randomized.
    `ketamine_people` and `compared_people` are how many people each of the two numbers was counted in. They are None if
    no source that we have seen says it, or lets it be computed, as 46 people who are 63.0 of 100 are 46 of 73.
    """

    source: str
    comparison: str
    when: str
    finding: Finding
    words: str
    randomized: int | None = None
    analyzed: int | None = None
    drug: Drug = Drug.RACEMIC
    route: Route = Route.VEIN
    outcome: Outcome | None = None
    ketamine: float | None = None
    compared: float | None = None
    compared_from: float | None = None  # the lower value, if there were two comparison groups
    ketamine_people: int | None = None
    compared_people: int | None = None
    also: str = ""  # key of a second source for `words`
    count: str = ""  # "planned for" or "at most", if the number of people is not exact, or how many trials are pooled

    @property
    def reference(self) -> Reference:
        return BIBLIOGRAPHY[self.source]

    @property
    def people(self) -> int:
        """Return how many people the result is about, or the number randomized if we have not seen that."""
        return self.analyzed or self.randomized or 0

    @property
    def people_words(self) -> str:
        words = f"{self.count} {self.people} people".strip()
        if self.analyzed and self.randomized and self.analyzed != self.randomized:
            words += f" of {self.randomized} randomized"
        return words

    @property
    def drug_words(self) -> str:
        """Return the drug with its route, or "" for racemic ketamine by vein, which is what the chart is about."""
        if (self.drug, self.route) == (Drug.RACEMIC, Route.VEIN):
            return ""
        return f"{self.drug.value} {self.route.value}"

    @property
    def counts_people(self) -> bool:
        """Tell whether the result is a number of 100 people, which has a place on the chart's scale."""
        return bool(self.outcome) and self.outcome.top == 100 and self.ketamine is not None

    @property
    def ranges(self) -> tuple[Range | None, Range | None]:
        """Return where the true numbers with ketamine and with the comparison probably lie."""
        return likely_range(self.ketamine, self.ketamine_people), likely_range(self.compared, self.compared_people)

    @property
    def numbers_words(self) -> str:
        """Return the number of each group with its likely range, or "" without an outcome."""
        if not self.outcome:
            return ""
        words = f"{self.ketamine_shown} with {self.drug_name}{range_words(self.ranges[0])}"
        if self.compared_shown:
            before = "" if self.comparison.startswith("Before") else "with "
            words += f", {self.compared_shown} {before}{self.compared_words}{range_words(self.ranges[1])}"
        return words

    @property
    def drug_name(self) -> str:
        """Return the drug as it is written within a sentence: "ketamine" or "S-ketamine"."""
        return self.drug.value if self.drug is Drug.S_KETAMINE else self.drug.value.lower()

    @property
    def compared_words(self) -> str:
        """Return the comparison as it is written within a sentence: "ECT", but "midazolam"."""
        return self.comparison if self.comparison.isupper() else self.comparison.lower()

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
    """What a review or guideline concludes, and the certainty it gives its main result, if we have seen it."""

    source: str
    who: str
    words: str
    certainty: Certainty | None = None

    @property
    def reference(self) -> Reference:
        return BIBLIOGRAPHY[self.source]


@dataclass(frozen=True)
class Evidence:
    """The evidence for one condition. Its grade is `certainty`, the level that the source `graded_by` gives it.

    Without a source, or with another level than the source's, `basis` says why.
    """

    condition: str
    certainty: Certainty
    graded_by: str
    basis: str  # where the grade comes from, in one line
    why: str  # what it means for a reader
    glance: str  # what the evidence says as a whole, shown above the chart
    groups: tuple[Group, ...]
    conclusions: tuple[Conclusion, ...]
    pooled: tuple[Trial, ...] = ()  # results of several trials together, which the chart shows one by one

    @property
    def grade(self) -> str:
        return self.certainty.words

    @property
    def trials(self) -> tuple[Trial, ...]:
        return tuple(trial for group in self.groups for trial in group.trials)

    @property
    def is_charted(self) -> bool:
        """Tell whether at least two trials have a place on a scale. One alone would look like the main result."""
        return sum(trial.counts_people for trial in self.trials) > 1

    @property
    def compared(self) -> tuple[Trial, ...]:
        """Return the trials that compared ketamine with something else."""
        return tuple(trial for trial in self.trials if trial.finding is not Finding.UNKNOWN)


_DEPRESSION = Evidence(
    condition="depression",
    certainty=Certainty.VERY_LOW,
    graded_by="dean-2021",
    basis="This is the grade that the Cochrane review gives the chance of being much better after one day.",
    why="It may bring fast but short relief to some people, and lasting relief is not proven.",
    glance="Ketamine often did better for some days, but by less when the other drug can be felt too.",
    groups=(
        Group(
            "Compared with placebo: most people can tell",
            (
                Trial(
                    source="berman-2000",
                    analyzed=7,
                    comparison="Saline",
                    when="by 72 hours",
                    finding=Finding.FOR,
                    outcome=HAMILTON,
                    ketamine=14,
                    compared=0,
                    words="This was the first such trial, and it was tiny.",
                ),
                Trial(
                    source="zarate-2006",
                    randomized=18,
                    analyzed=17,
                    comparison="Placebo",
                    when="the next day",
                    finding=Finding.FOR,
                    outcome=MUCH_BETTER,
                    ketamine=71,
                    compared=0,
                    ketamine_people=17,
                    words="A week later, 35 of 100 people were still much better.",
                ),
                Trial(
                    source="singh-2016",
                    randomized=68,
                    analyzed=67,
                    comparison="Saline",
                    when="at day 15",
                    finding=Finding.FOR,
                    outcome=MADRS,
                    ketamine=18,
                    compared=6,
                    compared_from=3,
                    words="Two a week and three a week both did better than saline, by about as much.",
                ),
                Trial(
                    source="ionescu-2019",
                    randomized=26,
                    comparison="Saline",
                    when="after six infusions in 3 weeks",
                    finding=Finding.NONE,
                    words="Mood and suicidal thoughts did not differ.",
                ),
                Trial(
                    source="abbar-2022",
                    randomized=156,
                    comparison="Placebo",
                    when="at day 3",
                    finding=Finding.MIXED,
                    outcome=NO_SUICIDAL_THOUGHTS,
                    ketamine=63,
                    compared=32,
                    # Published as 46 (63.0 of 100) and 25 (31.6 of 100). The abstract swaps the sizes of the groups.
                    ketamine_people=73,
                    compared_people=79,
                    words="The gain was clear in bipolar illness, but not in depression.",
                ),
            ),
        ),
        Group(
            "Compared with a calming drug: harder to tell",
            (
                Trial(
                    source="murrough-2013",
                    randomized=73,
                    analyzed=72,
                    comparison="Midazolam",
                    when="at 24 hours",
                    finding=Finding.FOR,
                    outcome=MUCH_BETTER,
                    ketamine=64,
                    compared=28,
                    ketamine_people=47,
                    compared_people=25,
                    words="After 7 days it was 46 of 100 with ketamine, and 18 of 100 with midazolam.",
                ),
                Trial(
                    source="grunebaum-2018",
                    randomized=80,
                    comparison="Midazolam",
                    when="at 24 hours",
                    finding=Finding.FOR,
                    outcome=SUICIDAL_THOUGHTS_HALVED,
                    ketamine=55,
                    compared=30,
                    # The only groups of 80 people that fit the published shares, and the odds ratio with its interval.
                    ketamine_people=40,
                    compared_people=40,
                    words="Everyone had depression with suicidal thoughts. After that day there was no comparison group.",
                ),
                Trial(
                    source="phillips-2019",
                    analyzed=41,
                    comparison="Midazolam",
                    when="at 24 hours",
                    finding=Finding.FOR,
                    words="Mood was better one day after ketamine.",
                ),
                Trial(
                    source="fava-2020",
                    randomized=99,
                    comparison="Midazolam",
                    when="over 3 days",
                    finding=Finding.FOR,
                    words="The usual dose and a higher one did better, mostly on day 1. Two lower doses were not clearly better.",
                ),
                Trial(
                    source="su-2023",
                    randomized=84,
                    analyzed=84,
                    comparison="Midazolam",
                    when="on day 2 or 3",
                    finding=Finding.FOR,
                    outcome=MUCH_BETTER,
                    ketamine=36,
                    compared=12,
                    ketamine_people=42,
                    compared_people=42,
                    words="Suicidal thoughts were gone on day 2 in 33 and 10 of 100 people, and on day 7 in 19 and 12, which is "
                    "no clear difference.",
                ),
                Trial(
                    source="loo-2023",
                    randomized=179,
                    comparison="Midazolam",
                    when="after 4 weeks",
                    finding=Finding.MIXED,
                    route=Route.SKIN,
                    words="The dose was raised partway. We couldn't read the result of each part, so we don't count it as a gain.",
                ),
                Trial(
                    source="jelovac-2025",
                    randomized=65,
                    analyzed=62,
                    comparison="Midazolam",
                    when="after up to eight infusions",
                    finding=Finding.NONE,
                    outcome=MUCH_BETTER,
                    ketamine=47,
                    compared=33,
                    # The only groups of 62 people that fit the published shares: 46.9, 33.3, 43.8 and 30 of 100.
                    ketamine_people=32,
                    compared_people=30,
                    words="In the MADRS score, the true gap may lie between 8.5 points lower with ketamine and 2.2 higher. Most "
                    "people guessed their drug.",
                ),
            ),
        ),
        Group(
            "Compared with placebo, asleep: no one can tell",
            (
                Trial(
                    source="lii-2023",
                    randomized=40,
                    comparison="Placebo",
                    when="on day 1",
                    finding=Finding.NONE,
                    outcome=MUCH_BETTER,
                    ketamine=60,
                    compared=50,
                    words="In the MADRS score, the true gap over 3 days may lie between 13.3 points lower with ketamine and 1.6 "
                    "higher. Anesthesia may itself change the effect.",
                ),
            ),
        ),
        Group(
            "Compared with ECT: everyone knew which they had",
            (
                Trial(
                    source="anand-2023",
                    also="ekstrand-2024",
                    randomized=403,
                    analyzed=365,
                    comparison="ECT",
                    when="after 3 weeks",
                    finding=Finding.AS_GOOD,
                    outcome=MUCH_BETTER,
                    ketamine=55.4,
                    compared=41.2,
                    ketamine_people=195,
                    compared_people=170,
                    words="The trial asked only if ketamine was no worse, and no one had psychosis (seeing, hearing or believing "
                    "things that aren't real). ECT did unusually badly: 22 of 100 got well, and 63 in the trial below.",
                ),
                Trial(
                    source="ekstrand-2022",
                    analyzed=186,
                    comparison="ECT",
                    when="when treatment ended",
                    finding=Finding.AGAINST,
                    outcome=NEARLY_WELL,
                    ketamine=46,
                    compared=63,
                    # The only groups of 186 people that fit the published shares, their P, and the table of side effects.
                    ketamine_people=95,
                    compared_people=91,
                    words="Some had psychosis. Within a year, 70 of 100 who got well relapsed after ketamine and 63 after ECT, "
                    "typically in two months: no clear difference.",
                ),
            ),
        ),
        Group(
            "Compared with nothing",
            (
                Trial(
                    source="murrough-2013-repeated",
                    analyzed=24,
                    comparison="None",
                    when="after up to six infusions",
                    finding=Finding.UNKNOWN,
                    outcome=MUCH_BETTER,
                    ketamine=70.8,
                    ketamine_people=24,
                    words="That is 17 people, whose antidepressants had been stopped. Half of them had relapsed 18 days after their "
                    "last infusion.",
                ),
                Trial(
                    source="phillips-2019",
                    analyzed=41,
                    count="at most",
                    comparison="None",
                    when="after six more infusions",
                    finding=Finding.UNKNOWN,
                    outcome=MUCH_BETTER,
                    ketamine=59,
                    words="This came after the trial above. Half of those helped had gotten better by the third.",
                ),
            ),
        ),
    ),
    pooled=(
        Trial(
            source="dean-2021",
            analyzed=185,
            count="Seven trials,",
            comparison="Placebo",
            when="after a day",
            finding=Finding.FOR,
            outcome=MUCH_BETTER,
            ketamine=27,
            compared=9,
            words="The certainty is very low.",
        ),
    ),
    conclusions=(
        Conclusion(
            "dean-2021",
            "Cochrane review, 2021",
            "Ketamine may do better than placebo and midazolam at 24 hours, but the certainty is very low, and there is little "
            "on the long term.",
            certainty=Certainty.VERY_LOW,
        ),
        Conclusion(
            "wilkinson-2019",
            "Nine trials together, 367 people, 2019",
            "On day 1, about 45 of 100 people were much better with ketamine, 18 with midazolam and 1 with saline.",
        ),
        Conclusion(
            "sanacora-2017",
            "American Psychiatric Association task force, 2017",
            "Says that it may help some people, and stresses how limited the data are.",
        ),
    ),
)

_CHRONIC_PAIN = Evidence(
    condition="chronic-pain",
    certainty=Certainty.VERY_LOW,
    graded_by="ferraro-2025",
    basis="This is the grade that the Cochrane review gives pain relief right after a ketamine infusion.",
    why="One kind, CRPS, may ease for some weeks after long infusions. For other kinds of pain, the evidence is weak or "
    "points against it.",
    glance="In CRPS, both trials found some relief for weeks. In nerve pain and fibromyalgia none lasted, and reviews "
    "disagree.",
    groups=(
        Group(
            "CRPS (complex regional pain syndrome)",
            (
                Trial(
                    source="sigtermans-2009",
                    randomized=60,
                    comparison="Placebo",
                    when="at week 1",
                    finding=Finding.MIXED,
                    drug=Drug.S_KETAMINE,
                    outcome=PAIN,
                    ketamine=2.7,
                    compared=5.5,
                    words="The infusion ran for about 4 days. There was less pain over the 12 weeks as a whole, but the gap "
                    "shrank, and at week 12 it was no longer clear. People could do no more than before.",
                ),
                Trial(
                    source="schwartzman-2009",
                    randomized=40,
                    count="planned for",
                    comparison="Placebo",
                    when="over 3 months",
                    finding=Finding.FOR,
                    words="People had 4 hours of infusion on each of 10 days, and many pain scores were better. Both groups "
                    "also got clonidine and midazolam, and the authors asked for a larger trial.",
                ),
            ),
        ),
        Group(
            "Nerve pain",
            (
                Trial(
                    source="pickering-2020",
                    analyzed=20,
                    comparison="Placebo",
                    when="over 5 weeks",
                    finding=Finding.NONE,
                    words="A single infusion, at the dose used for mood, brought no benefit.",
                ),
            ),
        ),
        Group(
            "Fibromyalgia",
            (
                Trial(
                    source="noppers-2011-fibromyalgia",
                    randomized=24,
                    comparison="Midazolam",
                    when="at 8 weeks",
                    finding=Finding.NONE,
                    drug=Drug.S_KETAMINE,
                    outcome=PAIN_HALVED,
                    ketamine=17,
                    compared=17,
                    ketamine_people=12,
                    compared_people=12,
                    words="That is 2 of 12 people in each group, after one infusion of 30 minutes. Relief lasted only "
                    "while the drug was in the blood: after 15 minutes it was 8 and 3 people.",
                ),
            ),
        ),
        Group(
            "Many kinds of pain",
            (
                Trial(
                    source="corriger-2022",
                    analyzed=93,
                    comparison="Before ketamine",
                    when="after one year",
                    finding=Finding.UNKNOWN,
                    outcome=PAIN,
                    ketamine=5.7,
                    compared=6.8,
                    words="These are not all the same people, because 240 of the 256 treated gave a score before, and only "
                    "93 after a year. So the cause of the change is unknown.",
                ),
            ),
        ),
    ),
    conclusions=(
        Conclusion(
            "ferraro-2025",
            "Cochrane review, 2025",
            "In 67 trials with 2,309 people, of ketamine and four related drugs, it found no clear evidence of useful "
            "relief at any time. Cancer pain and headache were left out. Right after a ketamine infusion, pain was 15.8 "
            "points of 100 lower, but the true effect may lie between 32.1 lower and 0.5 higher, and the certainty is "
            "very low. It does not support routine use.",
            certainty=Certainty.VERY_LOW,
        ),
        Conclusion(
            "cohen-2018",
            "Guideline of three US pain and anesthesia societies, 2018",
            "Sees moderate evidence of relief for up to 12 weeks in CRPS, weak evidence of short relief after a spinal "
            "cord injury, and weak evidence or none for other kinds of pain.",
        ),
        Conclusion(
            "orhurhu-2019",
            "Review, 2019",
            "Found a small drop in pain for up to about 2 weeks, with more nausea and dream-like effects.",
        ),
    ),
)

_PTSD = Evidence(
    condition="ptsd",
    certainty=Certainty.VERY_LOW,
    graded_by="ncptsd-medications",
    basis="The VA rates this evidence very low, and its guideline suggests against ketamine for PTSD.",
    why="Two small trials found short relief. The largest found no more relief than with placebo.",
    glance="Two small trials found short relief. The largest one, in veterans and service members, found no more than "
    "with placebo.",
    groups=(
        Group(
            "Compared with a drug that can be felt, or that eases pain",
            (
                Trial(
                    source="feder-2014",
                    randomized=41,
                    comparison="Midazolam",
                    when="at 24 hours",
                    finding=Finding.FOR,
                    words="Symptoms were less severe one day after a single infusion, but that did not last.",
                ),
                Trial(
                    source="feder-2021",
                    randomized=30,
                    comparison="Midazolam",
                    when="after six infusions in 2 weeks",
                    finding=Finding.FOR,
                    outcome=PTSD_EASED,
                    ketamine=67,
                    compared=20,
                    ketamine_people=15,
                    compared_people=15,
                    words="The symptom score (CAPS-5) was 11.9 points better. Half of those helped had lost the gain "
                    "after about 4 weeks.",
                ),
                Trial(
                    source="dadabayev-2020",
                    randomized=41,
                    comparison="Ketorolac",
                    when="over 7 days",
                    finding=Finding.NONE,
                    words="These were veterans with long-lasting pain, and some of them had PTSD. After one infusion, the two "
                    "drugs helped about equally.",
                ),
                Trial(
                    source="duek-2023",
                    randomized=27,
                    comparison="Midazolam",
                    when="after 4 days of trauma therapy",
                    finding=Finding.NONE,
                    words="Both groups had the therapy after one infusion. Symptoms eased in both, with no clear difference.",
                ),
            ),
        ),
        Group(
            "Compared with placebo",
            (
                Trial(
                    source="abdallah-2022",
                    randomized=158,
                    comparison="Placebo",
                    when="after eight infusions",
                    finding=Finding.NONE,
                    words="No group did clearly better: 54 people had placebo, 53 a low dose and 51 the usual dose. Depression "
                    "improved more with the usual dose.",
                ),
            ),
        ),
    ),
    conclusions=(
        Conclusion(
            "schnurr-2024",
            "VA and Defense guideline, 2023",
            "Recommends trauma-focused therapy before medicine.",
        ),
        Conclusion(
            "ncptsd-medications",
            "VA table of medicines for PTSD, from that guideline",
            "Suggests against ketamine. Evidence: very low.",
            certainty=Certainty.VERY_LOW,
        ),
        Conclusion(
            "borgogna-2024",
            "Review of six trials, 221 people, 2024",
            "Found a small effect (0.27), which is smaller still when missing studies are allowed for (0.20, and it may "
            "be nil). At 24 hours, which was looked at only afterward, ketamine did no better than active drugs.",
        ),
    ),
)

_ANXIETY = Evidence(
    condition="anxiety",
    certainty=Certainty.VERY_LOW,
    graded_by="",
    basis="This grade is our own, because no review that we know of gives one. We chose the lowest level "
    "because the studies are so small.",
    why="We know of four tiny studies, and two of them had no comparison group.",
    glance="We know of four tiny studies. Of the two that compared ketamine with something, one found a gain for up to a "
    "week, and the other gave two answers.",
    groups=(
        Group(
            "Compared with a calming drug: harder to tell",
            (
                Trial(
                    source="glue-2020",
                    randomized=12,
                    comparison="Midazolam",
                    when="for up to a week",
                    finding=Finding.FOR,
                    route=Route.SKIN,
                    words="People felt better within an hour, and more so with a higher dose, while midazolam did little, and "
                    "only for a short time.",
                ),
            ),
        ),
        Group(
            "Compared with placebo: most people can tell",
            (
                Trial(
                    source="taylor-2018",
                    randomized=18,
                    comparison="Saline",
                    when="within 2 weeks",
                    finding=Finding.MIXED,
                    outcome=RATED_BY_CLINICIANS,
                    ketamine=33,
                    compared=0,
                    ketamine_people=18,
                    words="People with social anxiety had ketamine and saline in turn.",
                ),
                Trial(
                    source="taylor-2018",
                    randomized=18,
                    comparison="Saline",
                    when="within 2 weeks",
                    finding=Finding.MIXED,
                    outcome=RATED_BY_THEMSELVES,
                    ketamine=89,
                    compared=53,
                    ketamine_people=18,
                    compared_people=17,
                    words="Yet people's own anxiety scores did not differ overall, and one rating after saline seems to be "
                    "missing.",
                ),
            ),
        ),
        Group(
            "Compared with nothing",
            (
                Trial(
                    source="glue-2017",
                    analyzed=12,
                    comparison="None",
                    when="for up to 7 days",
                    finding=Finding.UNKNOWN,
                    route=Route.SKIN,
                    outcome=MUCH_BETTER,
                    ketamine=83,
                    ketamine_people=12,
                    words="That is 10 of 12 people.",
                ),
                Trial(
                    source="glue-2018",
                    analyzed=20,
                    comparison="None",
                    when="weekly for 3 months",
                    finding=Finding.UNKNOWN,
                    route=Route.SKIN,
                    outcome=LIFE_BETTER,
                    ketamine=90,
                    ketamine_people=20,
                    words="That is 18 of 20 people, who all knew what they got and had done well on ketamine before.",
                ),
            ),
        ),
    ),
    conclusions=(
        Conclusion(
            "tully-2022",
            "Review, 2022",
            "The relief didn't last, and the studies were too different to combine.",
        ),
        Conclusion(
            "whittaker-2021",
            "Review, 2021",
            "In social anxiety, two trials together favor ketamine, but they are too small to say by how much.",
        ),
    ),
)

EVIDENCE = {evidence.condition: evidence for evidence in (_DEPRESSION, _CHRONIC_PAIN, _PTSD, _ANXIETY)}


@dataclass(frozen=True)
class Option:
    """A treatment: what trials found, what can go wrong, and how it may work.

    `better` and `compared` are numbers of 100 people who did well, if the source gives them for two groups.
    """

    use: str  # a key of OPTION_USES
    name: str
    how: str  # fewer than ten words
    how_source: str
    found: str  # what people did, such as "got much better"; without two numbers, the whole result
    sources: tuple[str, ...]  # for what trials found
    harms: str  # about ten words
    harm_sources: tuple[str, ...]
    comparison: str = ""  # as it follows its number
    treated: str = ""  # what a chart calls the group that had it
    better: int | None = None
    compared: int | None = None

    @property
    def marks(self) -> tuple[str, str]:
        """Return the marks of the treatment and its comparison. In every chart, a dot is ketamine."""
        if self in KETAMINE_OPTIONS:
            return "dot", "ring"
        return "square", "dot" if self.comparison == "with ketamine" else "ring"

    @property
    def caption(self) -> str:
        """Return what both groups had, in the order of their marks in a chart, such as "TMS, and fake pulses"."""
        return f"{self.treated}, and {self.comparison.removeprefix('with ')}"

    @property
    def charted(self) -> str:
        """Return a chart's numbers in words, such as "29 of 100 with it, 10 of 100 with fake pulses"."""
        if self.better is None:
            return NO_COUNT
        return f"{self.better} of 100 with it, {self.compared} of 100 {self.comparison}"

    @property
    def result(self) -> str:
        """Return the result for a table of words: how many of 100 people did well in each group, if the source says it."""
        if self.better is None:
            return self.found
        return f"{self.better} of 100 {self.found}, and {self.compared} of 100 {self.comparison}"


@dataclass(frozen=True)
class OptionChart:
    """What the chart of treatments for one use counts, and what stands below it."""

    meaning: str
    notes: tuple[tuple[str, tuple[str, ...]], ...]  # on the results, each with its sources
    how: tuple[tuple[str, str, str], ...]  # name, how it may work, and source of treatments that have no row


NO_COUNT = "No count to compare"
MEMORY_GAPS_WITH_ECT = "21 of 100"  # for more than a day, in `ekstrand-2022`
LEFT_THERAPY_EARLY = "29 of 100"  # in trials of therapy for PTSD, in `carpenter-2018`
LEFT_PLACEBO_EARLY = "17 of 100"

_THOUGHTS_UP_TO_24 = "up to age 24, thoughts of suicide"

# What the treatments are for, each with the title of its table of words.
OPTION_USES = {
    "depression": "What trials found in people with depression. “Much better” means that their score fell by half. “Well” "
    "means that few or no symptoms were left.",
    "PTSD": "What trials found in people with PTSD",
    "anxiety": "What trials found in people with anxiety",
    "pain": "What trials found in people with long-lasting pain",
}

OPTION_CHARTS = {
    "depression": OptionChart(
        "Of 100 people, how many did well: mostly, their score fell by half. For ECT, few or no symptoms were left.",
        notes=(
            (
                "After up to four medicines in turn, 67 of 100 got well. A new count found 35, which is disputed.",
                ("rush-2006", "pigott-2023", "star-d-2023"),
            ),
            (
                "The spray's two trials, by its maker, were added up afterward. All also began an antidepressant.",
                ("turkoz-2021",),
            ),
            (
                "Trials of ECT differ: in a larger one, 22 of 100 got well with ECT, and 38 of 100 with ketamine.",
                ("ekstrand-2024",),
            ),
            (
                "Exercise brought a moderate gain in 73 trials, about the same as talk therapy.",
                ("cochrane-exercise",),
            ),
        ),
        how=(
            (
                "Aripiprazole, added",
                "It acts on dopamine, a brain messenger. How that lifts mood isn't clear.",
                "burris-2002",
            ),
            (
                "Bupropion, added or instead",
                "It keeps two brain messengers, dopamine and norepinephrine, at work for longer.",
                "stahl-2004",
            ),
        ),
    ),
}

OPTIONS = (
    Option(
        "depression",
        "Talk therapy",
        "You practice new ways to think and act.",
        "cuijpers-2021",
        "got much better",
        ("cuijpers-2021",),
        "About 4 of 100 got worse, fewer than without it.",
        ("cuijpers-2018",),
        comparison="without it",
        treated="With talk therapy",
        better=41,
        compared=17,
    ),
    Option(
        "depression",
        "A daily antidepressant (SSRI)",
        "Over weeks, it changes how brain cells pass messages.",
        "nimh-medicines",
        "got much better",
        ("ploderl-2019",),
        f"Nausea, weight gain, sleepiness, sexual problems; {_THOUGHTS_UP_TO_24}.",
        ("nimh-medicines", "spravato-label"),
        comparison="with placebo",
        treated="An SSRI",
        better=49,
        compared=39,
    ),
    Option(
        "depression",
        "Esketamine spray (Spravato)",
        "It blocks the same receptor as ketamine.",
        "spravato-label",
        "got much better",
        ("turkoz-2021",),
        "Sleepiness, feeling cut off, slow breathing, misuse; in young people, thoughts of suicide.",
        ("spravato-label",),
        comparison="with a placebo spray",
        treated="The spray",
        better=59,
        compared=45,
    ),
    Option(
        "depression",
        "TMS (magnetic pulses)",
        "The pulses stir nerve cells that steer mood.",
        "mayo-tms",
        "got much better",
        ("berlim-2013",),
        "Headache, sore scalp; seizure in fewer than 1 of 1,000.",
        ("mayo-tms", "taylor-2021"),
        comparison="with fake pulses",
        treated="TMS",
        better=29,
        compared=10,
    ),
    Option(
        "depression",
        "ECT",
        "A current sets off a seizure while you're asleep.",
        "nami-stimulation",
        "got well",
        ("ekstrand-2022",),
        f"Headache, muscle pain; memory gaps over a day in {MEMORY_GAPS_WITH_ECT}.",
        ("ekstrand-2022",),
        comparison="with ketamine",
        treated="ECT",
        better=63,
        compared=46,
    ),
    Option(
        "depression",
        "Exercise",
        "You breathe harder. How that lifts mood isn't known.",
        "cochrane-exercise",
        "Moderate gain over no treatment; no count",
        ("cochrane-exercise",),
        "Now and then, a sore muscle or joint.",
        ("cochrane-exercise",),
    ),
    Option(
        "PTSD",
        "Therapy that works through the trauma",
        "You face the memory until it loses some power.",
        "bisson-2007",
        "Helped more than a waiting list or usual care; no count",
        ("bisson-2007",),
        f"It can upset you. {LEFT_THERAPY_EARLY} left early, {LEFT_PLACEBO_EARLY} on placebo.",
        ("carpenter-2018",),
    ),
    Option(
        "PTSD",
        "A daily antidepressant (SSRI)",
        "Over weeks, it acts on the brain messenger serotonin.",
        "nimh-medicines",
        "got better",
        ("williams-2022",),
        f"Side effects: 9 of 100 stopped, 7 on placebo; {_THOUGHTS_UP_TO_24}.",
        ("williams-2022", "spravato-label"),
        comparison="with placebo",
        better=58,
        compared=35,
    ),
    Option(
        "anxiety",
        "Talk therapy (CBT)",
        "You face what you fear in small steps.",
        "carpenter-2018",
        "Helped more than placebo; no count",
        ("carpenter-2018",),
        "Some steps frighten, but no more people left than on placebo.",
        ("carpenter-2018",),
    ),
    Option(
        "anxiety",
        "A daily antidepressant (SSRI or SNRI)",
        "It acts on serotonin, and an SNRI on norepinephrine too.",
        "nimh-medicines",
        "About 14 more of 100 got much better than with placebo",
        ("kopcalic-2025",),
        f"Side effects: about 6 more of 100 stopped; {_THOUGHTS_UP_TO_24}.",
        ("kopcalic-2025", "spravato-label"),
    ),
    Option(
        "pain",
        "Medicines for nerve pain",
        "They calm pain signals.",
        "soliman-2025",
        "About 11 to 22 more of 100 got clear relief than with placebo",
        ("soliman-2025",),
        "About 4 to 7 of 100 stop for side effects. Gabapentin with opioids (painkillers): slow breathing.",
        ("soliman-2025", "fda-2019"),
    ),
    Option(
        "pain",
        "Physical therapy",
        "Step by step, you train to move with less pain.",
        "smart-2022",
        "It may help in CRPS, but that's far from sure; no count",
        ("smart-2022",),
        "It can hurt at first. Harms were poorly recorded.",
        ("smart-2022", "kavka-2023"),
    ),
)

_KETAMINE_HOW = ("It blocks a brain receptor. How that helps isn't known.", "zanos-2018")
_KETAMINE_HARMS = (
    "Feeling cut off, higher blood pressure, slow breathing, misuse.",
    ("ekstrand-2022", "ketamine-label"),
)

# Ketamine in the same words, one row for each use, so that a table compares it with the other treatments.
KETAMINE_OPTIONS = (
    Option(
        "depression",
        "Ketamine by IV",
        *_KETAMINE_HOW,
        "got much better in a day",
        ("dean-2021",),
        *_KETAMINE_HARMS,
        comparison="with midazolam",
        treated="After a day: ketamine",
        better=47,
        compared=26,
    ),
    Option(
        "PTSD",
        "Ketamine by IV",
        *_KETAMINE_HOW,
        "Trials disagree; no count",
        ("feder-2021", "abdallah-2022"),
        *_KETAMINE_HARMS,
    ),
    Option(
        "anxiety",
        "Ketamine by IV",
        *_KETAMINE_HOW,
        "A short gain in small studies; no count",
        ("glue-2017", "taylor-2018"),
        *_KETAMINE_HARMS,
    ),
    Option(
        "pain",
        "Ketamine by IV",
        *_KETAMINE_HOW,
        "No clear proof of useful relief; no count",
        ("ferraro-2025",),
        *_KETAMINE_HARMS,
    ),
)


@dataclass(frozen=True)
class SideEffect:
    """How many people had a side effect at least once with ketamine, and with ECT, in the trial `ekstrand-2022`."""

    name: str
    ketamine_count: int
    ect_count: int

    @property
    def ketamine(self) -> int:
        return round(100 * self.ketamine_count / SIDE_EFFECTS_KETAMINE)

    @property
    def ect(self) -> int:
        return round(100 * self.ect_count / SIDE_EFFECTS_ECT)

    @property
    def ranges(self) -> tuple[Range, Range]:
        """Return where the true numbers of 100 people with ketamine and with ECT probably lie."""
        return (
            wilson_interval(self.ketamine_count, SIDE_EFFECTS_KETAMINE),
            wilson_interval(self.ect_count, SIDE_EFFECTS_ECT),
        )

    @property
    def ketamine_range_words(self) -> str:
        return range_words(self.ranges[0])

    @property
    def ect_range_words(self) -> str:
        return range_words(self.ranges[1])


# The people whose side effects were counted. Most frequent with ketamine first.
SIDE_EFFECTS_KETAMINE = 91
SIDE_EFFECTS_ECT = 90
SIDE_EFFECTS = (
    SideEffect("Dizziness, or a sense of spinning", 63, 22),
    SideEffect("Dissociation (feeling cut off)", 55, 14),
    SideEffect("Anxiety", 41, 16),
    SideEffect("Double vision", 28, 2),
    SideEffect("Nausea", 25, 23),
    SideEffect("Confusion", 23, 22),
    SideEffect("Dry or watery mouth", 22, 1),
    SideEffect("Headache", 20, 72),
    SideEffect("Tiredness", 20, 19),
    SideEffect("Feeling high", 19, 0),
    SideEffect("Blurred vision", 18, 0),
    SideEffect("Muscle pain", 13, 48),
    SideEffect("Mood swings", 11, 3),
    SideEffect("Loss of memory", 8, 26),
    SideEffect("Drop in oxygen", 4, 12),
)
