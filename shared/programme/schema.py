"""The programme (评议方案): one appraisal's rules, with the lookups that all services need."""

from datetime import date, timedelta
from decimal import Decimal
from typing import Annotated
from zoneinfo import ZoneInfo

from pydantic import AfterValidator, Field
from pydantic_core import PydanticCustomError

from shared.calendar import OfficialYear, WorkingCalendar
from shared.errors import Refusal
from shared.programme.bulletin import Archive, Briefings, Bulletin, Circulars
from shared.programme.composite import CompositePart
from shared.programme.directory import Directory
from shared.programme.meeting import Meeting, Pool, Stratum
from shared.programme.obligations import Obligation
from shared.programme.online import Online
from shared.programme.oversight import Inspections, Supervisors
from shared.programme.parts import (
    CalendarYear,
    Callback,
    CallbackGrade,
    Category,
    Channel,
    Choice,
    ConsequenceRule,
    Cycle,
    CycleDates,
    Deadlines,
    Dimension,
    Escalation,
    Grade,
    Group,
    NoticeRule,
    Ranking,
    Scope,
    Topic,
    WorkingHours,
    find,
)
from shared.programme.phases import Phase
from shared.programme.points import Points
from shared.programme.privacy import Disclosure, Retention
from shared.programme.publication import Publication
from shared.programme.publicity import Recommendation, Roster
from shared.programme.questionnaire import Questionnaire
from shared.programme.rollup import Rollup
from shared.programme.tracks import Tracks
from shared.programme.values import Code, Label, Number, Part, Window, WorkingDays, unsaid


def _zone(name: str) -> str:
    try:
        ZoneInfo(name)
    except (KeyError, ValueError, OSError):  # not found; not a name; a folder of the zone database ("Asia")
        raise PydanticCustomError("time_zone", "no such time zone") from None
    return name


class Programme(Part):
    """One appraisal's rules. Lookups raise Refusal naming the keys that exist."""

    key: Code
    name: Label
    office: Label
    time_zone: Annotated[str, AfterValidator(_zone)] = "Asia/Shanghai"
    cycles: tuple[Cycle, ...] = Field(min_length=1)
    phases: tuple[Phase, ...] = Field(default=(), exclude_if=unsaid)
    categories: tuple[Category, ...] = Field(min_length=1)
    scopes: tuple[Scope, ...] = Field(min_length=1)
    groups: tuple[Group, ...] = ()
    dimensions: tuple[Dimension, ...] = Field(min_length=1)
    grades: tuple[Grade, ...] = Field(min_length=2)
    abstain: Choice
    topics: tuple[Topic, ...] = Field(min_length=1)
    channels: tuple[Channel, ...] = Field(min_length=1)
    pool: Pool
    meeting: Meeting
    deadlines: Deadlines
    tracks: Tracks = Field(default=Tracks(), exclude_if=unsaid)
    warnings: tuple[WorkingDays, ...]
    escalation: tuple[Escalation, ...] = Field(min_length=1)
    reopen_within_days: Number
    disputed_after_returns: Number = 2
    hot_from_petitioners: Number = 5
    callback: Callback
    recommendation: Recommendation = Recommendation()
    roster: Roster = Roster()
    inspections: Inspections = Inspections()
    supervisors: Supervisors = Supervisors()
    directory: Directory = Directory()
    retention: Retention = Retention()
    disclosure: Disclosure = Disclosure()
    online: Online = Online()
    questionnaires: tuple[Questionnaire, ...] = ()
    publication: Publication = Publication()
    obligations: tuple[Obligation, ...] = ()
    bulletin: Bulletin = Bulletin()
    circulars: Circulars = Circulars()
    briefings: Briefings = Briefings()
    archive: Archive = Archive()
    points: Points
    composite: tuple[CompositePart, ...] = Field(min_length=1)
    rollup: Rollup = Field(default=Rollup(), exclude_if=unsaid)
    ranking: Ranking
    consequences: tuple[ConsequenceRule, ...]
    working_hours: WorkingHours
    notices: tuple[NoticeRule, ...]
    calendar: tuple[CalendarYear, ...] = ()

    @property
    def zone(self) -> ZoneInfo:
        """The time zone in which days begin and end."""
        return ZoneInfo(self.time_zone)

    @property
    def working_calendar(self) -> WorkingCalendar:
        """Working days in the programme's time zone, with the years entered in the programme."""
        years = tuple(OfficialYear(y.year, y.days_off, y.make_up) for y in self.calendar)
        return WorkingCalendar(self.zone, years)

    def cycle(self, name: str) -> CycleDates:
        """The days of `2026-H1`; raises Refusal when the programme has no cycle of that name."""
        for pattern in self.cycles:
            head, tail = pattern.name.split("{year}")
            year = name[len(head) : len(name) - len(tail)]
            if len(year) == 4 and year.isdigit() and pattern.name.replace("{year}", year) == name:
                return _dates(pattern, int(year))
        known = ", ".join(c.name.replace("{year}", "2026") for c in self.cycles)
        raise Refusal("cycle", name, "the programme has no such cycle", f"write it like: {known}")

    def cycle_on(self, day: date) -> CycleDates | None:
        """The cycle whose daily window holds `day` (the first written, if several do), else None."""
        for year in (day.year, day.year - 1):
            for pattern in self.cycles:
                dates = _dates(pattern, year)
                if dates.opens <= day <= dates.closes:
                    return dates
        return None

    def category(self, key: str) -> Category:
        """A category by key."""
        return find(self.categories, key, "category")

    def scope(self, key: str) -> Scope:
        """A scope rule by key."""
        return find(self.scopes, key, "scope")

    def group(self, key: str) -> Group:
        """A group of units by key."""
        return find(self.groups, key, "group")

    def scope_of(self, scope: str, township: str | None, group: str | None = None) -> str:
        """The concrete scope a unit is ranked in: `township:清河镇`, `group:stationed`, `approval-centre`."""
        rule = self.scope(scope)
        if rule.each is None:
            return rule.key
        of = township if rule.each == "township" else group
        if not of:
            raise Refusal(rule.each, of, f"scope {scope} is one a {rule.each}", f"name the unit's {rule.each}")
        return f"{rule.key}:{of}"

    def dimensions_of(self, group: str | None) -> tuple[Dimension, ...]:
        """What is graded at a meeting on a group, by its own method if it has one; without a group the programme's."""
        own = self.group(group).dimensions if group else ()
        return tuple(self.dimension(d.key).model_copy(update={"weight": d.weight}) for d in own) or self.dimensions

    def dimension(self, key: str) -> Dimension:
        """A dimension by key."""
        return find(self.dimensions, key, "dimension")

    def topic(self, key: str) -> Topic:
        """A topic by key."""
        return find(self.topics, key, "topic")

    def grade(self, key: str) -> Grade:
        """A ballot's grade by key (not the abstention)."""
        return find(self.grades, key, "grade")

    def callback_grade(self, key: str) -> CallbackGrade:
        """A callback's grade by key."""
        return find(self.callback.grades, key, "callback.grade")

    def channel(self, key: str) -> Channel:
        """A channel by key."""
        return find(self.channels, key, "channel")

    def stratum(self, key: str) -> Stratum:
        """A stratum by key."""
        return find(self.pool.strata, key, "stratum")

    def questionnaire(self, key: str) -> Questionnaire:
        """A questionnaire by key."""
        return find(self.questionnaires, key, "questionnaire")

    def obligation(self, key: str) -> Obligation:
        """An obligation by key."""
        return find(self.obligations, key, "obligation")

    def part(self, key: str) -> CompositePart:
        """A part of the composite by key."""
        return find(self.composite, key, "composite")

    def parts_of(self, category: str) -> tuple[CompositePart, ...]:
        """The parts of the composite of units of a category."""
        return tuple(part for part in self.composite if part.counts_for(category))

    def online_round(self, category: str, day: date) -> tuple[CompositePart, date] | None:
        """The round of online evaluation that a code issued on a day to such a unit counts in, and its last day."""
        for part in self.parts_of(category):
            if part.is_of == "online" and part.is_computed and part.window:
                held = part.window.holding(day)
                if held:
                    return part, held[1]
        return None

    def questionnaire_window(self, key: str) -> Window | None:
        """The days on which a questionnaire may be held, where it makes up a round."""
        return next((part.window for part in self.composite if part.questionnaire == key), None)

    def may_take(self, track: str, channel: str) -> bool:
        """Whether matters that came by a channel may take a track (R2)."""
        listed = self.tracks.of(track)
        return not listed or channel in listed

    def phase(self, key: str) -> Phase:
        """A phase of the year by key."""
        return find(self.phases, key, "phase")

    def weight(self, part: str) -> Decimal:
        """Weight in per cent of a part of the composite."""
        return self.part(part).weight

    def notice_rules(self, event: str) -> tuple[NoticeRule, ...]:
        """Rules for an event, written short (`rectification.case.opened`) or as its full type."""
        short = event.removeprefix("minping.").removesuffix(".v1")
        return tuple(rule for rule in self.notices if rule.event == short)


def _dates(pattern: Cycle, year: int) -> CycleDates:
    without = pattern.daily.closes.on(year) + timedelta(days=1), pattern.publish_by.on(year)
    meeting = pattern.meeting.on(year) if pattern.meeting else without
    return CycleDates(
        name=pattern.name.replace("{year}", str(year)),
        label=Label(zh=pattern.label.zh.replace("{year}", str(year)), en=pattern.label.en.replace("{year}", str(year))),
        year=year,
        opens=pattern.daily.opens.on(year),
        closes=pattern.daily.closes.on(year),
        meeting_opens=meeting[0],
        meeting_closes=meeting[1],
        publish_by=pattern.publish_by.on(year),
    )
