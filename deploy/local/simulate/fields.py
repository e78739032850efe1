"""Which fields of events a report shows, and what in them is a name given at random or by the order of arrival.

The same seed gives the same report, to the byte. So what differs from run to run is left out (hashes, keys, ids of
letters) or is called by a name of the report's own (events, complaints, inspections).
"""

import re

EVERYWHERE = frozenset({
    "pool_hash", "proof_hash", "checkpoint", "bundle_sha256", "sha256", "code_hashes", "document_sha256",
    "before", "after", "letter", "notice", "tries", "tracking_code", "request", "document_bytes",
})  # fmt: skip
"""Left out of every event: random, or the fingerprint of something random."""

OF_A_TYPE: dict[str, frozenset[str]] = {
    "intake.inspection.planned": frozenset({"plan", "commitment"}),
    "intake.show.approaching": frozenset({"show"}),
    "intake.outcome.filed": frozenset({"number"}),
    "intake.transfer.requested": frozenset({"text"}),
    "intake.transfer.approved": frozenset({"text"}),
    "rectification.case.opened": frozenset({"text"}),
    "notify.circular.issued": frozenset({"text", "text_en", "units"}),
    "notify.briefing.issued": frozenset({"units"}),
    "notify.bulletin.entered": frozenset({"about", "corrects"}),
    "scoring.filing.received": frozenset({"document"}),
    "scoring.filing.refused": frozenset({"reasons"}),
}
"""Left out of one kind: random, or said by an earlier event already."""

NAMES = re.compile(
    r"(?P<event>\b[0-9a-f]{32}\b)"
    r"|(?P<inspection>\b20\d\d-Q[1-4]-I\d{4,}\b)"
    r"|(?P<complaint>\b20\d\d-\d{6,}\b)"
    r"|(?P<supervisor>\bJD-\d{4,}\b)"
    r"|(?P<card>\b20\d\d-K\d{4,}\b)",
    re.ASCII,  # a number may stand between Chinese characters
)
"""What is called by a name of the report's own: numbers that go by the order of arrival, and ids of events."""

PREFIX = {"inspection": "I", "complaint": "C", "supervisor": "JD", "card": "K"}

_RANDOM = (
    re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}", re.I),
    re.compile(r"(?<![0-9a-zA-Z])(?=[0-9a-f]*[a-f])(?=[0-9a-f]*[0-9])[0-9a-f]{16,}(?![0-9a-zA-Z])", re.I),
    re.compile(r"(?=[A-Za-z0-9+/=]*[a-z])(?=[A-Za-z0-9+/=]*[A-Z])(?=[A-Za-z0-9+/=]*[0-9])[A-Za-z0-9+/=]{20,}"),
)


def shown(kind: str, field: str) -> bool:
    """Whether a field of a kind of event (`intake.complaint.registered`) stands in a report."""
    return field not in EVERYWHERE and field not in OF_A_TYPE.get(kind, frozenset())


def looks_random(text: str) -> bool:
    """Whether a value looks like a UUID, a hash or base64: no report may show it."""
    return any(pattern.search(text) for pattern in _RANDOM)
