"""Beside the service: learns again when enough has been decided (I14), in a process of its own, and takes it in use."""

import asyncio
import json
import os
import sys
from collections.abc import Callable
from datetime import datetime

import structlog
from sqlalchemy.exc import InterfaceError, OperationalError

from services.intake.domain.suggestion import MOST_ROWS, What, is_due
from services.intake.rules import Rules
from services.intake.store import learned
from services.intake.usecases import suggesting
from shared.unit import Unit

EVERY_S = 60.0
LONGEST_S = 1800.0
log = structlog.get_logger()


class Study:
    """Keeps `rules.learned` at the newest version, and makes the next one when it is due."""

    def __init__(self, rules: Rules, unit: Unit) -> None:
        self._rules = rules
        self._unit = unit
        self._fruitless: dict[What, int] = {}

    async def run(self, now: Callable[[], datetime]) -> None:
        """Look now and then, until cancelled. A store that is away, or learning that takes too long, waits its turn."""
        while True:
            try:
                await self.look(now())
            except (OperationalError, InterfaceError, TimeoutError) as error:
                log.warning("study_waits", error=type(error).__name__)
            await asyncio.sleep(EVERY_S)

    async def look(self, at: datetime) -> None:
        """Take the newest models in use; learn what is due, one after the other."""
        for what in suggesting.BOTH:
            await self._take(what)
            if count := await self._due(what):
                await self._learn(what, count, at)
                await self._take(what)

    async def _due(self, what: What) -> int:
        """How many decisions there are to learn from, if it is time to; else 0."""
        newest = await self._unit.read(lambda session: learned.newest(session, what))
        count = await self._unit.read(lambda session: learned.decided_count(session, what))
        before = max(newest.transfers if newest else 0, self._fruitless.get(what, 0)) or None
        return count if is_due(count, self._rules.learn_from, before) else 0

    async def _take(self, what: What) -> None:
        row = await self._unit.read(lambda session: learned.newest(session, what))
        known = self._rules.learned.get(what)
        if row and row.weights and (known is None or known.version != row.version):
            self._rules.learned[what] = learned.model_of(row)
            log.info("suggestions_in_use", what=what, version=row.version, macro_f1=row.figures.get("macro_f1"))

    async def _learn(self, what: What, count: int, at: datetime) -> None:
        rows = await self._unit.read(lambda session: learned.decided(session, what, MOST_ROWS))
        answer = await _apart(json.dumps(rows, ensure_ascii=False).encode())
        said, _, weights = answer.partition(b"\n")
        figures = json.loads(said) if said else {"refused": "learning ended without an answer; see the log"}
        if "refused" in figures:
            self._fruitless[what] = count
            log.warning("nothing_learned", what=what, transfers=count, reason=figures["refused"])
            return
        await self._unit.run(lambda tx: suggesting.keep(tx, what, count, figures, weights, at), at=at)


async def _apart(rows: bytes) -> bytes:
    """Learn in a process of its own: little priority, bounded memory and time, one thread. Empty if it fails."""
    threads = dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"), "1")
    kept = {name: value for name, value in os.environ.items() if not name.startswith("MINPING_")}
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-P", "-m", "services.intake.learning",
        stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE,
        env={**kept, **threads},
    )  # fmt: skip
    try:
        answer, complaint = await asyncio.wait_for(process.communicate(rows), LONGEST_S)
    except (TimeoutError, asyncio.CancelledError):
        process.kill()
        await process.wait()
        raise
    if process.returncode:
        log.error("learning_failed", code=process.returncode, error=complaint.decode(errors="replace")[-500:])
        return b""
    return answer
