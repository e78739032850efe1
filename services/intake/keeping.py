"""Beside the service: takes up a changed key file, seals anew what an old key sealed, takes the erased off the disk."""

import asyncio
from collections.abc import Callable
from datetime import datetime
from pathlib import Path

import structlog
from sqlalchemy.exc import DBAPIError

from services.intake.rules import Rules
from services.intake.store import evidence
from services.intake.usecases.resealing import reseal
from services.intake.vault import Vault
from shared.errors import Refusal
from shared.service import Parts
from shared.store import forget_deleted
from shared.unit import Unit

LOOK_S = 1.0
BATCH = 100
log = structlog.get_logger()


async def unlink_erased(rules: Rules, unit: Unit, now: Callable[[], datetime]) -> None:
    """Take erased evidence from the disk, soon after it was erased and after a start; until cancelled."""
    while True:
        if rules.must_unlink:
            rules.must_unlink = False
            try:
                while await unlink_some(rules, unit, now):
                    pass
            except (DBAPIError, OSError) as error:
                rules.must_unlink = True
                log.warning("erased_evidence_waits", error=type(error).__name__)
        await asyncio.sleep(LOOK_S)


async def unlink_some(rules: Rules, unit: Unit, now: Callable[[], datetime]) -> int:
    """Take a batch of erased files from the disk; gives how many it was."""

    async def gone(shas: list[str]) -> None:
        await unit.run(lambda tx: evidence.unlinked(tx.session, shas, tx.now), at=now())

    return await rules.evidence.remove(lambda: unit.read(lambda session: evidence.to_unlink(session, BATCH)), gone)


class Keeper:
    """Watches the vault's key file. A file that cannot be read changes nothing: the keys in memory stay in use."""

    def __init__(self, rules: Rules, path: Path) -> None:
        self._rules = rules
        self._path = path
        self._seen = self._stamp()

    async def keep(self, parts: Parts) -> None:
        """Look, seal a batch, clean up; until cancelled."""
        url = parts.settings.database_url
        while True:
            self.look()
            try:
                while await parts.unit.run(lambda tx: reseal(self._rules, tx), at=parts.clock.now()):
                    self._rules.must_forget = True
                    await asyncio.sleep(0)  # others' work goes in between
                if self._rules.must_forget:
                    self._rules.must_forget = not await asyncio.to_thread(forget_deleted, url)
            except DBAPIError as error:
                log.warning("vault_waits_for_store", error=type(error.orig).__name__)
            await asyncio.sleep(LOOK_S)

    def look(self) -> bool:
        """Take up the file if it changed; whether it did."""
        stamp = self._stamp()
        if stamp == self._seen:
            return False
        try:
            vault = Vault.from_file(self._path)
        except Refusal as refusal:
            log.error("vault_key_file_not_taken", reason=refusal.reason)
            return False
        self._seen = stamp
        self._rules.vault = vault
        self._rules.must_forget = True
        log.info("vault_keys", keys=list(vault.key_ids))
        return True

    def _stamp(self) -> tuple[int, int, int] | None:
        try:
            found = self._path.stat()
        except OSError:
            return None
        return found.st_mtime_ns, found.st_ino, found.st_size
