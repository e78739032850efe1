"""What intake's later steps are about: chased approvals, objections, exposures, referrals, media feedback, shows.

What is told before an approval, and whatever is said of a referral, names no unit: there is no unit to tell (I7, I15).
"""

from collections.abc import Callable
from hashlib import sha256
from typing import Any

from services.notify.domain.letter import one_line
from services.notify.usecases.matter import Matter
from shared.contracts import EventData
from shared.contracts import assignment as a
from shared.contracts import petitioner as c
from shared.contracts import publicity as p


def _overdue(d: a.TransferOverdue) -> Matter:
    facts = {"number": d.number, "card": d.card, "due": d.due.isoformat(), "step": d.step}
    return Matter(f"transfer {d.number} {d.card} {d.step}", facts, case=d.number, roles=d.roles)


def _raised(d: a.ObjectionRaised) -> Matter:
    facts = {"number": d.number, "unit": d.unit, "reason": one_line(d.reason), "due": d.due.isoformat()}
    key = f"objection {d.number} {d.unit} raised {d.due.isoformat()}"
    return Matter(key, facts, ((d.unit, {}),), d.number, about=d.unit)


def _ruled(d: a.ObjectionRuled) -> Matter:
    facts = {
        "number": d.number, "unit": d.unit, "upheld": d.upheld, "reason": one_line(d.reason), "days": d.days,
        "lead_unit": d.lead_unit, "cooperating": list(d.cooperating_units), "territorial": d.territorial_unit,
    }  # fmt: skip
    # a unit may object again after the case came back to it: that ruling has another content
    digest = sha256(d.model_dump_json().encode()).hexdigest()[:16]
    return Matter(f"objection {d.number} ruled {digest}", facts, ((d.unit, {}),), d.number, about=d.unit)


def _verified(d: p.ExposureVerified) -> Matter:
    facts = {
        "number": d.number, "outlet": one_line(d.outlet, 80), "verified": d.verified, "reason": one_line(d.reason)
    }  # fmt: skip
    return Matter(f"exposure {d.number} verified", facts, case=d.number)


def _chased(d: p.ExposureChased) -> Matter:
    facts = {"number": d.number, "due": d.due.isoformat(), "step": d.step}
    return Matter(f"exposure {d.number} {d.due.isoformat()} {d.step}", facts, case=d.number, roles=d.roles)


def _referred(d: a.MatterReferred) -> Matter:
    return Matter(f"referral {d.number}", {"number": d.number, "reason": one_line(d.reason)}, case=d.number)


def _concluded(d: a.ReferralConcluded) -> Matter:
    return Matter(f"referral {d.number} concluded", {"number": d.number, "outcome": d.outcome}, case=d.number)


def _feedback(d: p.FeedbackOverdue) -> Matter:
    facts = {"number": d.number, "due": d.due.isoformat()}
    return Matter(f"feedback {d.number} {d.due.isoformat()}", facts, case=d.number, roles=d.roles)


def _show(d: p.ShowApproaching) -> Matter:
    facts = {
        "show_name": one_line(d.name, 80), "outlet": one_line(d.outlet, 80), "unit": d.unit,
        "leader": one_line(d.leader, 40), "starts_at": d.starts_at.isoformat(), "questions": d.questions,
    }  # fmt: skip
    return Matter(f"show {d.show} {d.unit} {d.starts_at.isoformat()}", facts, ((d.unit, {}),), about=d.unit)


def _hot(d: c.ComplaintHot) -> Matter:
    facts = {"number": d.number, "petitioners": d.petitioners, "unit": d.unit, "title": one_line(d.title, 80)}
    return Matter(f"matter {d.number} hot", facts, ((d.unit, {}),) if d.unit else (), d.number, about=d.unit)


GATE_MATTERS: dict[type[EventData], Callable[[Any], Matter]] = {
    a.TransferOverdue: _overdue,
    a.ObjectionRaised: _raised,
    a.ObjectionRuled: _ruled,
    a.MatterReferred: _referred,
    a.ReferralConcluded: _concluded,
    p.ExposureVerified: _verified,
    p.ExposureChased: _chased,
    p.FeedbackOverdue: _feedback,
    p.ShowApproaching: _show,
    c.ComplaintHot: _hot,
}
"""Events of the gate and of publicity that letters can be written about."""

BEFORE_APPROVAL = frozenset({a.TransferOverdue.TYPE, p.ExposureVerified.TYPE, p.ExposureChased.TYPE})
"""Told to the office only (I7)."""

REFERRALS = frozenset({a.MatterReferred.TYPE, a.ReferralConcluded.TYPE})
"""Told to the discipline organ only: never to the accused unit or its leaders (I15)."""
