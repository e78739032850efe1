"""The toy as a process of its own, forked from one that has imported everything: it starts at once."""

import ctypes
import multiprocessing
import os
import signal
import sys
from pathlib import Path

from tests.support import toy

_context = multiprocessing.get_context("forkserver")
_context.set_forkserver_preload(["pytest", "tests.support.toy", "tests.support.forked"])


class Forked:
    """Like `subprocess.Popen`, as far as tests need it."""

    def __init__(self, env: dict[str, str], log: Path) -> None:
        self._process = _context.Process(target=_run, args=(env, str(log)), daemon=True)
        self._process.start()

    @property
    def pid(self) -> int:
        """Its process id."""
        assert self._process.pid
        return self._process.pid

    def poll(self) -> int | None:
        """Its exit code, negative for a signal; None while it runs."""
        return self._process.exitcode

    def send_signal(self, number: signal.Signals) -> None:
        """Send it a signal."""
        os.kill(self.pid, number)

    def kill(self) -> None:
        """`kill -9`, and wait until it is gone."""
        if self.poll() is None:
            self._process.kill()
        self._process.join()


def _run(env: dict[str, str], log: str) -> None:
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(1, signal.SIGKILL)  # PR_SET_PDEATHSIG: the server it is forked from dies with pytest
    output = os.open(log, os.O_WRONLY | os.O_CREAT | os.O_APPEND)
    os.dup2(output, 1)
    os.dup2(output, 2)
    os.environ.update(env)
    toy.main()
