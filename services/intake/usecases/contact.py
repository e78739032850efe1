"""The narrow door for a callback: a clerk with an open task is shown the telephone number, and no more (I3, I11)."""

from dataclasses import dataclass
from datetime import timedelta

from services.intake import store
from services.intake.rules import Rules
from services.intake.usecases import audit
from services.intake.usecases.disclose import Denied
from shared.errors import Refusal
from shared.identity import Actor
from shared.store import Tx

HOUR = timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class Contact:
    """A telephone number, to be shown once. No pydantic model: nothing but the answer may hold it."""

    case: str
    number: str
    phone: str


def show(rules: Rules, tx: Tx, actor: Actor, case: str, number: str) -> Contact | Denied:
    """The petitioner's telephone number, while his task is open; so many an hour for a clerk. Each is in the audit.

    Denied, and kept in the audit: 404 no task or no number known, 409 the task is done, 410 erased, 429 too many.
    """
    try:
        task = store.task(tx.session, case, number)
        if task.state != "open":
            raise Refusal("callback", task.state, f"the task is {task.state}", "numbers are shown for open tasks", 409)
        most = rules.programme.disclosure.contacts_an_hour
        if store.steps_since(tx.session, "contact", actor.sub, tx.now - HOUR) >= most:
            raise Refusal("(request)", "…", f"you were shown {most} numbers within an hour", "call them first", 429)
        phone = _phone(rules, tx, number)
    except Refusal as refusal:
        audit.note(tx, actor, "contact_denied", number[:32], refusal.reason, case[:64])
        return Denied(refusal)
    audit.note(tx, actor, "contact", number, f"callback of round {task.round}", case)
    return Contact(case, number, phone)


def _phone(rules: Rules, tx: Tx, number: str) -> str:
    sealed = tx.session.get(store.Sealed, number)
    if sealed is None or sealed.identity is None:
        if gone := store.retention.erasures(tx.session, number):
            raise Refusal("number", number, f"it was erased on {gone[-1].at:%Y-%m-%d}", "nobody can be called", 410)
        raise Refusal("number", number, "the vault knows nobody to call", "record that nobody was reached", 404)
    phone = rules.vault.open_identity(sealed.source, sealed.ticket, sealed.identity).phone
    if not phone:
        raise Refusal("phone", "…", "no telephone number was given", "record that nobody was reached", 404)
    return phone
