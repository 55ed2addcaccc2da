"""The catalog of articles. URLs, menus, sitemap, feed, page titles, social cards and tests are based on it."""

from dataclasses import dataclass
from datetime import date

from django.urls import reverse

ROOT = "ketamine-infusion-therapy/"


@dataclass(frozen=True, kw_only=True)
class Article:
    """One article's metadata. The text is in templates/articles/<slug>.html.

    The dates have no defaults, so that a new article cannot claim a review that never happened.
    """

    slug: str
    path: str  # below ROOT
    title: str  # the heading, and the start of <title>; at most 41 characters
    nav: str  # a shorter title, for menus and breadcrumbs
    description: str  # the <meta> description, for search results; at most 155 characters
    drawing: str  # the name of its picture in templates/drawings/
    parent: str = "overview"  # slug of the article above it in the breadcrumbs
    published: date
    reviewed: date  # when it was last checked against its sources
    next_review: date
    sides: int = 0  # prints on this many sides of a single sheet; 0 for as many sheets as the text needs
    for_clinicians: bool = False  # written for professionals, so exempt from the reading grades for patients

    @property
    def template(self) -> str:
        return f"articles/{self.slug}.html"

    @property
    def is_about_a_condition(self) -> bool:
        return self.parent == "conditions"

    @property
    def stylesheets(self) -> tuple[str, ...]:
        """Return the stylesheets that the article needs: for a sheet, with charts, or with lists."""
        shared = ("article", "folds", "contents")
        if self.sides:
            return *shared, "sheet"
        has_charts = self.is_about_a_condition or self.slug in ("overview", "safety")
        return (*shared, "charts") if has_charts else (*shared, "lists", "sheet")

    @property
    def drawing_template(self) -> str:
        return f"drawings/{self.drawing}.svg"

    def get_absolute_url(self) -> str:
        return reverse(f"pages:{self.slug}")

    @property
    def breadcrumbs(self) -> list["Article"]:
        """Return the articles above this one, topmost first."""
        above = ARTICLES.get(self.parent)
        return [*above.breadcrumbs, above] if above else []

    @property
    def next(self) -> "Article | None":
        """Return the next article in reading order, or None."""
        following = list(ARTICLES.values())[list(ARTICLES).index(self.slug) + 1 :]
        return following[0] if following else None


# In reading order.
_ARTICLES = (
    Article(
        slug="overview",
        path="",
        title="Ketamine infusion therapy",
        nav="Ketamine therapy",
        description="What ketamine infusion therapy is, what it may help with and how sure we can be, its risks, "
        "who should not have it, and your other choices.",
        drawing="chairs",
        parent="",
        published=date(2024, 7, 15),
        reviewed=date(2026, 11, 26),
        next_review=date(2027, 11, 26),
    ),
    Article(
        slug="history",
        path="history/",
        title="The history of ketamine",
        nav="History",
        description="How an anesthetic made in 1962 came to be tried for depression and pain, and what the "
        "trials have found since.",
        drawing="album",
        published=date(2024, 7, 15),
        reviewed=date(2026, 11, 26),
        next_review=date(2027, 11, 26),
    ),
    Article(
        slug="how-it-works",
        path="how-it-works/",
        title="How ketamine may work",
        nav="How it works",
        description="What ketamine does in the brain, what is still a theory, and which claims research doesn't support.",
        drawing="branches",
        published=date(2024, 7, 15),
        reviewed=date(2026, 11, 26),
        next_review=date(2027, 11, 26),
    ),
    Article(
        slug="your-visit",
        path="your-visit/",
        title="Your visit, hour by hour",
        nav="Your visit",
        description="What happens before, during and after a ketamine infusion, what to bring, and how you get home.",
        drawing="room",
        published=date(2024, 7, 15),
        reviewed=date(2026, 11, 26),
        next_review=date(2027, 11, 26),
    ),
    Article(
        slug="after-your-infusion",
        path="after-your-infusion/",
        title="After your infusion",
        nav="After your infusion",
        description="What to do tonight, tomorrow and this week after a ketamine infusion, what is normal, and who to "
        "call when it isn't.",
        drawing="evening",
        published=date(2026, 11, 25),
        reviewed=date(2026, 11, 26),
        next_review=date(2027, 11, 26),
        sides=2,
    ),
    Article(
        slug="conditions",
        path="conditions/",
        title="What ketamine is used for",
        nav="Conditions",
        description="Depression, chronic pain, PTSD and anxiety: how strong the evidence for ketamine is for each.",
        drawing="panes",
        published=date(2024, 7, 15),
        reviewed=date(2026, 11, 26),
        next_review=date(2027, 11, 26),
    ),
    Article(
        slug="depression",
        path="conditions/depression/",
        title="Ketamine for depression",
        nav="Depression",
        description="What trials of ketamine for depression found, how long relief lasts, the risks, and the "
        "other options.",
        drawing="cloud",
        parent="conditions",
        published=date(2024, 7, 15),
        reviewed=date(2026, 11, 26),
        next_review=date(2027, 11, 26),
    ),
    Article(
        slug="chronic-pain",
        path="conditions/chronic-pain/",
        title="Ketamine for chronic pain",
        nav="Chronic pain",
        description="What trials of ketamine for CRPS, nerve pain and fibromyalgia found, the risks, and the "
        "other options.",
        drawing="thistle",
        parent="conditions",
        published=date(2024, 7, 15),
        reviewed=date(2026, 11, 26),
        next_review=date(2027, 11, 26),
    ),
    Article(
        slug="ptsd",
        path="conditions/ptsd/",
        title="Ketamine for PTSD",
        nav="PTSD",
        description="Trials of ketamine for PTSD disagree, and a major guideline suggests against it. What "
        "they found, and what to try first.",
        drawing="porch",
        parent="conditions",
        published=date(2024, 7, 15),
        reviewed=date(2026, 11, 26),
        next_review=date(2027, 11, 26),
    ),
    Article(
        slug="anxiety",
        path="conditions/anxiety/",
        title="Ketamine for anxiety",
        nav="Anxiety",
        description="The evidence for ketamine in anxiety disorders is very early. What four small studies "
        "found, the risks, and what to try first.",
        drawing="grass",
        parent="conditions",
        published=date(2024, 7, 15),
        reviewed=date(2026, 11, 26),
        next_review=date(2027, 11, 26),
    ),
    Article(
        slug="benefits-and-limits",
        path="benefits-and-limits/",
        title="What ketamine can and cannot do",
        nav="Benefits and limits",
        description="The benefits that trials of ketamine found, how large they were and how long they lasted, "
        "and what it can't do.",
        drawing="pots",
        published=date(2024, 7, 15),
        reviewed=date(2026, 11, 26),
        next_review=date(2027, 11, 26),
    ),
    Article(
        slug="safety",
        path="safety/",
        title="Safety and side effects",
        nav="Safety",
        description="Who should not have ketamine, what it commonly feels like, the serious risks, and the "
        "rule about driving.",
        drawing="monitor",
        published=date(2024, 7, 15),
        reviewed=date(2026, 11, 26),
        next_review=date(2027, 11, 26),
    ),
    Article(
        slug="questions",
        path="questions/",
        title="Questions people ask",
        nav="Questions",
        description="Plain answers to what people ask about ketamine infusions: chances, side effects, driving, medicines, cost. "
        "And a list of questions to ask us.",
        drawing="bubbles",
        published=date(2024, 7, 15),
        reviewed=date(2026, 11, 26),
        next_review=date(2027, 11, 26),
    ),
    Article(
        slug="family-and-friends",
        path="family-and-friends/",
        title="For family and friends",
        nav="Family and friends",
        description="How to help someone who has ketamine infusions: before, that day, in the weeks after, and if it doesn't "
        "work. And how to look after yourself.",
        drawing="cups",
        published=date(2026, 11, 26),
        reviewed=date(2026, 11, 26),
        next_review=date(2027, 11, 26),
    ),
    Article(
        slug="for-clinicians",
        path="for-clinicians/",
        title="For clinicians who refer",
        nav="For clinicians",
        description="Ketamine infusions for referring clinicians: certainty by indication, exclusions, interactions, monitoring, "
        "guidelines, and how to refer.",
        drawing="letter",
        published=date(2026, 11, 26),
        reviewed=date(2026, 11, 26),
        next_review=date(2027, 11, 26),
        sides=1,
        for_clinicians=True,
    ),
    Article(
        slug="references",
        path="references/",
        title="The sources behind our pages",
        nav="Sources",
        description="Every study, guideline and law behind these pages, where each is used, and how we check them.",
        drawing="books",
        published=date(2024, 7, 15),
        reviewed=date(2026, 11, 26),
        next_review=date(2027, 11, 26),
    ),
)

ARTICLES = {article.slug: article for article in _ARTICLES}
