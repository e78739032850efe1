"""What went over the wire while a library sent something: apprise says yes or no only, requests knows the rest.

apprise's plug-ins call `requests` one by one and keep neither answer nor error. Every such call passes through
`HTTPAdapter.send`, which is wrapped here once; what it sees goes to the list of the thread that looks, if one looks.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any

from services.notify.domain.exchange import Exchange, Fault

MOST_OF_BODY = 4096
_looking: ContextVar[list[Exchange] | None] = ContextVar("looking", default=None)
_wrapped = False


def install() -> None:
    """Wrap the way out of requests, once a process. Must come before the first `looking`."""
    global _wrapped
    if _wrapped:
        return
    from requests.adapters import HTTPAdapter

    send = HTTPAdapter.send

    def watched(self: HTTPAdapter, *args: Any, **more: Any) -> Any:
        seen = _looking.get()
        if seen is None:
            return send(self, *args, **more)
        try:
            answer = send(self, *args, **more)
            body = answer.content  # read here: an answer that breaks off halfway is none
        except Exception as error:  # whatever it was is noted, and raised on as it came
            seen.append(Exchange(fault=fault_of(error), name=type(_chain(error)[-1]).__name__))
            raise
        seen.append(Exchange(status=answer.status_code, body=body[:MOST_OF_BODY]))
        return answer

    HTTPAdapter.send = watched  # type: ignore[method-assign]  # the one place that all of requests passes
    _wrapped = True


@contextmanager
def looking() -> Iterator[list[Exchange]]:
    """What this thread exchanges over HTTP, in order."""
    seen: list[Exchange] = []
    token = _looking.set(seen)
    try:
        yield seen
    finally:
        _looking.reset(token)


def fault_of(error: BaseException) -> Fault:
    """How far a request came that brought no answer: `connect` only where nothing of it can have been written."""
    from requests import exceptions as of

    unsent = isinstance(error, of.ConnectTimeout | of.InvalidURL | of.MissingSchema | of.InvalidSchema | of.ProxyError)
    return "connect" if unsent or any(_in_connect(one) for one in _chain(error)) else "silence"


def _in_connect(error: BaseException) -> bool:
    """Whether an error came out of making the connection (TCP, proxy, TLS), by the calls it passed."""
    step = error.__traceback__
    while step is not None:
        frame = step.tb_frame
        if frame.f_code.co_name == "connect" and frame.f_globals.get("__name__") == "urllib3.connection":
            return True
        step = step.tb_next
    return False


def _chain(error: BaseException) -> list[BaseException]:
    """An error and what it arose from, the outermost first."""
    found: list[BaseException] = []
    following: BaseException | None = error
    while following is not None and following not in found:
        found.append(following)
        following = following.__cause__ or following.__context__
    return found
