"""Requests that come at once are done together: gathered for a few milliseconds, then one piece of work for all."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from typing import Generic, TypeVar

PAUSE_S = 0.003
LARGEST = 500
T = TypeVar("T")
R = TypeVar("R")


class Gather(Generic[T, R]):
    """One an endpoint. The first of a batch does the work of all that come while it waits."""

    def __init__(self, *, pause_s: float = PAUSE_S, largest: int = LARGEST) -> None:
        self._pause_s = pause_s
        self._largest = largest
        self._waiting: list[tuple[T, asyncio.Future[R]]] = []
        self._tasks: set[asyncio.Task[None]] = set()

    async def submit(self, item: T, work: Callable[[Sequence[T]], Awaitable[Sequence[R]]]) -> R:
        """What `work` gives for this item, done with others. Raises what `work` raises; then nothing was done."""
        mine: asyncio.Future[R] = asyncio.get_running_loop().create_future()
        self._waiting.append((item, mine))
        if len(self._waiting) == 1:
            task = asyncio.create_task(self._do(work))  # of its own: who asked first may go away
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)
        return await mine

    async def _do(self, work: Callable[[Sequence[T]], Awaitable[Sequence[R]]]) -> None:
        await asyncio.sleep(self._pause_s)
        batch, self._waiting = self._waiting, []
        for start in range(0, len(batch), self._largest):
            part = batch[start : start + self._largest]
            try:
                answers = await work([item for item, _ in part])
            except Exception as error:  # noqa: BLE001 - handed to everybody who asked
                for _, one in part:
                    if not one.done():
                        one.set_exception(error)
                continue
            for (_, one), answer in zip(part, answers, strict=True):
                if not one.done():
                    one.set_result(answer)
