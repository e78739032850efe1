"""Forms of the directory."""

from datetime import date, datetime
from typing import Annotated, Literal

from pydantic import BaseModel, Field, StringConstraints

from services.notify.domain.recipient import Holder
from services.notify.domain.terms import Change
from services.notify.models.form import Form, Key

Reason = Field(min_length=3, max_length=500, description="why, for whoever reads the history")
Address = Annotated[str, StringConstraints(min_length=1, max_length=254)]
ChannelName = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_-]*$", max_length=40)]


class SeatIn(Form):
    """A term of office (N1): the first and, if known, the last day."""

    person: str = Field(
        min_length=1, max_length=64, pattern=r"^[^\x00-\x1f|]+$", description="stable key of the person"
    )
    name: str = Field(min_length=1, max_length=80)
    email: str = Field(min_length=3, max_length=254)
    since: date
    until: date | None = None
    substitute: bool = Field(default=False, description="stands in for the holder (AB角)")
    acting: bool = Field(
        default=False, description="a substitute who is told in the holder's place until his last day (代行)"
    )
    fields: list[Annotated[str, StringConstraints(max_length=64)]] = Field(
        default=[], max_length=40, description="topics or dimensions that a deputy is in charge of; none: all others"
    )
    contacts: dict[ChannelName, Address] = Field(
        default={}, max_length=20, description="addresses beside e-mail, by channel"
    )
    language: Literal["zh", "en"] | None = Field(default=None, description="of his letters; by default the service's")

    def seat(self, unit: str, role: str, language: str) -> Holder:
        """As the domain knows it."""
        return Holder(
            unit, role, self.person, self.name, self.email, self.since, self.until, self.substitute,
            self.language or language, dict(self.contacts), tuple(self.fields), self.acting,
        )  # fmt: skip


class RowIn(SeatIn):
    """A row of an imported directory."""

    unit: str = Key
    role: str = Key


class ImportIn(Form):
    """Rows of a directory, all or none."""

    rows: list[RowIn] = Field(min_length=1, max_length=2000)


class CorrectionIn(SeatIn):
    """A term as it should have been entered."""

    unit: str | None = Field(default=None, description="of another unit than was entered", max_length=64)
    role: str | None = Field(default=None, description="another office than was entered", max_length=64)
    entered_person: str | None = Field(
        default=None, description="whom the wrong entry names, if another", max_length=64
    )
    entered_since: date | None = Field(default=None, description="its first day, if another")
    reason: str = Reason


class UndoIn(Form):
    """Why an entry is taken back."""

    reason: str = Reason


class TableRow(Form):
    """A row as the office's table has it: its number there, and what stands under each column."""

    row: int = Field(ge=1)
    cells: dict[str, Annotated[str, StringConstraints(max_length=2000)]]


class TableIn(Form):
    """A table of the directory. Columns by their Chinese headings or the fields' names; others are passed over."""

    header: list[Annotated[str, StringConstraints(max_length=100)]] = Field(min_length=1, max_length=100)
    rows: list[TableRow] = Field(min_length=1, max_length=5000)
    reason: str = Field(default="", max_length=500, description="why, for whoever reads the history")


class TermOut(BaseModel):
    """A term of office."""

    unit: str
    role: str
    person: str
    name: str
    email: str
    since: date
    until: date | None
    substitute: bool
    acting: bool
    fields: list[str]
    language: str
    contacts: dict[str, str]

    @classmethod
    def of(cls, term: Holder) -> "TermOut":
        """From the domain's."""
        return cls(**{name: getattr(term, name) for name in cls.model_fields})


class ChangeOut(BaseModel):
    """A term before and after; nothing before: it is new; nothing after: it is gone."""

    kind: str = Field(description="entered, changed, ended, replaced, corrected, taken_back or restored")
    before: TermOut | None
    after: TermOut | None

    @classmethod
    def of(cls, change: Change) -> "ChangeOut":
        """From the domain's."""
        before, after = change.before, change.after
        return cls(
            kind=change.kind, before=TermOut.of(before) if before else None, after=TermOut.of(after) if after else None
        )


class GapOut(BaseModel):
    """Days on which nobody holds an office; without a last day: nobody is known to come."""

    unit: str
    role: str
    first: date
    last: date | None


class EnteredOut(BaseModel):
    """What a change of the directory did."""

    holders: int
    notices_moved: int = Field(description="notices that had not gone yet and now go to somebody else")
    entry: int | None = Field(description="number under which it can be undone; none: all was known just so")
    changes: list[ChangeOut]
    gaps: list[GapOut] = Field(description="days, a year ahead, on which a unit concerned has no main leader")


class RowErrorOut(BaseModel):
    """What is wrong with a row of a table."""

    row: int
    field: str
    value: str
    reason: str
    remedy: str


class TableOut(BaseModel):
    """What a table did, or would do. With errors nothing of it was entered."""

    taken: bool
    read: int
    unchanged: int
    errors: list[RowErrorOut]
    passed_over: list[str] = Field(description="columns that nothing is taken from")
    entry: int | None
    notices_moved: int
    changes: list[ChangeOut]
    gaps: list[GapOut]


class HolderOut(TermOut):
    """A row of the directory."""

    address_fault: str | None = Field(description="why this address takes no letters")


class DirectoryOut(BaseModel):
    """The directory."""

    holders: list[HolderOut]


class AnsweringOut(BaseModel):
    """Somebody who answers for an office, in the order in which they are told."""

    person: str
    name: str
    why: str = Field(description="holder, acting, substitute, main_leader, parent, office …")
    reachable: bool = Field(description="whether an address of his takes letters")


class OfficeOut(BaseModel):
    """An office of a unit on a day: who answers for it, and its terms, past and to come."""

    role: str
    vacant: bool
    answering: list[AnsweringOut]
    terms: list[TermOut]


class UnitOut(BaseModel):
    """A unit's leaders on a day."""

    unit: str
    name: str
    parent: str | None
    on: date
    offices: list[OfficeOut]
    gaps: list[GapOut] = Field(description="days without a main leader, a year ahead")


class ChangeRowOut(ChangeOut):
    """A change with the entry it belongs to."""

    id: int
    entry: int
    entry_kind: str
    at: datetime
    actor: str
    reason: str
    undoes: int | None


class ChangesOut(BaseModel):
    """A page of changes in their order."""

    changes: list[ChangeRowOut]
    next: str | None = Field(description="cursor of the next page")


class GapsOut(BaseModel):
    """A page of gaps, by unit."""

    gaps: list[GapOut]
    next: str | None = Field(description="cursor of the next page")
