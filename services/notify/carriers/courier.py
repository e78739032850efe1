"""One channel's courier: takes its messages that are due, one commit before the call and one after (N3).

As the sender of letters does it: claimed before anybody hears of a message, settled by what is known, and never sent
again where that is nothing. A channel that is away is left alone, longer each time; the others do not notice.
"""

import asyncio
import time
from collections import deque
from datetime import UTC, datetime, timedelta

import structlog

from services.notify.carriers.carrier import AppriseCarrier
from services.notify.domain.delivery import GIVE_UP_AFTER, Outcome
from services.notify.journal import NoJournal
from services.notify.metrics import CHANNEL_AWAY, CHANNEL_SECONDS
from services.notify.usecases import Desk, Envelope, Result, Turn, recover, take_turn
from services.notify.usecases.lost_channels import close_lost
from shared.clock import Clock, SimulatedClock
from shared.unit import Unit

LOOK_S = 1.0
AT_ONCE = 4
STOP_S = 5.0
FIRST_PAUSE_S, LONGEST_PAUSE_S = 0.5, 60.0
PATIENCE = 3
WINDOW_S = 60.0

log = structlog.get_logger()


class Courier:
    """`planned` may be called from any thread; everything else from the event loop."""

    def __init__(self, carrier: AppriseCarrier, journal: NoJournal, *, digest_quiet_s: float) -> None:
        self._carrier, self._journal = carrier, journal
        self.channel = carrier.way.channel
        self._quiet_s = digest_quiet_s
        self._loop: asyncio.AbstractEventLoop | None = None
        self._wake = asyncio.Event()
        self._clock: Clock | None = None
        self._generation = 0
        self._last_planned = float("-inf")
        self._settled: tuple[int, datetime] | None = None
        self._results: list[Result] = []
        self._calls: deque[float] = deque()
        self._faults, self._fault, self._resume_at = 0, "", 0.0
        self._stopping = False

    def planned(self, due: datetime) -> None:
        """Something was planned, perhaps for this channel."""
        self._last_planned = time.monotonic()
        if self._clock is None or due <= _present(self._clock):
            self._generation += 1
            if self._loop is not None:
                self._loop.call_soon_threadsafe(self._wake.set)

    def in_hand(self) -> int:
        """1 while messages that are due may be unfinished, unless the channel is away for longer."""
        if self._faults >= PATIENCE:
            return 0
        if self._clock is None or self._settled is None or self._settled[0] != self._generation:
            return 1
        return int(isinstance(self._clock, SimulatedClock) and self._settled[1] != _present(self._clock))

    def degraded(self) -> dict[str, str]:
        """What readiness says about the channel: its messages wait, the service works."""
        return {f"channel {self.channel.name}": f"messages wait: {self._fault}"} if self._faults else {}

    async def run(self, desk: Desk, unit: Unit, clock: Clock) -> None:
        """Until cancelled. What is in the air then is finished and recorded first, if it ends in time."""
        self._loop, self._clock = asyncio.get_running_loop(), clock
        begun, name = self._journal.begun(), self.channel.name
        found = await unit.run(lambda tx: recover(desk, tx, begun, channel=name), at=clock.now())
        self._journal.clear()
        if found:
            log.warning("messages_interrupted", channel=name, messages=found)
        turning = asyncio.create_task(self._turns(desk, unit, clock))
        try:
            await asyncio.shield(turning)
        except asyncio.CancelledError:
            self._stopping = True
            self._wake.set()
            await asyncio.wait({turning}, timeout=STOP_S)
            turning.cancel()
            self._carrier.close()
            raise

    async def _turns(self, desk: Desk, unit: Unit, clock: Clock) -> None:
        while not self._stopping:
            generation, now = self._generation, _present(clock)
            free_in = self._free_in()
            turn = await self._turn(desk, unit, now, 0 if free_in else self._room())
            if turn.envelopes:
                await self._send(turn.envelopes, clock)
            elif not turn.waiting:
                self._settled = (generation, now)
                await self._pause(LOOK_S, generation, now)
            else:
                await self._pause(free_in or self._quiet_s / 4 or 0.001, generation, now)
        await self._turn(desk, unit, _present(clock), 0)

    async def _turn(self, desk: Desk, unit: Unit, now: datetime, limit: int) -> Turn:
        digests = time.monotonic() - self._last_planned >= self._quiet_s
        results, self._results = self._results, []
        name, punctual = self.channel.name, isinstance(self._clock, SimulatedClock)
        turn = await unit.run(
            lambda tx: take_turn(desk, tx, results, limit, digests=digests, channel=name, punctual=punctual), at=now
        )
        if results:
            self._journal.clear()
        return turn

    def _room(self) -> int:
        """How many messages may go now."""
        return min(AT_ONCE, self.channel.per_minute - len(self._calls))

    def _free_in(self) -> float:
        """Seconds until the next message may go: the channel is left alone, or the minute is full."""
        now = time.monotonic()
        while self._calls and now - self._calls[0] >= WINDOW_S:
            self._calls.popleft()
        full = len(self._calls) >= self.channel.per_minute
        return max(0.0, self._resume_at - now, self._calls[0] + WINDOW_S - now if full else 0.0)

    async def _send(self, envelopes: tuple[Envelope, ...], clock: Clock) -> None:
        for number, envelope in enumerate(envelopes):
            if self._stopping or time.monotonic() < self._resume_at:
                untouched = Outcome("unreachable", "not begun", self._fault)
                self._results += (Result(e.letter, untouched, clock.now()) for e in envelopes[number:])
                return
            self._calls.append(time.monotonic())
            began = time.perf_counter()
            self._journal.begin(envelope.letter)
            outcome = await self._carrier.send(
                envelope.letter, envelope.recipient, envelope.subject, envelope.message.decode()
            )
            # in a simulation a message goes when it is due, whenever the clock was moved past that moment
            at = envelope.due if isinstance(clock, SimulatedClock) else clock.now()
            self._weigh(outcome, envelope.letter)
            outcome = _given_up(outcome, clock.now() - envelope.due)
            self._journal.end(envelope.letter, outcome)
            CHANNEL_SECONDS.labels(self.channel.name).observe(time.perf_counter() - began)
            self._results.append(Result(envelope.letter, outcome, at))

    def _weigh(self, outcome: Outcome, letter: str) -> None:
        """A channel that is away, or leaves us in doubt, is left alone for a while: longer each time."""
        if outcome.kind not in ("unreachable", "uncertain"):
            self._faults, self._fault = 0, ""
            CHANNEL_AWAY.labels(self.channel.name).set(0)
            return
        self._faults += 1
        self._fault = f"{outcome.phase}: {outcome.reply}"
        pause = min(LONGEST_PAUSE_S, FIRST_PAUSE_S * 2 ** min(10, self._faults - 1))
        self._resume_at = time.monotonic() + pause
        CHANNEL_AWAY.labels(self.channel.name).set(1)
        log.warning(
            "channel", channel=self.channel.name, outcome=outcome.kind, phase=outcome.phase, reply=outcome.reply,
            letter=letter, pause_s=pause,
        )  # fmt: skip

    async def _pause(self, seconds: float, generation: int, now: datetime) -> None:
        """Wait, but not when something was planned or the clock was moved meanwhile."""
        self._wake.clear()
        if self._stopping:
            return
        moved = isinstance(self._clock, SimulatedClock) and _present(self._clock) != now
        if not self._free_in() and (moved or self._generation != generation):
            return
        try:
            await asyncio.wait_for(self._wake.wait(), seconds)
        except TimeoutError:
            return


def _given_up(outcome: Outcome, late: timedelta) -> Outcome:
    """A message does not wait for its channel for ever, as a letter waits for the mail server: there are other ways."""
    if outcome.kind == "unreachable" and late >= GIVE_UP_AFTER:
        return Outcome("refused", outcome.phase, f"given up after {GIVE_UP_AFTER.days} days: {outcome.reply}")
    return outcome


def _present(clock: Clock) -> datetime:
    """Up to when messages are due: in a simulation up to where everything has been told."""
    return clock.settled if isinstance(clock, SimulatedClock) else clock.now()


class Couriers:
    """All channels together, as the composition root needs them."""

    def __init__(self, couriers: tuple[Courier, ...]) -> None:
        self._couriers = couriers

    def planned(self, due: datetime) -> None:
        """Tell all."""
        for courier in self._couriers:
            courier.planned(due)

    def moved(self) -> None:
        """The clock moved."""
        self.planned(datetime.min.replace(tzinfo=UTC))

    def in_hand(self) -> int:
        """Channels with unfinished work."""
        return sum(courier.in_hand() for courier in self._couriers)

    def degraded(self) -> dict[str, str]:
        """Channels that are away."""
        return {name: said for courier in self._couriers for name, said in courier.degraded().items()}

    async def run(self, desk: Desk, unit: Unit, clock: Clock) -> None:
        """All of them, until cancelled; first, what was to go by channels that are there no more."""
        lost = await unit.run(lambda tx: close_lost(desk, tx), at=clock.now())
        if lost:
            log.warning("channels_lost", messages=lost)
        async with asyncio.TaskGroup() as together:
            for courier in self._couriers:
                together.create_task(courier.run(desk, unit, clock))
