"""Watching online evaluations as they are counted (S13, protocol D): what goes beyond a limit is flagged, not dropped.

Minutes and strings are watched in memory alone, which holds the last of every unit and nothing older: no time of an
evaluation is ever written. A restart begins anew and may see less, never more.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache, partial

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
_NEVER, _NOTHING = (0, 0), ("", 0)
_DEVICE, _STRING, _BURST = (kind.value for kind in (Kind.DEVICE, Kind.STRING, Kind.BURST))
_Mark = tuple[Key, str, str]
"""of what a flag is: a unit's counts, the kind, and which of it; plain text is quick to look up"""


@dataclass(slots=True)
class Accepted:
    """An evaluation that counts."""

    batch: Batch
    marks: str
    source: str
    device: str = field(default="", repr=False)


def count(desk: Desk, tx: Tx, accepted: Sequence[Accepted], tallies: Mapping[Key, Tally]) -> None:
    """Add evaluations to the counts in their order, and write a flag of what goes beyond a limit.

    tallies: of every key that is touched, changed here. One loop, and no more in it than must be: this is what a
    million passes through.
    """
    limits, minute = desk.programme.online.flags, int(tx.now.timestamp()) // 60
    seen, before = _of_transaction(desk, tx), desk.evaluations_seen
    devices = _Devices(desk, tx, accepted)
    beyond: dict[_Mark, store.Beyond] = {}
    for one in accepted:
        batch, marks = one.batch, one.marks
        key, weight = batch.key, batch.form.weight(marks)
        tally = tallies[key]
        tally.evaluations += 1
        tally.counts += weight
        unit = key[:2]
        then, arrived = seen.minutes.get(unit) or before.minutes.get(unit) or _NEVER
        arrived = arrived + 1 if then == minute else 1
        seen.minutes[unit] = minute, arrived
        last, run = seen.strings.get(key) or before.strings.get(key) or _NOTHING
        run = run + 1 if last == marks else 1
        seen.strings[key] = marks, run
        mark: _Mark | None = None
        if one.device and (again := devices.count(one)) > limits.device:
            mark, most = (key, _DEVICE, devices.key(one).hex()), again
        elif run >= limits.string and _unlikely(batch, marks, tally, run):
            mark, most = (key, _STRING, marks), run
        elif arrived > limits.burst:
            mark, most = (key, _BURST, ""), arrived
        if mark is not None:
            found = beyond.get(mark) or beyond.setdefault(mark, store.Beyond())
            found.number += 1
            found.counts += weight
            found.by_bus += one.source != ""
            if most > found.most:
                found.most = most
    devices.keep()
    _flag(desk, tx, minute, beyond)


def _flag(desk: Desk, tx: Tx, minute: int, beyond: Mapping[_Mark, store.Beyond]) -> None:
    day = tx.now.astimezone(desk.programme.zone).date().isoformat()
    flags: dict[int, tuple[Seen, store.Beyond]] = {}
    numbers: Counter[str] = Counter()
    for (key, kind, subject), found in beyond.items():
        if kind == _BURST:
            subject, found.minute = day, minute
        number, seen = _seen(key, kind, subject)
        flags[number] = seen, found
        numbers[kind] += found.number
    store.add(tx.session, flags, tx.now)
    for kind, number in numbers.items():
        metrics.after_commit(tx, partial(metrics.FLAGGED.labels(kind).inc, number))


@lru_cache(20_000)
def _seen(key: Key, kind: str, subject: str) -> tuple[int, Seen]:
    seen = Seen(key, Kind(kind), subject)
    return seen.number, seen


def _unlikely(batch: Batch, marks: str, tally: Tally, run: int) -> bool:
    others = tally.evaluations - run
    if others < 0:  # a store that was set back holds less than was seen
        return False
    return unlikely(run, others, batch.form.alike(marks, tally.counts) - run)


class _Devices:
    """How often the devices of a batch have evaluated, by their keys; those that came by the bus have none."""

    def __init__(self, desk: Desk, tx: Tx, accepted: Sequence[Accepted]) -> None:
        self._session = tx.session
        wanted = {(one.batch.key[0], one.batch.unit, one.device) for one in accepted if one.device}
        salts = {
            cycle: store.salt_of(tx.session, cycle, desk.entropy(SALT_BYTES))
            for cycle in sorted({cycle for cycle, _, _ in wanted})
        }
        self._keys = {
            (cycle, unit, device): device_key(salt, unit, device)
            for cycle, unit, device in wanted
            if (salt := salts[cycle]) is not None
        }
        self._numbers = store.devices(tx.session, sorted(self._keys.values()))

    def key(self, one: Accepted) -> bytes:
        """A device's key; empty where the cycle has no salt any more."""
        return self._keys.get((one.batch.key[0], one.batch.unit, one.device), b"")

    def count(self, one: Accepted) -> int:
        """Once more; how often by now. 0 where devices are not told apart any more."""
        key = self.key(one)
        if not key:
            return 0
        number = self._numbers[key] = self._numbers.get(key, 0) + 1
        return number

    def keep(self) -> None:
        """Write it."""
        cycles = {key: cycle for (cycle, _, _), key in self._keys.items()}
        store.keep_devices(self._session, {key: (cycles[key], n) for key, n in self._numbers.items()})


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
