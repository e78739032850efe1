"""What runs: start a process that dies with us, know it again by its pid file, stop what a crash left."""

from __future__ import annotations

import contextlib
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

CHILD = Path(__file__).with_name("child.py")
LOG_LIMIT = 20_000_000  # bytes; a larger log is set aside when its part starts


def start(
    name: str, argv: Sequence[str], env: Mapping[str, str], *, cwd: Path, run: Path, log: Path
) -> subprocess.Popen[bytes]:
    """Start a part in a session of its own (a Ctrl-C in the terminal reaches only the supervisor).

    The calling thread must live as long as the child: the kernel counts the thread as the parent.
    """
    if log.exists() and log.stat().st_size > LOG_LIMIT:
        log.replace(log.with_suffix(".log.1"))
    with log.open("ab") as output:
        process = subprocess.Popen(
            [sys.executable, "-I", "-S", str(CHILD), str(os.getpid()), *argv],
            env=dict(env),
            cwd=cwd,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
    pid_file(run, name).write_text(json.dumps({"pid": process.pid, "started": started(process.pid)}))
    return process


def pid_file(run: Path, name: str) -> Path:
    """Pid file of a part."""
    return run / f"{name}.pid"


def started(pid: int) -> str | None:
    """When the process with this pid was started, as an opaque mark: with the pid it names one process.

    None if there is no such process (or only its corpse).
    """
    if sys.platform == "linux":
        try:
            stat = Path(f"/proc/{pid}/stat").read_text()
            boot = Path("/proc/sys/kernel/random/boot_id").read_text().strip()
        except (FileNotFoundError, ProcessLookupError):
            return None
        state, *rest = stat.rpartition(")")[2].split()
        return None if state in "ZX" else f"{boot}:{rest[18]}"
    shown = subprocess.run(
        ["ps", "-o", "lstart=", "-p", str(pid)], capture_output=True, text=True, check=False
    ).stdout.strip()
    return shown or None


def stop_leftovers(run: Path, *, patience: float = 5.0) -> list[str]:
    """Stop what an earlier deployment left in this folder; returns the names of the parts that still ran.

    A pid that meanwhile belongs to another program is left alone.
    """
    left = ours(run)
    for pid in left.values():
        _signal(pid, signal.SIGTERM)
    deadline = time.monotonic() + patience
    while any(started(pid) for pid in left.values()) and time.monotonic() < deadline:
        time.sleep(0.05)  # they are not our children: nothing wakes us when they end
    for pid in ours(run).values():
        _signal(pid, signal.SIGKILL)
    for file in run.glob("*.pid"):
        file.unlink()
    return sorted(left)


def ours(run: Path) -> dict[str, int]:
    """Part → process id of what runs now out of this folder."""
    return dict(_alive(run))


def _alive(run: Path) -> Iterator[tuple[str, int]]:
    for file in run.glob("*.pid"):
        try:
            entry = json.loads(file.read_text())
            pid, mark = int(entry["pid"]), entry["started"]
        except (ValueError, KeyError, TypeError):
            continue  # cut off while being written: its process died with its parent
        if mark is not None and started(pid) == mark:
            yield file.stem, pid


def _signal(pid: int, number: signal.Signals) -> None:
    with contextlib.suppress(ProcessLookupError):
        os.kill(pid, number)


def last_lines(log: Path, count: int = 15) -> list[str]:
    """The end of a log, for an error message."""
    if not log.exists():
        return []
    with log.open("rb") as file:
        file.seek(max(0, log.stat().st_size - 65_536))
        lines = file.read().decode(errors="replace").splitlines()
    return [plain for line in lines for plain in _readable(line)][-count:]


def _readable(line: str) -> list[str]:
    """The lines of a structured log entry that people want to see; any other line as it is."""
    try:
        entry = json.loads(line)
    except ValueError:
        return [line]
    if not isinstance(entry, dict):
        return [line]
    shown = {key: entry.pop(key, "") for key in ("timestamp", "level", "event", "exception")}
    more = " ".join(f"{key}={value}" for key, value in entry.items() if key != "service")
    head = f"{shown['timestamp']} {shown['level']}: {shown['event']} {more}".rstrip()
    return [*head.splitlines(), *str(shown["exception"]).splitlines()]
