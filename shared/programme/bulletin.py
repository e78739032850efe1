"""What is published on the bulletin, when circulars and briefings are due, how long papers are kept (N6, N7, N9)."""

from typing import Annotated, Literal

from pydantic import Field

from shared.programme.values import Count, Number, Part

BulletinKind = Literal[
    "schedule", "announcement", "commitment", "handling", "result", "exposure", "contribution", "circular"
]
Outcome = Literal["solved", "solved_unconfirmed", "explained", "unfounded", "outside_jurisdiction", "disputed"]
Paper = Literal["circular", "bulletin", "result", "dossier", "ledger", "monthly", "notices"]
Period = Literal["permanent", "years_30", "years_10"]

EVERY_KIND: tuple[BulletinKind, ...] = (
    "schedule", "announcement", "commitment", "handling", "result", "exposure", "contribution", "circular",
)  # fmt: skip
PERIODS: dict[Paper, Period] = {
    "circular": "permanent", "bulletin": "permanent", "result": "permanent", "dossier": "years_30",
    "ledger": "years_30", "monthly": "years_10", "notices": "years_10",
}  # fmt: skip
"""Ours where a programme says nothing: by the sense of the national rule on what offices file (令第8号)."""


class Bulletin(Part):
    """公开栏: which kinds are public, of which outcomes a closed case is shown, how long a page and the feed are."""

    kinds: tuple[BulletinKind, ...] = EVERY_KIND
    outcomes: tuple[Outcome, ...] = ("solved", "solved_unconfirmed", "explained", "unfounded", "disputed")
    page: Annotated[Number, Field(le=200)] = 20
    feed: Annotated[Number, Field(le=500)] = 50


class Circulars(Part):
    """通报: when they are drafted, how they are numbered; `{year}` and `{n}` stand in the number."""

    quarterly: bool = True
    after_cycle: bool = True
    after: Count = 0  # working days after the period's end
    number: str = Field(default="民评通〔{year}〕{n}号", pattern=r"^[^{}]*\{year\}[^{}]*\{n\}[^{}]*$")


class Briefings(Part):
    """监督员简报: each quarter, so many working days after its end."""

    quarterly: bool = True
    after: Count = 5


class Archive(Part):
    """归档: the period for which each kind of paper is kept."""

    periods: dict[Paper, Period] = PERIODS

    def period(self, paper: Paper) -> Period:
        """How long a kind of paper is kept; what a programme leaves out is kept as by default."""
        return self.periods.get(paper, PERIODS[paper])
