"""Publication and reissue of a sealed meeting (S14, S15): every version of its bundle is kept and stays public."""

import datetime as dt

from pydantic import BaseModel
from sqlmodel import Session

from services.scoring.domain.bundle import result_note_text, with_result, write_bundle
from services.scoring.domain.canon import digest
from services.scoring.domain.meeting import Step
from services.scoring.domain.note import assemble
from services.scoring.domain.seal import CHECKPOINT
from services.scoring.store import meetings as store
from services.scoring.store import results
from services.scoring.store.tables import BundleRow, MeetingRow
from services.scoring.usecases.count import seal_members
from services.scoring.usecases.desk import Desk
from services.scoring.usecases.steps import finish
from services.scoring.verify import verify_bytes
from shared.contracts.scoring import MeetingPublished
from shared.errors import Refusal
from shared.store import Tx


class PublicationView(BaseModel):
    """The bundle as published; or released, to be opened by the clock at `opens_at`."""

    meeting: str
    state: str
    version: int | None = None
    bundle_sha256: str | None = None
    opens_at: dt.datetime | None = None


class BundleView(BaseModel):
    """A version of a published bundle. `reason`: why it was issued again; empty for the first."""

    version: int
    bundle_sha256: str
    reason: str
    issued_at: dt.datetime | None


def publish(desk: Desk, tx: Tx, row: MeetingRow) -> PublicationView:
    """Publish a sealed meeting with the cycle's result (S14). A rehearsal has no result. Raises Refusal."""
    finish(tx, row, Step.PUBLICATION)
    return issue_bundle(desk, tx, row)


def issue_bundle(desk: Desk, tx: Tx, row: MeetingRow) -> PublicationView:
    """Write the next version of a published meeting's bundle, with the result as issued last (S15).

    Raises Refusal (409) where the bundle would not pass `minping verify`: nothing is published that anybody could
    show to be wrong.
    """
    session, name = tx.session, row.name
    files = seal_members(session, name)
    ranking = results.ranking(session, row.cycle)
    reason = ""
    if ranking is not None and not row.rehearsal and "public" in desk.programme.publication.form:
        reason = ranking.reason
        result = store.file(session, name, f"result-{ranking.version}.json")
        text = result_note_text(files[CHECKPOINT].decode(), result)
        files = with_result(files, result, assemble(text, [desk.signer.sign(text)]))
    data = write_bundle(files)
    _check(name, data)
    before = store.latest_bundle(session, name)
    bundle = BundleRow(
        meeting=name, version=before.version + 1 if before else 1, sha256=digest(data), data=data, reason=reason,
        issued_at=tx.now,
    )  # fmt: skip
    session.add(bundle)
    tx.publish(
        MeetingPublished(
            meeting=name,
            cycle_name=row.cycle,
            units=len(row.units),
            rehearsal=row.rehearsal,
            bundle_sha256=bundle.sha256,
        ),
        subject=name,
        cycle=row.cycle,
    )
    return PublicationView(meeting=name, state=row.state, version=bundle.version, bundle_sha256=bundle.sha256)


def seal_holds(session: Session, name: str) -> None:
    """A result is computed only from a seal that holds, counted again from its records (S15). Raises Refusal (409)."""
    _check(name, write_bundle(seal_members(session, name)))


def _check(name: str, data: bytes) -> None:
    report = verify_bytes(data, name)
    if report.exit_code != 0:
        wrong = [f"{check.name} {check.where}: {check.says}" for check in report.failures]
        raise Refusal("seal", wrong, "does not hold: what is kept was changed", "compare it with copies of it", 409)


def bundles(session: Session, name: str) -> list[BundleView]:
    """Every version of a published bundle, oldest first. Raises Refusal (404)."""
    store.meeting(session, name)
    return [
        BundleView(version=row.version, bundle_sha256=row.sha256, reason=row.reason, issued_at=row.issued_at)
        for row in store.bundles(session, name)
    ]


def bundle(session: Session, name: str, version: int | None = None) -> BundleRow:
    """A version of a published bundle, without a number the last. Raises Refusal (404)."""
    store.meeting(session, name)
    found = store.latest_bundle(session, name) if version is None else session.get(BundleRow, (name, version))
    if found is None and version is not None:
        raise Refusal("version", version, "no such version is published", "see GET …/bundles", 404)
    if found is None:
        raise Refusal("meeting", name, "is not published", "come back after the publication", 404)
    return found
