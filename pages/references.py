"""The bibliography: every source that the articles may cite, by key."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Reference:
    """One source. `unverified` names the fields that nobody has looked up in the work itself yet."""

    key: str  # first author's name and year, as in "anand-2023"
    authors: str
    title: str
    where: str  # journal and place in it, or publisher
    year: int
    doi: str = ""
    url: str = ""  # for what has no DOI
    unverified: tuple[str, ...] = ()

    @property
    def link(self) -> str:
        return f"https://doi.org/{self.doi}" if self.doi else self.url

    @property
    def verified(self) -> bool:
        return not self.unverified


_REFERENCES = (
    Reference(
        key="li-2016",
        authors="Li L, Vlisides PE",
        title="Ketamine: 50 years of modulating the mind",
        where="Front Hum Neurosci 10:612",
        year=2016,
        doi="10.3389/fnhum.2016.00612",
    ),
)

BIBLIOGRAPHY = {reference.key: reference for reference in _REFERENCES}
