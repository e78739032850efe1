"""Intake tells who is left out of the rates, and who counts again (I5): noted, and an entry in each case's ledger."""

from services.rectification import store
from shared.contracts import Event
from shared.contracts.petitioner import PetitionerExcluded, PetitionerRestored
from shared.store import Tx


def exclude_petitioner(tx: Tx, event: Event[PetitionerExcluded]) -> None:
    """From now on grades of these complaints are recorded, count in no rate, and return or reopen nothing."""
    _note(tx, event.data, excluded=True)


def restore_petitioner(tx: Tx, event: Event[PetitionerRestored]) -> None:
    """Grades of these complaints count again from now on."""
    _note(tx, event.data, excluded=False)


def _note(tx: Tx, said: PetitionerExcluded | PetitionerRestored, *, excluded: bool) -> None:
    kind = "petitioner_excluded" if excluded else "petitioner_restored"
    for number in said.numbers:
        new = store.exclusion.save(
            tx.session, number, tx.now, excluded=excluded, reason=said.reason, decided_by=said.decided_by
        )
        if not new:
            continue
        entry = {"number": number, "reason": said.reason, "decided_by": list(said.decided_by)}
        for case in store.exclusion.cases_of(tx.session, number):
            store.ledger.append(tx.session, case, [(kind, tx.now, entry)], actor="intake")
