"""Forms of the bulletin, and of what units contribute to it (N7)."""

from datetime import datetime
from typing import Any, Literal

from pydantic import BaseModel, Field

from services.notify.domain.bulletin import LONGEST_TEXT, LONGEST_TITLE, Item
from services.notify.models.form import Form
from services.notify.usecases.bulletin import Words


class WordsIn(Form):
    """A title and a text in Chinese, and in English if there is a translation."""

    title: str = Field(min_length=1, max_length=LONGEST_TITLE)
    title_en: str = Field(default="", max_length=LONGEST_TITLE)
    text: str = Field(min_length=1, max_length=LONGEST_TEXT)
    text_en: str = Field(default="", max_length=LONGEST_TEXT)

    def words(self) -> Words:
        """As the use cases take them."""
        return Words(self.title, self.text, self.title_en, self.text_en)


class CorrectionIn(WordsIn):
    """What stands from now on; what it said stays beside it, struck through."""

    title: str = Field(default="", max_length=LONGEST_TITLE, description="only where the title changes too")
    entry: str = Field(default="", max_length=64, description="which entry is corrected; by default the latest")
    reason: str = Field(min_length=3, max_length=500)
    hide: bool = Field(default=False, description="do not show any more what it said: it named a person")


class WithdrawalIn(Form):
    """Why the item is withdrawn; a stub with the reason stays."""

    reason: str = Field(min_length=3, max_length=500)


class RefusalIn(Form):
    """Why a contribution is not published; the unit reads it."""

    reason: str = Field(min_length=3, max_length=500)


class EntryOut(BaseModel):
    """One entry. facts: what it says; none where the item was withdrawn or the text hidden."""

    key: str
    what: str
    at: datetime
    facts: dict[str, Any]


class ItemOut(BaseModel):
    """An item of the bulletin under its permanent id."""

    id: str
    kind: str
    about: str
    published_at: datetime
    updated_at: datetime
    units: list[str]
    withdrawn: str | None = Field(description="why the office withdrew it")
    entries: list[EntryOut]

    @classmethod
    def of(cls, item: Item) -> "ItemOut":
        """As everybody may see it: what was withdrawn or hidden is not said here either."""
        gone = item.withdrawal
        hidden = {shown.entry.key for shown in item.shown() if shown.hidden}
        kept = [entry for entry in item.entries if gone is None or entry is gone]
        return cls(
            id=item.id, kind=item.kind, about="" if gone else item.about, published_at=item.published_at,
            updated_at=item.updated_at, units=[] if gone else list(item.units),
            withdrawn=str(gone.facts.get("reason", "")) if gone else None,
            entries=[
                EntryOut(
                    key=entry.key, what=entry.what, at=entry.at,
                    facts={} if entry.key in hidden else dict(entry.facts),
                )
                for entry in kept
            ],
        )  # fmt: skip


class ItemsOut(BaseModel):
    """A page of the bulletin, the latest first."""

    items: list[ItemOut]
    next: str | None = Field(description="cursor of the next page")


class ContributionOut(BaseModel):
    """A unit's contribution: who handed it in, and what the office decided."""

    number: str
    unit: str
    title: str
    title_en: str
    text: str
    text_en: str
    submitted_by: str
    submitted_at: datetime
    state: Literal["submitted", "approved", "refused"]
    decided_by: str
    decided_at: datetime | None
    reason: str
    item: str | None = Field(description="the item of the bulletin that it became")


class ContributionsOut(BaseModel):
    """A page of contributions, in the order in which they were handed in."""

    contributions: list[ContributionOut]
    next: str | None = Field(description="cursor of the next page")
