"""The folder of evidence (X8): files under the SHA-256 of what they hold, and under nothing that comes from outside.

A file comes in as a stream onto the disk, is written anew by a process of its own, and is moved to its place, synced,
before the row that names it is committed: a row never lacks its file. A crash between the two leaves a file without
a row; those are removed when the service starts. What is erased goes from the disk after its row says so.
"""

import asyncio
import hashlib
import json
import os
import sys
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from uuid import uuid4

from services.intake.domain import evidence
from shared.errors import Refusal

MIB = 1024 * 1024
LARGEST_MIB = 50
AT_ONCE = 2
SECONDS = 120.0
_ROOT = Path(__file__).parents[2]


@dataclass(frozen=True, slots=True)
class Taken:
    """A file that has its place: what it is, and the SHA-256 of what was sent (`original`)."""

    sha: str
    original: str
    media_type: str
    size: int


@dataclass
class EvidenceFiles:
    """The folder, how large a file may be (bytes), and which media types are taken."""

    folder: Path
    largest: int = LARGEST_MIB * MIB
    types: tuple[str, ...] = tuple(evidence.TYPES)
    _turn: asyncio.Semaphore = field(default_factory=lambda: asyncio.Semaphore(AT_ONCE), init=False)
    _placing: asyncio.Lock = field(default_factory=asyncio.Lock, init=False)

    @asynccontextmanager
    async def receiving(self, chunks: AsyncIterator[bytes]) -> AsyncIterator[Taken]:
        """Take a file in, cleaned and in its place; commit its row inside the block. Raises Refusal (413, 415, 422)."""
        incoming = self.folder / "incoming"
        await asyncio.to_thread(incoming.mkdir, mode=0o700, parents=True, exist_ok=True)
        source, target = incoming / uuid4().hex, incoming / uuid4().hex
        try:
            original = await self._spool(chunks, source)
            async with self._turn:
                media_type = await self._cleaned(source, target)
                sha, size = await asyncio.to_thread(_synced, target)
            async with self._placing:
                known = self.path(sha).exists()
                await asyncio.to_thread(self._place, target, sha)
                try:
                    yield Taken(sha, original, media_type, size)
                except Refusal:  # of anything else nobody knows whether the row was committed: the sweep finds out
                    if not known:
                        self.path(sha).unlink(missing_ok=True)
                    raise
        finally:
            for left in (source, target):
                await asyncio.to_thread(left.unlink, missing_ok=True)

    def path(self, sha: str) -> Path:
        """Where a file lies. Raises Refusal (404) for what is no SHA-256: no path is made of anything else."""
        if len(sha) != 64 or not set(sha) <= set("0123456789abcdef"):
            raise Refusal("evidence", sha[:80], "it is no SHA-256", "give 64 hex digits, as the answer named it", 404)
        return self.folder / "files" / sha[:2] / sha

    async def sweep(self, kept: Callable[[], Awaitable[set[str]]]) -> int:
        """Remove what a crash left behind: files without a row, and what was coming in. Gives how many."""
        async with self._placing:
            found = await asyncio.to_thread(lambda: [*self.folder.glob("files/??/*")])
            rows = await kept()
            left = [path for path in found if path.name not in rows]
            for path in left:
                await asyncio.to_thread(path.unlink, missing_ok=True)
        return len(left)

    async def remove(
        self, erased: Callable[[], Awaitable[list[str]]], gone: Callable[[list[str]], Awaitable[None]]
    ) -> int:
        """Remove files that were erased and tell that they are gone; no file is placed meanwhile. Gives how many."""
        async with self._placing:
            shas = await erased()
            for sha in shas:
                await asyncio.to_thread(self.path(sha).unlink, missing_ok=True)
            if shas:
                await gone(shas)
        return len(shas)

    async def _spool(self, chunks: AsyncIterator[bytes], source: Path) -> str:
        digest, size, head = hashlib.sha256(), 0, b""
        with source.open("xb") as file:
            async for chunk in chunks:
                size += len(chunk)
                if size > self.largest:
                    most = f"a file may have {self.largest // MIB} MiB"
                    raise Refusal("file", f"{size // MIB} MiB and more", most, "send it smaller, or in parts", 413)
                digest.update(chunk)
                if len(head) < evidence.HEAD:
                    head += chunk[: evidence.HEAD]
                    if len(head) >= evidence.HEAD:
                        evidence.family(head)  # what is no evidence at all need not be sent to its end
                await asyncio.to_thread(file.write, chunk)
        if not size:
            raise Refusal("file", "", "the body is empty", "send the file's bytes as the body")
        return digest.hexdigest()

    async def _cleaned(self, source: Path, target: Path) -> str:
        with source.open("rb") as file:
            family = evidence.family(file.read(evidence.HEAD))
        worker = await asyncio.create_subprocess_exec(
            sys.executable, "-P", "-m", "services.intake.cleaning.worker", family, str(source), str(target),
            str(4 * self.largest),
            env={"PYTHONPATH": str(_ROOT), "TMPDIR": str(source.parent)},
            stdin=asyncio.subprocess.DEVNULL, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.DEVNULL,
        )  # fmt: skip
        try:
            said, _ = await asyncio.wait_for(worker.communicate(), SECONDS)
        except TimeoutError:
            said = b""
        finally:
            if worker.returncode is None:
                worker.kill()
                await worker.wait()
        if worker.returncode or not said:
            remedy = "open it, save it anew and send that"
            raise Refusal("file", family, "it could not be read within the bounds of memory and time", remedy)
        answer = json.loads(said)
        if "reason" in answer:
            raise Refusal("file", family, answer["reason"], answer["remedy"])
        media_type = str(answer["media_type"])
        evidence.checked(media_type, evidence.kind_of(media_type), self.types)
        return media_type

    def _place(self, target: Path, sha: str) -> None:
        path = self.path(sha)
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        target.chmod(0o400)
        target.replace(path)
        for folder in (path.parent, path.parent.parent):
            handle = os.open(folder, os.O_RDONLY)
            try:
                os.fsync(handle)
            finally:
                os.close(handle)


def _synced(path: Path) -> tuple[str, int]:
    """The SHA-256 and the size of a file that is on the disk for good."""
    with path.open("rb+") as file:
        digest = hashlib.file_digest(file, "sha256").hexdigest()
        os.fsync(file.fileno())
    return digest, path.stat().st_size
