"""`minping verify FILE`: a bundle, a draw proof or a published result, offline: no database, no network, no service.

A bundle carries its own keys. That they are the right ones nobody can know from the file: compare the key ids, or
the checkpoint printed on the minutes, with what was published, or give the published vkeys as `trusted`.
"""

from collections.abc import Collection
from dataclasses import dataclass
from pathlib import Path

from services.scoring.verify import draw_proof, published
from services.scoring.verify.bundle import Bundle
from services.scoring.verify.container import is_bundle
from services.scoring.verify.papers import check_openings, check_receipt
from services.scoring.verify.report import Check, Report
from services.scoring.verify.timestamp import check_timestamp

__all__ = ["Beside", "Check", "Report", "verify_bytes", "verify_file"]

_NEITHER = "neither a bundle, a draw proof, nor a published result (one inside a bundle is verified with its bundle)"
_LARGEST = 2**32  # a bundle is a zip without its 64-bit extension


@dataclass(frozen=True, slots=True)
class Beside:
    """What somebody brings beside a bundle: a receipt, openings, a time stamp and its authority's roots (PEM)."""

    receipt: bytes | None = None
    openings: bytes | None = None
    timestamp: bytes | None = None
    tsa: bytes | None = None
    note: bytes | None = None


def verify_file(
    path: str | Path,
    receipt: str | Path | None = None,
    openings: str | Path | None = None,
    trusted: Collection[str] | None = None,
    timestamp: str | Path | None = None,
    tsa: str | Path | None = None,
    note: str | Path | None = None,
) -> Report:
    """Check a file, and what is given beside it. Never raises, whatever the files hold.

    trusted: vkeys published beforehand; every key of the bundle must be among them. tsa: root certificates (PEM) of
    the time-stamping authority. note: of a published result; without it the `.note` beside the file.
    """
    try:
        if Path(path).stat().st_size > _LARGEST:
            return Report(str(path), None, (Check("readable", False, says="is larger than any file of ours"),), {})
        data = Path(path).read_bytes()
    except (OSError, ValueError) as error:  # ValueError: a path with a null byte
        return Report(str(path), None, (Check("readable", False, says=str(error)),), {})
    papers: list[bytes | None] = []
    unreadable = []
    beside = Path(f"{path}.note")
    if note is None and published.is_ours(data) and beside.is_file():
        note = beside
    brought = (
        *(("receipt", receipt), ("openings", openings), ("timestamp", timestamp), ("timestamp", tsa)),
        ("published.signature", note),
    )
    for name, paper in brought:
        try:
            papers.append(None if paper is None else Path(paper).read_bytes())
        except (OSError, ValueError) as error:
            papers.append(None)
            unreadable.append(Check(name, False, str(paper), "", str(error)))
    report = verify_bytes(data, str(path), trusted=trusted, beside=Beside(*papers))
    return Report(report.path, report.kind, (*report.checks, *unreadable), report.facts)


def verify_bytes(
    data: bytes,
    path: str = "",
    receipt: bytes | None = None,
    openings: bytes | None = None,
    trusted: Collection[str] | None = None,
    beside: Beside | None = None,
) -> Report:
    """The same for bytes in memory."""
    papers = beside or Beside(receipt, openings)
    ours = "bundle" if is_bundle(data) else "draw_proof" if draw_proof.is_ours(data) else None
    ours = "published" if ours is None and published.is_ours(data) else ours
    try:
        if ours == "bundle":
            return _bundle(data, path, papers, trusted)
        if ours == "draw_proof":
            return _draw_proof(data, path, papers, trusted)
        if ours == "published":
            return published.check(data, path, papers.note, trusted)
    except Exception as error:  # noqa: BLE001 - a verifier answers on any bytes; what it cannot judge does not hold
        return Report(path, ours, (Check("unforeseen", False, says=f"{type(error).__name__}: {error}"),), {})
    return Report(path, None, (Check("readable", False, says=_NEITHER),), {})


def _bundle(data: bytes, path: str, papers: Beside, trusted: Collection[str] | None) -> Report:
    bundle = Bundle(data, trusted)
    receipt, openings, stamp = papers.receipt, papers.openings, papers.timestamp
    if receipt is not None:
        bundle.step("receipt", "receipt", lambda: check_receipt(bundle, receipt))
    if openings is not None:
        bundle.step("openings", "openings", lambda: check_openings(bundle, openings))
    if stamp is not None:
        bundle.step("timestamp", "timestamp", lambda: check_timestamp(bundle, stamp, papers.tsa))
    return Report(path, "bundle", tuple(bundle.checks), bundle.facts)


def _draw_proof(data: bytes, path: str, papers: Beside, trusted: Collection[str] | None) -> Report:
    findings, proof = draw_proof.check(data)
    checks = [Check(f.name, f.holds, "draw_proof.json", f.record, f.says) for f in findings]
    facts = {} if proof is None else {"meeting": proof.meeting, "pool_hash": str(proof.proof["pool_hash"])}
    if trusted is not None and proof is not None:
        unknown = [key["vkey"] for key in proof.proof["keys"] if key["vkey"] not in trusted]
        checks.append(Check("trusted", not unknown, "draw_proof.json", "keys", ", ".join(unknown)))
    brought = (("receipt", papers.receipt), ("openings", papers.openings), ("timestamp", papers.timestamp))
    for name, paper in brought:
        if paper is not None:
            checks.append(Check(name, False, name, "", "needs the meeting's bundle, not its draw proof"))
    return Report(path, "draw_proof", tuple(checks), facts)
