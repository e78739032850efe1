"""What happens in the demo: the matters that people report, and how each will go. Made before the play begins."""

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path

from services.intake.domain.import_rows import Report, RowProblem
from services.intake.domain.matter import matter_key
from services.intake.importing import read_file
from shared.errors import Refusal
from shared.programme import Programme, demo

HOTLINE_CHANNELS = ("hotline_daily", "hotline_on_air", "web_form", "forum", "higher_office")
EXPORT_CHANNEL = "forum"
PLEASED = ("very_satisfied", "satisfied", "satisfied", "basically_satisfied")


@dataclass(frozen=True, slots=True)
class Matter:
    """One report and how it will go.

    by_bus: a machine reports it, else a clerk writes it down. solved_at: when the unit reports it solved, None if
    it never does. callbacks: the petitioner's answers round by round (a grade or `not_reached`), the last repeats.
    track: how it is handled; on `planned` `promise` says how the plan's promise is found. extension: working days
    that the unit asks for and is granted, 0 for none.
    """

    row: int
    ticket: str
    by_bus: bool
    channel: str
    title: str
    text: str
    reported_at: datetime
    identity: dict[str, str] = field(repr=False)
    unit: str | None
    lead_unit: str
    topic: str | None
    solved_at: datetime | None
    reply: str
    screening: str = "accepted"
    callbacks: tuple[str, ...] = ("satisfied",)
    misconduct: bool = False
    returned_once: bool = False
    track: str = "immediate"
    extension: int = 0
    promise: str = ""

    def answer(self, round: int) -> str:
        """What the petitioner says when called back after the `round`-th report, from 1."""
        return self.callbacks[min(round, len(self.callbacks)) - 1] if self.callbacks else "not_reached"


@dataclass(frozen=True, slots=True)
class Script:
    """The whole play: matters in the order in which they are reported, and the cycle they lie in.

    duties: those that a unit hands in late or never; all others are in time.
    """

    cycle: str
    matters: tuple[Matter, ...]
    kept: tuple[RowProblem, ...]
    starts: datetime
    ends: datetime
    meeting_day: date
    duties: tuple[demo.Duty, ...] = ()

    def groups(self) -> dict[str, str]:
        """Ticket → matter: reports with the same text must come one after another."""
        return {matter.ticket: matter_key(matter.title, matter.text) for matter in self.matters}


def bundled(programme: Programme) -> Script:
    """The cycle that comes with the product: invented people, places and complaints."""
    meeting = demo.meeting()
    cycle = programme.cycle(meeting.key.rpartition("-")[0])
    matters = tuple(_written(number, one, programme) for number, one in enumerate(demo.complaints(), 1))
    return Script(
        cycle.name,
        tuple(sorted(matters, key=lambda matter: (matter.reported_at, matter.row))),
        (),
        _start_of(cycle.opens, programme),
        _start_of(cycle.closes + timedelta(days=1), programme),
        meeting.date,
        demo.duties(),
    )


def _written(number: int, one: demo.Complaint, programme: Programme) -> Matter:
    play, solved_at = one.play, None
    if play.days_to_solve is not None:
        calendar = programme.working_calendar
        day = calendar.add_working_days(calendar.local_date(one.reported_at), play.days_to_solve)
        solved_at = datetime.combine(day, time(10, number % 60), tzinfo=programme.zone)
    identity = {name: value for name, value in asdict(one.petitioner).items() if value} if one.petitioner else {}
    return Matter(
        row=number,
        ticket=one.ticket,
        by_bus=one.channel in HOTLINE_CHANNELS,
        channel=one.channel,
        title=one.title,
        text=one.text,
        reported_at=one.reported_at.astimezone(programme.zone),
        identity=identity,
        unit=one.unit,
        lead_unit=play.unit or "",
        topic=one.topic,
        solved_at=solved_at,
        reply=play.reply,
        screening=play.screening,
        callbacks=play.callbacks,
        misconduct=play.misconduct,
        returned_once=play.returned_once,
        track=play.track,
        extension=play.extension,
        promise=play.promise,
    )


def export(path: Path, programme: Programme) -> Script:
    """A real export: a row is reported at its own time and solved at its reply's time; the file ends the cycle.

    A row without a reply stays open. Nothing is known of what petitioners thought of a reply, so all are content.
    Raises Refusal if the file cannot be read or holds no row.
    """
    router = Router(tuple((unit.key, unit.keywords) for unit in demo.units()))
    rows: Iterable[Report | RowProblem] = read_file(path, programme.zone)
    matters: list[Matter] = []
    kept: list[RowProblem] = []
    for row in rows:
        if isinstance(row, RowProblem):
            kept.append(row)
            continue
        if row.replied_at is not None and row.replied_at < row.reported_at:
            kept.append(RowProblem(row.row, "replied_at", str(row.replied_at), "is before the report", "mend the row"))
            continue
        matters.append(_exported(row, router, programme))
    if not matters:
        raise Refusal("--complaints", str(path), "no row of it can be registered", "see the reasons with --json")
    matters.sort(key=lambda matter: (matter.reported_at, matter.row))
    last = max(max(m.reported_at, m.solved_at or m.reported_at) for m in matters).astimezone(programme.zone).date()
    first = matters[0].reported_at.astimezone(programme.zone).date()
    calendar = programme.working_calendar
    return Script(
        f"{first.year}-{last.year}",
        tuple(matters),
        tuple(kept),
        _start_of(first, programme),
        _start_of(last + timedelta(days=1), programme),
        calendar.add_working_days(last, 8),
    )


def _exported(row: Report, router: "Router", programme: Programme) -> Matter:
    return Matter(
        row=row.row,
        ticket=row.ticket,
        by_bus=True,
        channel=EXPORT_CHANNEL,
        title=row.title,
        text=row.text,
        reported_at=row.reported_at.astimezone(programme.zone),
        identity={name: value for name, value in row.identity.items() if value},
        unit=None,
        lead_unit=router.unit_of(row.ticket, f"{row.title}\n{row.text}"),
        topic=None,
        solved_at=row.replied_at,
        reply=row.reply[:1000],
        callbacks=(pick(PLEASED, row.ticket),),
    )


@dataclass(frozen=True, slots=True)
class Router:
    """The clerk's judgement of which unit a text concerns: its keywords, else evenly by the ticket."""

    keywords: tuple[tuple[str, tuple[str, ...]], ...]

    def unit_of(self, ticket: str, text: str) -> str:
        """The unit whose keywords stand most often in the text; ties and none go by the ticket's hash."""
        counts = [(sum(text.count(word) for word in words), unit) for unit, words in self.keywords]
        most = max(count for count, _ in counts)
        likely = sorted(unit for count, unit in counts if count == most)
        return pick(likely, ticket)


def pick(choices: Sequence[str], key: str) -> str:
    """One of `choices`, always the same for the same key."""
    digest = hashlib.sha256(key.encode()).digest()
    return choices[int.from_bytes(digest[:8], "big") % len(choices)]


def same_day(at: datetime, minutes: int) -> datetime:
    """Some minutes later, but on the same local day (`at` carries the programme's zone)."""
    end = at.replace(hour=23, minute=59, second=59, microsecond=0)
    return max(at, min(at + timedelta(minutes=minutes), end))


def _start_of(day: date, programme: Programme) -> datetime:
    return datetime.combine(day, time(), tzinfo=programme.zone).astimezone(UTC)
