"""Transfer card and recommendation letter, frozen version by version (I6)."""

from collections.abc import Iterable, Mapping

from sqlmodel import Session

from services.intake import store
from services.intake.models.papers import CardOut, Decision, Keyed, LetterOut, Slip, VersionList, VersionOut
from services.intake.rules import Rules
from shared.errors import Refusal
from shared.identity import OF_A_UNIT, Actor
from shared.programme import Label
from shared.store import Tx

TRACKS = {
    "immediate": Keyed(key="immediate", zh="限时解决", en="Solve by the deadline"),
    "planned": Keyed(key="planned", zh="整改计划", en="Rectification plan"),
    "explained": Keyed(key="explained", zh="作出说明", en="Explanation"),
}
SHOWN = frozenset({"approved", "reassigned"})
"""Versions that a unit may see: those that an approver signed."""


def add_version(rules: Rules, tx: Tx, line: store.Complaint, row: store.Transfer, kind: str) -> None:
    """Keep both papers as they are now, with the names that the units bear today."""
    row.version += 1
    named = store.units_named(tx.session, units_of(row))
    card, letter = _card(rules, tx, line, row, kind, named), _letter(rules, tx, line, row, named)
    tx.session.add(
        store.papers.CardVersion(
            number=row.number,
            version=row.version,
            kind=kind,
            at=tx.now,
            by=tx.actor.sub if tx.actor else "",
            card=card.model_dump(mode="json"),
            letter=letter.model_dump(mode="json"),
        )
    )


def units_of(row: store.Transfer) -> list[str]:
    """The units that stand on a card, the lead unit first."""
    return [row.lead_unit, *row.cooperating_units, *([row.territorial_unit] if row.territorial_unit else [])]


def card(session: Session, actor: Actor, number: str, version: int | None) -> CardOut:
    """A card, the newest version by default; to a unit only what stands on an approved card. Raises Refusal (404)."""
    return CardOut.model_validate(_seen(session, actor, number, version).card)


def letter(session: Session, actor: Actor, number: str, version: int | None) -> LetterOut:
    """The recommendation letter of the same version. Raises Refusal (404)."""
    return LetterOut.model_validate(_seen(session, actor, number, version).letter)


def listed(session: Session, number: str) -> VersionList:
    """Every version of a card. Raises Refusal (404)."""
    rows = store.papers.versions(session, number)
    if not rows:
        store.papers.version(session, number, None)
    return VersionList(items=[VersionOut(version=v, kind=kind, at=at, by=by) for v, kind, at, by in rows])


def _seen(session: Session, actor: Actor, number: str, version: int | None) -> store.papers.CardVersion:
    if actor.role not in OF_A_UNIT:
        return store.papers.version(session, number, version)
    of_unit(session, actor, number)
    shown = [number_ for number_, kind, _, _ in store.papers.versions(session, number) if kind in SHOWN]
    wanted = shown[-1] if shown and version is None else version
    if wanted in shown:
        kept = store.papers.version(session, number, wanted)
        parts = [kept.card["lead_unit"], *kept.card["cooperating_units"], kept.card["territorial_unit"]]
        if any(part and part["key"] == actor.unit for part in parts):
            return kept
    raise _no_card(number)


def of_unit(session: Session, actor: Actor, number: str) -> store.Transfer:
    """The card of a matter that is with the actor's unit. Raises Refusal (404): others do not learn of it."""
    row = session.get(store.Transfer, number)
    if row is None or row.state not in store.WITH_UNIT or actor.unit not in units_of(row):
        raise _no_card(number)
    return row


def _no_card(number: str) -> Refusal:
    return Refusal("transfer", number, "your unit has no such card", "see the cases of your unit", 404)


def _card(
    rules: Rules, tx: Tx, line: store.Complaint, row: store.Transfer, kind: str, named: Mapping[str, store.Unit]
) -> CardOut:
    programme = rules.programme
    channel = programme.channel(line.channel)
    topic = programme.topic(line.topic) if line.topic else None
    decision = None
    if row.decided_at and row.decided_by:
        decision = Decision(
            result=row.state,
            words=row.words or row.reason,
            by=row.decided_by,
            role=row.decided_role or "approver",
            stands_in_for=row.stands_in_for,
            at=row.decided_at,
        )
    lead = _unit(named, row.lead_unit)
    return CardOut(
        card=row.card,
        version=row.version,
        kind=kind,
        made_at=tx.now,
        programme=programme.name,
        office=programme.office,
        number=line.number,
        reported_at=line.reported_at,
        channel=Keyed(key=channel.key, zh=channel.label.zh, en=channel.label.en),
        topic=Keyed(key=topic.key, zh=topic.label.zh, en=topic.label.en) if topic else None,
        identity=line.identity,
        petitioners=line.petitioners,
        hot=line.hot,
        title=line.title,
        text=line.text,
        place=line.place,
        screening=line.reason,
        screened_by=line.screened_by,
        screened_at=line.screened_at,
        requested_by=row.requested_by,
        requested_at=row.requested_at,
        approval_due=row.due,
        lead_unit=lead,
        cooperating_units=tuple(_units(named, row.cooperating_units)),
        territorial_unit=_unit(named, row.territorial_unit) if row.territorial_unit else None,
        track=TRACKS[row.track],
        days=row.days,
        due=row.solve_by,
        provisional=row.provisional,
        decision=decision,
        receipt=Slip(card=row.card, unit=lead),
    )


def _letter(
    rules: Rules, tx: Tx, line: store.Complaint, row: store.Transfer, named: Mapping[str, store.Unit]
) -> LetterOut:
    said = rules.programme.recommendation
    own_advice, own_basis = row.advice, row.basis
    return LetterOut(
        card=row.card,
        number=line.number,
        version=row.version,
        made_at=tx.now,
        office=rules.programme.office,
        unit=_unit(named, row.lead_unit),
        title=line.title,
        findings=row.findings or line.text,
        recommendation=Label(zh=own_advice, en=own_advice) if own_advice else said.advice,
        basis=Label(zh=own_basis, en=own_basis) if own_basis else said.basis,
        track=TRACKS[row.track],
        days=row.days,
        due=row.solve_by,
        provisional=row.provisional,
        signed_on=rules.calendar.local_date(row.decided_at) if row.decided_at and row.state != "refused" else None,
    )


def _units(named: Mapping[str, store.Unit], keys: Iterable[str]) -> list[Keyed]:
    return [_unit(named, key) for key in keys]


def _unit(named: Mapping[str, store.Unit], key: str) -> Keyed:
    unit = named.get(key)
    return Keyed(key=key, zh=unit.name if unit else key, en=(unit.name_en or unit.name) if unit else key)
