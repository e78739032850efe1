"""What an event puts on the bulletin (N7): one small function a kind of event.

Only what is public: no title or text of a complaint, no number of a matter before a unit has it, never who complained.
"""

from collections.abc import Callable
from typing import Any

from services.notify.domain.bulletin import Post, plain
from services.notify.domain.letter import one_line
from shared.contracts import Event, EventData
from shared.contracts import circulars as c
from shared.contracts import publicity as p
from shared.contracts import rectification as r
from shared.contracts import rectification_duties as d
from shared.contracts import rectification_promises as m
from shared.contracts import scoring as s
from shared.contracts.opinions import OpinionFedBack
from shared.programme import Programme
from shared.programme.obligations import OFFICE


def _due(e: d.ObligationDue) -> Post:
    helping = [*e.cooperating_units, *([e.territorial_unit] if e.territorial_unit else [])]
    facts = {
        "obligation": e.obligation, "period": e.period, "unit": e.unit, "title": one_line(e.title),
        "due": e.due.isoformat(), "standard": [one_line(line) for line in e.standard],
        "person": one_line(e.person, 80), "decision": one_line(e.decision), "helping": helping,
    }  # fmt: skip
    return Post(_schedule(e), "schedule", "due", facts, tuple(u for u in (e.unit, *helping) if u != OFFICE))


def _met(e: d.ObligationMet) -> Post:
    facts = {"unit": e.unit, "late": e.late, "due": e.due.isoformat()}
    return Post(_schedule(e), "schedule", "met", facts, _unless_office(e.unit), news=False)


def _missed(e: d.ObligationMissed) -> Post:
    return Post(_schedule(e), "schedule", "missed", {"unit": e.unit, "due": e.due.isoformat()}, _unless_office(e.unit))


def _schedule(e: d.ObligationDue | d.ObligationMet | d.ObligationMissed) -> str:
    return f"schedule {e.obligation} {e.period}"


def _unless_office(unit: str) -> tuple[str, ...]:
    return () if unit == OFFICE else (unit,)


def _meeting(e: s.MeetingAnnounced) -> Post | None:
    if e.rehearsal:
        return None
    facts = {
        "meeting": e.meeting, "cycle": e.cycle_name, "date": e.date.isoformat(), "place": one_line(e.place),
        "starts_at": e.starts_at.isoformat() if e.starts_at else None, "speak": list(e.speak),
        "units": list(e.unit_keys),
    }  # fmt: skip
    return Post(f"meeting {e.meeting}", "announcement", "meeting", facts, e.unit_keys)


def _promised(e: m.CaseCommitted) -> Post:
    facts = {
        "case": e.case, "unit": e.unit, "text": plain(e.text), "person": one_line(e.person, 80),
        "due": e.due.isoformat(),
    }  # fmt: skip
    return Post(f"commitment {e.commitment or e.case}", "commitment", "promised", facts, (e.unit,))


def _inspected(e: m.CommitmentKept | m.CommitmentBroken) -> Post:
    what = "broken" if isinstance(e, m.CommitmentBroken) else "kept"
    facts = {"case": e.case, "unit": e.unit, "late": e.late, "corrects": e.corrects}
    return Post(f"commitment {e.commitment or e.case}", "commitment", what, facts, (e.unit,))


def _closed(e: r.CaseClosed) -> Post:
    facts = {
        "case": e.case, "unit": e.unit, "outcome": e.outcome, "topic": e.topic, "late": e.late,
        "late_days": e.late_days, "misconduct": e.misconduct, "times": e.times_closed,
    }  # fmt: skip
    return Post(f"case {e.case}", "handling", "closed", facts, (e.unit,))


def _reopened(e: r.CaseReopened) -> Post:
    facts = {"case": e.case, "unit": e.unit, "reason": e.reason, "due": e.due.isoformat()}
    return Post(f"case {e.case}", "handling", "reopened", facts, (e.unit,))


def _excused(e: d.LatenessExcused) -> Post:
    return Post(f"case {e.case}", "handling", "excused", {"case": e.case, "unit": e.unit}, (e.unit,))


def _ranked(e: s.RankingPublished) -> Post:
    scopes: dict[str, int] = {}
    for row in e.rows:
        scopes[row.scope] = scopes.get(row.scope, 0) + (row.rank is not None)
    facts = {"cycle": e.cycle_name, "scopes": scopes, "units": len(e.rows)}
    return Post(f"result {e.cycle_name}", "result", "ranked", facts, tuple(row.unit for row in e.rows))


def _fed_back(e: OpinionFedBack) -> Post:
    facts = {"unit": e.unit, "cycle": e.cycle_name, "date": e.held_on.isoformat(), "place": one_line(e.place)}
    return Post(f"opinion {e.opinion}", "result", "fed_back", facts, (e.unit,))


def _followed(e: p.ExposureFollowed) -> Post:
    facts = {
        "number": e.number, "outlet": one_line(e.outlet, 80), "on": e.on.isoformat(), "unit": e.unit,
        "outcome": plain(e.outcome), "accountability": plain(e.accountability), "statement": plain(e.statement),
        "promise": plain(e.promise), "due": e.promise_due.isoformat() if e.promise_due else None,
    }  # fmt: skip
    return Post(f"exposure {e.number}", "exposure", "followed", facts, (e.unit,) if e.unit else ())


def _issued(e: c.CircularIssued) -> Post:
    named = [row.model_dump(mode="json", exclude_defaults=True) for row in e.units if row.named]
    facts = {
        "circular": e.circular, "number": e.number, "title": e.title, "title_en": e.title_en, "text": e.text,
        "text_en": e.text_en, "issued_on": e.issued_on.isoformat(), "named": named,
    }  # fmt: skip
    return Post(f"circular {e.circular}", "circular", "issued", facts, tuple(row.unit for row in e.units if row.named))


def _entered(e: c.BulletinEntered) -> Post:
    facts = {
        "title": e.title, "title_en": e.title_en, "text": e.text, "text_en": e.text_en, "corrects": e.corrects,
        "hidden": e.hidden, "reason": e.reason, "by": e.by, "unit": e.unit,
    }  # fmt: skip
    return Post(e.about, e.kind, e.what, facts, (e.unit,) if e.unit else ())


POSTS: dict[type[EventData], Callable[[Any], Post | None]] = {
    d.ObligationDue: _due,
    d.ObligationMet: _met,
    d.ObligationMissed: _missed,
    d.LatenessExcused: _excused,
    s.MeetingAnnounced: _meeting,
    s.RankingPublished: _ranked,
    m.CaseCommitted: _promised,
    m.CommitmentKept: _inspected,
    m.CommitmentBroken: _inspected,
    r.CaseClosed: _closed,
    r.CaseReopened: _reopened,
    p.ExposureFollowed: _followed,
    OpinionFedBack: _fed_back,
    c.CircularIssued: _issued,
    c.BulletinEntered: _entered,
}
"""Every event that the bulletin tells of."""


def post_of(programme: Programme, event: Event[Any]) -> Post | None:
    """What an event puts on the bulletin, by what the programme publishes; None: nothing."""
    make = POSTS.get(type(event.data))
    if make is None:
        return None
    if isinstance(event.data, r.CaseClosed) and event.data.outcome not in programme.bulletin.outcomes:
        return None
    if isinstance(event.data, s.RankingPublished) and "public" not in programme.publication.form:
        return None
    return make(event.data)
