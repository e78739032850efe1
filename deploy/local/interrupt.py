"""Ctrl-C and other requests to stop, for programs that must end cleanly."""

from __future__ import annotations

import signal
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import FrameType

STOPS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


@contextmanager
def stop_signals(hurry: Callable[[], None]) -> Iterator[threading.Event]:
    """An event that the first signal to stop sets; the second one calls `hurry`. In the main thread only."""
    over = threading.Event()

    def heard(number: int, frame: FrameType | None) -> None:
        if over.is_set():
            hurry()
        over.set()

    before = {number: signal.signal(number, heard) for number in STOPS}
    try:
        yield over
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
