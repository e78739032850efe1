"""Documents as PDF, by the LibreOffice of the machine where there is one (N5).

It runs alone, with a profile of its own in a folder that is removed, for so long at most: a document of others must
not keep it. What fonts are not there is said by fonts.conf.
"""

import asyncio
import os
import shutil
import signal
import tempfile
from collections.abc import Mapping
from pathlib import Path

from shared.errors import Refusal

FONTS = Path(__file__).parent / "documents" / "fonts.conf"
NAMES = ("soffice", "libreoffice")
LONGEST_S = 120.0
"""The first start on a slow machine takes half a minute."""


class Converter:
    """One conversion at a time. program: the path of soffice; by default where the machine's path has it."""

    def __init__(self, program: str = "") -> None:
        self._program = program
        self._alone = asyncio.Lock()

    def found(self) -> str | None:
        """The path of LibreOffice, None where there is none."""
        named = (self._program,) if self._program else NAMES
        return next((path for path in map(shutil.which, named) if path), None)

    async def convert(self, files: Mapping[str, bytes]) -> dict[str, bytes]:
        """The PDF of each document, by the same plain name. Raises Refusal: 501 no LibreOffice, 502 it made none."""
        program = self.found()
        if program is None:
            raise Refusal(
                "format", "pdf", "no LibreOffice on this machine makes PDF",
                "take the .docx, or have the operator install libreoffice-writer (setting MINPING_SOFFICE)", 501,
            )  # fmt: skip
        async with self._alone:
            with tempfile.TemporaryDirectory(prefix="minping-pdf-") as folder:
                return await self._converted(program, Path(folder), files)

    async def _converted(self, program: str, folder: Path, files: Mapping[str, bytes]) -> dict[str, bytes]:
        for name, body in files.items():
            (folder / f"{name}.docx").write_bytes(body)
        process = await asyncio.create_subprocess_exec(
            program,
            f"-env:UserInstallation={(folder / 'profile').as_uri()}",
            "--headless", "--norestore", "--nologo", "--convert-to", "pdf", "--outdir", str(folder / "pdf"),
            *(str(folder / f"{name}.docx") for name in files),
            stdin=asyncio.subprocess.DEVNULL,
            stdout=asyncio.subprocess.DEVNULL,
            stderr=asyncio.subprocess.DEVNULL,
            start_new_session=True,
            env={"PATH": os.environ.get("PATH", ""), "HOME": str(folder), "FONTCONFIG_FILE": str(FONTS),
                 "LC_ALL": "C.UTF-8"},
        )  # fmt: skip
        try:
            code = await asyncio.wait_for(process.wait(), LONGEST_S)
        except TimeoutError:
            code = -1
        finally:
            _end(process)
            await process.wait()
        made = {name: folder / "pdf" / f"{name}.pdf" for name in files}
        missing = next((name for name, path in made.items() if not path.is_file()), None)
        if code != 0 or missing is not None:
            reason = (
                f"LibreOffice took longer than {LONGEST_S:.0f} s" if code == -1 else f"LibreOffice ended with {code}"
            )
            raise Refusal("format", "pdf", reason, "take the .docx, and tell the operator", 502)
        return {name: path.read_bytes() for name, path in made.items()}


def _end(process: asyncio.subprocess.Process) -> None:
    """Nothing that it started stays."""
    try:
        os.killpg(process.pid, signal.SIGKILL)
    except ProcessLookupError:
        return
