"""Keeps the parts of a deployment running: starts them, waits for them, restarts what crashed, stops all.

All children are started by one thread that lives until the last of them is stopped, so that the kernel's
parent-death signal means the death of the whole supervisor.
"""

from __future__ import annotations

import queue
import signal
import subprocess
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import Future
from dataclasses import dataclass, field
from pathlib import Path

from deploy.local import processes
from deploy.local.layout import Layout

TICK = 0.05  # seconds between two looks at the children
FIRST_PAUSE, LONGEST_PAUSE = 0.2, 10.0  # seconds before a crashed part is started again; doubled each time
STEADY = 30.0  # seconds a part must have run for its next crash to count as its first

Tell = Callable[[str, str], None]
"""Called with a part's name and what happened to it, for people."""


class PartFailed(Exception):
    """A part did not become ready. The message names it and ends with the last lines of its log."""

    def __init__(self, part: str, reason: str, log: Path) -> None:
        lines = "\n".join(f"    {line}" for line in processes.last_lines(log))
        super().__init__(f"{part}: {reason}. The end of {log}:\n{lines or '    (empty)'}")
        self.part = part


class Interrupted(Exception):
    """The start was broken off by whoever asked for it."""


@dataclass(frozen=True, slots=True)
class Part:
    """One process. `ready` says None when the part does its work, else why not yet."""

    name: str
    argv: Sequence[str]
    env: Mapping[str, str]
    ready: Callable[[], str | None]
    patience: float = 10.0
    """Seconds it may take to stop before it is killed."""


@dataclass(slots=True)
class _Running:
    part: Part
    process: subprocess.Popen[bytes]
    since: float
    crashes: int = 0
    again_at: float | None = None
    ready: bool = False
    launched: bool = False
    """Was ready once: from then on it is started again when it ends."""


@dataclass(slots=True)
class Supervisor:
    """Runs parts in the folder of `layout`: `launch` them in batches, `stop` in reverse order.

    Safe to use from any thread.
    """

    layout: Layout
    tell: Tell
    _running: dict[str, _Running] = field(default_factory=dict)
    _batches: list[list[str]] = field(default_factory=list)
    _jobs: queue.SimpleQueue[tuple[Callable[[], None], Future[None]]] = field(default_factory=queue.SimpleQueue)
    _thread: threading.Thread | None = None
    _over: bool = False
    _hurry: threading.Event = field(default_factory=threading.Event)

    def launch(self, parts: Sequence[Part], *, within: float, cancel: threading.Event | None = None) -> None:
        """Start parts together and return when all are ready.

        Raises PartFailed as soon as one exits or `within` seconds are over, Interrupted if `cancel` is set.
        """
        if self._thread is None:
            self._running, self._batches, self._over = {}, [], False
            self._hurry.clear()
            self._thread = threading.Thread(target=self._keep, name="supervisor", daemon=True)
            self._thread.start()
        self._batches.append([part.name for part in parts])
        self._do(lambda: self._start_all(parts))
        self._until_ready(parts, within, cancel)

    def relaunch(self, parts: Sequence[Part], *, within: float) -> None:
        """Stop parts that run and start them as they are given now, such as with other settings; ready on return.

        Raises PartFailed as `launch` does.
        """
        self._do(lambda: self._stop_and_start(parts))
        self._until_ready(parts, within, None)

    def _until_ready(self, parts: Sequence[Part], within: float, cancel: threading.Event | None) -> None:
        deadline = time.monotonic() + within
        waiting = {part.name: part for part in parts}
        while waiting:
            for name, part in list(waiting.items()):
                running = self._running[name]
                if running.crashes:
                    raise PartFailed(name, "did not start", self.layout.log(name))
                why = part.ready()
                if why is None:
                    running.ready = running.launched = True
                    del waiting[name]
                    self.tell(name, "ready")
                elif time.monotonic() > deadline:
                    raise PartFailed(name, f"not ready after {within:.0f} s: {why}", self.layout.log(name))
            if cancel is not None and cancel.is_set():
                raise Interrupted
            if waiting:
                time.sleep(TICK)  # a part is ready when it answers; until then it tells nobody

    def pid(self, name: str) -> int:
        """Process id of a part, as it runs now."""
        return self._running[name].process.pid

    def is_ready(self, name: str) -> bool:
        """Whether the part was ready when last looked at, and has not ended since."""
        running = self._running[name]
        return running.ready and running.process.poll() is None

    def hurry(self) -> None:
        """Make a stop that is under way kill what has not ended yet."""
        self._hurry.set()

    def stop(self) -> None:
        """Stop the batches, the last one first; what does not end in time is killed, and said so."""
        if self._thread is None:
            return
        self._do(self._stop_all)
        self._thread.join()
        self._thread = None

    # --- in the keeping thread only

    def _do(self, job: Callable[[], None]) -> None:
        done: Future[None] = Future()
        self._jobs.put((job, done))
        while True:
            try:
                return done.result(timeout=1)
            except TimeoutError:
                if done.done():
                    raise  # the job's own
                if self._thread is None or not self._thread.is_alive():
                    raise RuntimeError("the supervisor's thread has ended") from None

    def _keep(self) -> None:
        while not self._over:
            try:
                job, done = self._jobs.get(timeout=TICK)
            except queue.Empty:
                self._look_after_children()
                continue
            try:
                job()
            except Exception as error:  # noqa: BLE001 - handed to the thread that asked for the job
                done.set_exception(error)
            else:
                done.set_result(None)

    def _start_all(self, parts: Sequence[Part]) -> None:
        for part in parts:
            self._start(part)

    def _start(self, part: Part, crashes: int = 0, launched: bool = False) -> None:
        process = processes.start(
            part.name,
            part.argv,
            part.env,
            cwd=self.layout.data,
            run=self.layout.run,
            log=self.layout.log(part.name),
        )
        self._running[part.name] = _Running(part, process, since=time.monotonic(), crashes=crashes, launched=launched)

    def _look_after_children(self) -> None:
        now = time.monotonic()
        for running in list(self._running.values()):
            name = running.part.name
            if running.again_at is not None:
                if now >= running.again_at:
                    self._restart(running, now)
            elif (code := running.process.poll()) is not None:
                running.ready = False
                running.crashes = 1 if now - running.since > STEADY else running.crashes + 1
                if not running.launched:
                    running.again_at = float("inf")  # `launch` reports it, and whoever called that decides
                    continue
                pause = min(LONGEST_PAUSE, FIRST_PAUSE * 2 ** (running.crashes - 1))
                running.again_at = now + pause
                self.tell(name, f"{_ended(code)}; starting it again in {pause:.1f} s")
            elif not running.ready and running.crashes and running.part.ready() is None:
                running.ready = True
                self.tell(name, f"ready again after {now - running.since:.1f} s")

    def _restart(self, running: _Running, now: float) -> None:
        name = running.part.name
        try:
            self._start(running.part, running.crashes, launched=True)
        except OSError as error:  # no process, no memory, no space: it may pass
            running.again_at = now + LONGEST_PAUSE
            self.tell(name, f"cannot be started again: {error}; trying in {LONGEST_PAUSE:.0f} s")
        else:
            self.tell(name, f"started again (process {self._running[name].process.pid})")

    def _stop_and_start(self, parts: Sequence[Part]) -> None:
        self._stop([part.name for part in parts])
        self._start_all(parts)

    def _stop_all(self) -> None:
        for batch in reversed(self._batches):
            self._stop(batch)
        self._over = True

    def _stop(self, names: Sequence[str]) -> None:
        group = [self._running[name] for name in names if name in self._running]
        for running in group:
            if running.process.poll() is None:
                running.process.send_signal(signal.SIGTERM)
        for running in group:
            self._wait_for_end(running)

    def _wait_for_end(self, running: _Running) -> None:
        name, deadline = running.part.name, time.monotonic() + running.part.patience
        while running.process.poll() is None:
            if time.monotonic() > deadline or self._hurry.is_set():
                running.process.kill()
                running.process.wait()
                self.tell(name, f"killed: it did not stop within {running.part.patience:.0f} s")
            else:
                time.sleep(TICK)  # looks at `_hurry` as well, for which `wait` would not wake
        processes.pid_file(self.layout.run, name).unlink(missing_ok=True)
        running.ready = False


def _ended(code: int) -> str:
    if code < 0:
        return f"was killed by {signal.Signals(-code).name}"
    return f"ended by itself with exit code {code}"
