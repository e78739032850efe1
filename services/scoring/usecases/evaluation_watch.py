"""Watching online evaluations as they are counted (S13, protocol D): what goes beyond a limit is flagged, not dropped.

Minutes and strings are watched in memory alone, which holds the last of every unit and nothing older: no time of an
evaluation is ever written. A restart begins anew and may see less, never more.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import partial

from services.scoring import metrics
from services.scoring.domain.evaluation_patterns import Kind, Seen, device_key, unlikely
from services.scoring.store import evaluation_flags as store
from services.scoring.store.evaluations import Batch, Key, Tally
from services.scoring.usecases import embargo
from services.scoring.usecases.desk import Desk
from services.scoring.usecases.last_seen import LastSeen
from shared.store import Tx
from shared.tick import Aside

SALT_BYTES = 32


@dataclass(frozen=True, slots=True)
class Accepted:
    """An evaluation that counts."""

    batch: Batch
    marks: str
    source: str
    device: str = field(default="", repr=False)


class Watch:
    """One batch: `see` each evaluation after it is counted, in their order, then `keep`."""

    def __init__(self, desk: Desk, tx: Tx, accepted: Sequence[Accepted]) -> None:
        self._tx = tx
        self._limits = desk.programme.online.flags
        self._day = tx.now.astimezone(desk.programme.zone).date().isoformat()
        self._minute = int(tx.now.timestamp()) // 60
        self._before = desk.evaluations_seen
        self._seen = _of_transaction(desk, tx)
        self._keys = _devices(desk, tx, accepted)
        self._devices = store.devices(tx.session, list(set(self._keys.values())))
        self._touched: dict[bytes, str] = {}
        self._beyond: dict[Seen, store.Beyond] = {}

    def see(self, one: Accepted, tally: Tally, weight: int) -> None:
        """Flag what goes beyond a limit. tally: its key's counts with this evaluation; weight: its own."""
        key, limits = one.batch.key, self._limits
        in_minute = self._in_minute(key)
        run = self._run(key, one.marks)
        by_device, device = self._by_device(one)
        if by_device > limits.device:
            self._flag(Seen(key, Kind.DEVICE, device.hex()), one, weight, by_device)
        elif run >= limits.string and self._unlikely(one, tally, run):
            self._flag(Seen(key, Kind.STRING, one.marks), one, weight, run)
        elif in_minute > limits.burst:
            self._flag(Seen(key, Kind.BURST, self._day), one, weight, in_minute)

    def keep(self) -> None:
        """Write the flags and how often devices have evaluated."""
        store.keep_devices(self._tx.session, {k: (cycle, self._devices[k]) for k, cycle in self._touched.items()})
        store.add(self._tx.session, self._beyond, self._tx.now)
        for seen, beyond in self._beyond.items():
            metrics.after_commit(self._tx, partial(metrics.FLAGGED.labels(seen.kind.value).inc, beyond.number))

    def _in_minute(self, key: Key) -> int:
        unit = key[:2]
        minute, number = self._seen.minutes.get(unit) or self._before.minutes.get(unit) or (0, 0)
        number = number + 1 if minute == self._minute else 1
        self._seen.minutes[unit] = self._minute, number
        return number

    def _run(self, key: Key, marks: str) -> int:
        last, run = self._seen.strings.get(key) or self._before.strings.get(key) or ("", 0)
        run = run + 1 if last == marks else 1
        self._seen.strings[key] = marks, run
        return run

    def _by_device(self, one: Accepted) -> tuple[int, bytes]:
        key = self._keys.get((one.batch.key[0], one.batch.unit, one.device)) if one.device else None
        if key is None:
            return 0, b""
        number = self._devices[key] = self._devices.get(key, 0) + 1
        self._touched[key] = one.batch.key[0]
        return number, key

    @staticmethod
    def _unlikely(one: Accepted, tally: Tally, run: int) -> bool:
        others = tally.evaluations - run
        if others < 0:  # a programme that changed asks otherwise, and its counts begin anew
            return False
        return unlikely(run, others, one.batch.form.alike(one.marks, tally.counts) - run)

    def _flag(self, seen: Seen, one: Accepted, weight: int, most: int) -> None:
        beyond = self._beyond.setdefault(seen, store.Beyond())
        beyond.number += 1
        beyond.counts += weight
        beyond.by_bus += bool(one.source)
        if most > beyond.most:
            beyond.most = most
            beyond.most_at = datetime.fromtimestamp(self._minute * 60, UTC) if seen.kind is Kind.BURST else None


def forget_devices(tx: Tx, _aside: Aside) -> bool:
    """When a cycle's result is public, delete the salt of its devices, then their keys; True if there may be more."""
    return any(
        store.forget_devices(tx.session, row)
        for row in store.salts(tx.session)
        if row.salt is None or embargo.is_public(tx.session, row.cycle)
    )


def _of_transaction(desk: Desk, tx: Tx) -> LastSeen:
    """What this transaction has seen; it becomes what was seen last only if it is committed."""
    found: LastSeen | None = tx.session.info.get(LastSeen)
    if found is None:
        found = tx.session.info[LastSeen] = LastSeen()
        metrics.after_commit(tx, partial(desk.evaluations_seen.take_over, found))
    return found


def _devices(desk: Desk, tx: Tx, accepted: Sequence[Accepted]) -> dict[tuple[str, str, str], bytes]:
    """(cycle, unit, device) → its key; none where nobody came himself, or the cycle's salt is deleted."""
    wanted = {(one.batch.key[0], one.batch.unit, one.device) for one in accepted if one.device}
    salts = {
        cycle: store.salt_of(tx.session, cycle, desk.entropy(SALT_BYTES)) for cycle in sorted({w[0] for w in wanted})
    }
    return {w: device_key(salt, w[1], w[2]) for w in wanted if (salt := salts[w[0]]) is not None}
