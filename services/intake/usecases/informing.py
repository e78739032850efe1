"""A complainant adds to his complaint, by his tracking code, and screening opens again (I4)."""

from sqlmodel import Session

from services.intake import store
from services.intake.domain import codes, complaint
from services.intake.domain.complaint import State
from services.intake.domain.scrub import Known, scrub
from services.intake.models import TrackOut
from services.intake.rules import Rules
from services.intake.store.information import Information
from services.intake.usecases import view
from services.intake.usecases.telling import tell_sources
from shared.errors import Refusal
from shared.store import Tx

MOST = 10
"""How often a complainant may add to one complaint."""


def add(rules: Rules, tx: Tx, typed: str, text: str) -> TrackOut:
    """Words to his complaint while it is not decided. Raises Refusal (404 unknown code; 409 decided, or too often)."""
    line = store.by_code(tx.session, codes.digest_of(codes.read_code(typed)))
    if line is None:
        raise codes.unknown_code()
    if line.lead:
        raise Refusal("code", "…", f"it is handled together with {line.lead}", "send a new complaint", 409)
    was, line.state = line.state, complaint.informed(State(line.state)).value
    if store.information.times_added(tx.session, line.number) >= MOST:
        raise Refusal("text", "…", f"something was added {MOST} times already", "wait for the screening", 409)
    words = scrub(text, _known(rules, tx.session, line.number))
    vault = rules.vault
    original = vault.seal("text", line.number, text.encode()) if words != text else None
    if original and tx.session.get(store.Sealed, line.number) is None:  # so that its period is counted too
        row = store.Sealed(number=line.number, source=line.source, ticket=line.ticket, key_id=vault.current)
        tx.session.add(row)
    tx.session.add(Information(number=line.number, at=tx.now, text=words, original=original, key_id=vault.current))
    if was != line.state:
        line.reason, line.screened_by, line.screened_at = "", None, None
        store.progress.note(tx.session, line.number, line.state, tx.now)
        tell_sources(tx, line, line.state, "")
    tx.session.flush()
    return view.track(rules, tx.session, typed)


def _known(rules: Rules, session: Session, number: str) -> Known:
    sealed = session.get(store.Sealed, number)
    if sealed is None or sealed.identity is None:
        return Known()
    person = rules.vault.open_identity(sealed.source, sealed.ticket, sealed.identity)
    return Known(name=person.name, numbers=(person.phone, person.id_number))
