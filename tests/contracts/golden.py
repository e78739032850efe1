"""Golden samples: one message of each published type and version, as it once stood on the wire.

`python -m tests.contracts.golden` writes those that are missing. A sample that is there is never written again:
if it does not parse any more, the contract was changed where a new version beside the old one was due.
"""

import json
import types
from collections.abc import Iterator
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any, Literal, Union, get_args, get_origin

from pydantic import BaseModel

from shared.asyncapi import PLAIN
from shared.bus.settle import DeadLetter
from shared.contracts import EVENTS, Event, EventData

FOLDER = Path(__file__).with_name("golden")
AT = datetime(2026, 3, 2, 4, 30, tzinfo=UTC)


def models() -> dict[str, type[BaseModel]]:
    """Name of the sample → model that has to read it for ever."""
    events = {name: Event[kind] for name, kind in EVENTS.items()}  # type: ignore[valid-type]  # known at run time only
    return {**events, **{kind.__name__: kind for kind in (*PLAIN, DeadLetter)}}


def path(name: str) -> Path:
    """File of a sample."""
    return FOLDER / f"{name}.json"


def sample(model: type[BaseModel], **given: Any) -> BaseModel:
    """A message with every field filled, the optional ones too."""
    return model(
        **{name: given.get(name, _value(name, field.annotation)) for name, field in model.model_fields.items()}
    )


def _value(name: str, kind: Any) -> Any:
    origin, inner = get_origin(kind), get_args(kind)
    if origin in (Union, types.UnionType):
        return _value(name, next(one for one in inner if one is not type(None)))
    if origin is Literal:
        return inner[-1]
    if origin is tuple:
        return tuple(_value(f"{name}-{number}", inner[0]) for number in (1, 2))
    if origin is dict:
        return {f"{name}-1": _value(name, inner[1])}
    if isinstance(kind, type) and issubclass(kind, BaseModel):
        return sample(kind)
    fixed = {str: f"{name} 窗口", int: 3, bool: True, Decimal: Decimal("94.05"), date: AT.date(), float: 0.5}
    return fixed.get(kind, AT)


def missing() -> Iterator[str]:
    """Samples that are not there yet."""
    return (name for name in models() if not path(name).exists())


def write(name: str) -> None:
    """Write a sample."""
    model = models()[name]
    kind = EVENTS.get(name)
    envelope = {"type": name, "time": AT, "data": sample(kind)} if kind and issubclass(kind, EventData) else {}
    text = sample(model, **envelope).model_dump_json()
    path(name).write_text(json.dumps(json.loads(text), ensure_ascii=False, indent=1) + "\n")


if __name__ == "__main__":
    for one in list(missing()):
        write(one)
        print(path(one))
