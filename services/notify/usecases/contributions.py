"""A unit's leader hands in a text for the bulletin; the office approves or refuses it (N7). Both stay on record."""

from services.notify.domain.bulletin import checked_text
from services.notify.store.contributions import Contribution, following
from services.notify.usecases.bulletin import Words, by_unit, checked, enter
from services.notify.usecases.desk import Desk
from shared.contracts.circulars import BulletinEntered
from shared.errors import Refusal
from shared.identity import Actor
from shared.scrub import scrub
from shared.store import Tx


def submit(desk: Desk, tx: Tx, words: Words, actor: Actor) -> Contribution:
    """Hand in a contribution. Raises Refusal (403 no unit, 409 not published here, 422)."""
    if "contribution" not in desk.programme.bulletin.kinds:
        raise Refusal("kind", "contribution", "the programme publishes none", "ask the office", 409)
    said, number = checked(words), following(tx.session)
    row = Contribution(
        number=f"C{desk.calendar.local_date(tx.now).year}-{number:04d}",
        seq=number,
        unit=by_unit(actor),
        title=said.title,
        title_en=said.title_en,
        text=said.text,
        text_en=said.text_en,
        submitted_by=actor.sub,
        submitted_at=tx.now,
    )
    tx.session.add(row)
    tx.session.flush()
    return row


def approve(desk: Desk, tx: Tx, number: str, actor: Actor) -> Contribution:
    """Publish it as it was handed in. Raises Refusal (404, 409)."""
    row = _waiting(tx, number)
    made = BulletinEntered(
        about=f"contribution {row.number}", kind="contribution", what="contributed", unit=row.unit, title=row.title,
        title_en=row.title_en, text=row.text, text_en=row.text_en, by="",
    )  # fmt: skip
    row.item = enter(desk, tx, made).id
    return _decide(tx, row, "approved", "", actor)


def refuse(tx: Tx, number: str, reason: str, actor: Actor) -> Contribution:
    """Refuse it, with a reason that the unit reads. Raises Refusal (404, 409, 422)."""
    return _decide(tx, _waiting(tx, number), "refused", checked_text(scrub(reason), "reason", 500), actor)


def _waiting(tx: Tx, number: str) -> Contribution:
    row = tx.session.get(Contribution, number)
    if row is None:
        raise Refusal("number", number, "there is no such contribution", "see GET /api/v1/contributions", 404)
    if row.state != "submitted":
        raise Refusal("state", row.state, "it was decided already", "let the unit hand in another", 409)
    return row


def _decide(tx: Tx, row: Contribution, state: str, reason: str, actor: Actor) -> Contribution:
    row.state, row.reason, row.decided_by, row.decided_at = state, reason, actor.sub, tx.now
    tx.session.add(row)
    tx.session.flush()
    return row
