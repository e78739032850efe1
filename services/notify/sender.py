"""The sender: takes letters that are due, one commit before and one after, and hands them to the mail server (N3).

It follows the service's clock for what is due, and the wall's for how long the mail server is left alone.
"""

import asyncio
import time
from collections import deque
from datetime import UTC, datetime

import structlog

from services.notify.channels import Channel
from services.notify.domain.delivery import Outcome
from services.notify.domain.pace import Pace
from services.notify.domain.schedule import LATE
from services.notify.journal import NoJournal
from services.notify.metrics import DUE, OLDEST_DUE, SEND_SECONDS, SERVER_AWAY, UNADDRESSED, UNCERTAIN
from services.notify.store import letters, notices
from services.notify.usecases import Desk, Envelope, Result, Turn, recover, take_turn
from shared.clock import Clock, SimulatedClock, SystemClock
from shared.store import Tx
from shared.unit import Unit

LOOK_S = 1.0
"""How often the sender looks by itself; planning and the clock wake it at once."""

COUNT_S = 5.0
STOP_S = 5.0
"""How long a letter in the air may take when the service stops; after that it is in doubt."""

FIRST_PAUSE_S, LONGEST_PAUSE_S = 0.5, 60.0
LOGIN_PAUSE_S = 600.0
"""After a refused password: whoever tries on may have the account locked."""

CATCHING_UP_S, CATCHING_UP_QUIET_S, CATCHING_UP_WAIT_S = 60.0, 2.0, 900.0
"""While notices come that should have gone hours ago (the bus catches up after an outage), digests wait for a longer
lull, and longer for it: or a person would have a digest a second."""

PATIENCE = 3
"""After so many faults in a row letters that wait for the server no longer count as work in hand."""

_LONG_AGO = datetime.min.replace(tzinfo=UTC)
log = structlog.get_logger()


class Sender:
    """One a service. `planned` may be called from any thread; everything else from the event loop."""

    def __init__(
        self,
        channel: Channel,
        journal: NoJournal,
        *,
        at_once: int,
        digest_quiet_s: float,
        digest_wait_s: float,
        pace: Pace | None = None,
    ) -> None:
        self._channel = channel
        self._journal = journal
        self._pace = pace or Pace()
        self._at_once = at_once
        self._quiet_s, self._wait_s = digest_quiet_s, digest_wait_s
        self._loop: asyncio.AbstractEventLoop | None = None
        self._wake = asyncio.Event()
        self._clock: Clock | None = None
        self._generation = 0
        self._last_planned = float("-inf")
        self._late_planned = float("-inf")
        self._held_since: float | None = None
        self._settled: tuple[int, datetime] | None = None
        self._results: list[Result] = []
        self._counted_at = float("-inf")
        self._faults = 0
        self._fault = ""
        self._resume_at = 0.0
        self._stopping = False

    def planned(self, due: datetime) -> None:
        """Something was planned (called inside the transaction, so that no lull is seen before its commit)."""
        self._last_planned = time.monotonic()
        if isinstance(self._clock, SystemClock) and self._clock.now() - due >= LATE and due != _LONG_AGO:
            self._late_planned = self._last_planned
        if self._clock is None or due <= _present(self._clock):
            self._generation += 1
            if self._loop is not None:
                self._loop.call_soon_threadsafe(self._wake.set)

    def moved(self) -> None:
        """The clock moved (called in a transaction, from the writer's thread)."""
        self.planned(_LONG_AGO)

    def in_hand(self) -> int:
        """1 while letters that are due may be unfinished, unless the mail server is away for longer."""
        if self._faults >= PATIENCE:
            return 0
        if self._clock is None or self._settled is None or self._settled[0] != self._generation:
            return 1
        return int(isinstance(self._clock, SimulatedClock) and self._settled[1] != _present(self._clock))

    def degraded(self) -> dict[str, str]:
        """What readiness says about the mail server: letters wait, the service works."""
        return {"smtp": f"letters wait: {self._fault}"} if self._faults else {}

    async def run(self, desk: Desk, unit: Unit, clock: Clock) -> None:
        """Until cancelled. What is in the air then is finished and recorded first."""
        self._loop, self._clock = asyncio.get_running_loop(), clock
        begun = self._journal.begun()
        found = await unit.run(lambda tx: recover(desk, tx, begun), at=clock.now())
        self._journal.clear()
        if found:
            log.warning("letters_interrupted", letters=found, journal=begun is not None)
        turning = asyncio.create_task(self._turns(desk, unit, clock))
        try:
            await asyncio.shield(turning)
        except asyncio.CancelledError:
            self._stopping = True
            self._wake.set()
            await asyncio.wait({turning}, timeout=STOP_S)
            turning.cancel()
            await self._channel.close()
            raise

    async def _turns(self, desk: Desk, unit: Unit, clock: Clock) -> None:
        while not self._stopping:
            generation, now = self._generation, _present(clock)
            paused = time.monotonic() < self._resume_at
            turn = await self._turn(desk, unit, now, 0 if paused else self._at_once)
            if turn.envelopes:
                await self._send(desk, turn.envelopes, clock)
            elif not turn.waiting:
                self._settled, self._held_since = (generation, now), None
                await self._count(unit)
                await self._channel.rest()
                await self._pause(LOOK_S, generation, now)
            elif paused:
                await self._pause(max(0.01, self._resume_at - time.monotonic()), generation, now)
            elif held := self._pace.wait(time.monotonic()):
                await self._pause(min(held, LOOK_S), generation, now)
            else:
                await self._pause(self._quiet_s / 4 or 0.001, generation, now)
        await self._turn(desk, unit, _present(clock), 0)

    async def _turn(self, desk: Desk, unit: Unit, now: datetime, limit: int) -> Turn:
        digests = self._is_complete() or self._lull()
        results, self._results = self._results, []
        punctual = isinstance(self._clock, SimulatedClock)

        def take(tx: Tx) -> Turn:
            budget = self._pace.budget(limit, time.monotonic())  # made here: a commit that fails is made again
            return take_turn(desk, tx, results, budget, digests=digests, punctual=punctual)

        turn = await unit.run(take, at=now)
        if results:
            self._journal.clear()
        DUE.set(turn.waiting)
        OLDEST_DUE.set(max(0.0, (now - turn.oldest).total_seconds()) if turn.oldest else 0.0)
        return turn

    def _is_complete(self) -> bool:
        """Whether the simulation says that all notices up to the present of the sender have come."""
        return isinstance(self._clock, SimulatedClock) and self._clock.settled < self._clock.now()

    def _lull(self) -> bool:
        """Whether digests may go: nothing was planned for a moment, or they were held back long enough."""
        now = time.monotonic()
        catching_up = now - self._late_planned < CATCHING_UP_S
        if now - self._last_planned >= (CATCHING_UP_QUIET_S if catching_up else self._quiet_s):
            self._held_since = None
            return True
        if self._held_since is None:
            self._held_since = now
        return now - self._held_since >= (CATCHING_UP_WAIT_S if catching_up else self._wait_s)

    async def _send(self, desk: Desk, envelopes: tuple[Envelope, ...], clock: Clock) -> None:
        waiting = deque(envelopes)

        async def carry() -> None:
            while waiting:
                await self._carry(desk, waiting.popleft(), clock)

        await asyncio.gather(*(carry() for _ in range(min(self._channel.at_once, len(envelopes)))))

    async def _carry(self, desk: Desk, envelope: Envelope, clock: Clock) -> None:
        if self._stopping or time.monotonic() < self._resume_at:
            untouched = Outcome("unreachable", "not begun", self._fault)
            self._results.append(Result(envelope.letter, untouched, clock.now()))
            return
        began = time.perf_counter()
        self._pace.note(envelope.recipient, time.monotonic())
        self._journal.begin(envelope.letter)
        outcome = await self._channel.send(desk.sender, envelope.recipient, envelope.message)
        self._journal.end(envelope.letter, outcome)
        SEND_SECONDS.observe(time.perf_counter() - began)
        # in a simulation a letter goes when it is due, whenever the clock was moved past that moment
        at = envelope.due if isinstance(clock, SimulatedClock) else clock.now()
        self._results.append(Result(envelope.letter, outcome, at))
        self._weigh(outcome, envelope.letter)

    def _weigh(self, outcome: Outcome, letter: str) -> None:
        """A server that is away, or leaves us in doubt, is left alone for a while: longer each time."""
        if outcome.kind not in ("unreachable", "uncertain"):
            self._faults, self._fault = 0, ""
            SERVER_AWAY.set(0)
            return
        self._faults += 1
        self._fault = f"{outcome.phase}: {outcome.reply}"
        pause = min(LONGEST_PAUSE_S, FIRST_PAUSE_S * 2 ** min(10, self._faults - 1))
        if outcome.phase == "login":
            pause = LOGIN_PAUSE_S
        self._resume_at = time.monotonic() + pause
        SERVER_AWAY.set(1)
        log.warning(
            "mail_server", outcome=outcome.kind, phase=outcome.phase, reply=outcome.reply, letter=letter, pause_s=pause
        )

    async def _pause(self, seconds: float, generation: int, now: datetime) -> None:
        """Wait, but not when something was planned or the clock was moved meanwhile."""
        self._wake.clear()
        if self._stopping:
            return
        clock = self._clock
        moved = isinstance(clock, SimulatedClock) and _present(clock) != now
        if time.monotonic() >= self._resume_at and (moved or self._generation != generation):
            return
        try:
            await asyncio.wait_for(self._wake.wait(), seconds)
        except TimeoutError:
            return

    async def _count(self, unit: Unit) -> None:
        if time.monotonic() - self._counted_at < COUNT_S:
            return
        self._counted_at = time.monotonic()
        states, outcomes = await unit.read(lambda s: (notices.counts(s), letters.counts(s)))
        UNADDRESSED.set(states.get("unaddressed", 0))
        UNCERTAIN.set(outcomes.get("uncertain", 0))


def _present(clock: Clock) -> datetime:
    """Up to when letters are due: in a simulation up to where everything has been told."""
    return clock.settled if isinstance(clock, SimulatedClock) else clock.now()
