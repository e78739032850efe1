"""The envelope of every event: CloudEvents 1.0, structured JSON.

`type` and the NATS subject are the same string and carry the version. Adding an optional field is free;
anything else is a v2 beside the v1. Readers ignore what they do not know.
"""

from typing import ClassVar, Generic, Literal, TypeVar

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field


class Wire(BaseModel):
    """Anything that crosses the bus: frozen, tolerant of fields that a later version adds."""

    model_config = ConfigDict(frozen=True, extra="ignore", ser_json_bytes="base64", val_json_bytes="base64")


class EventData(Wire):
    """The `data` of an event. `TYPE` names event and version; `SUBJECT` is where it is published."""

    TYPE: ClassVar[str]
    SUBJECT: ClassVar[str] = ""

    @classmethod
    def subject(cls) -> str:
        """The NATS subject (for inbox events a pattern with `*` for the source)."""
        return cls.SUBJECT or cls.TYPE


D = TypeVar("D", bound=EventData)


class Event(Wire, Generic[D]):
    """A CloudEvent. `time` is when the fact occurred, `subject` the number of the thing it is about."""

    specversion: Literal["1.0"] = "1.0"
    id: str = Field(min_length=1, max_length=128)
    source: str = Field(min_length=1, max_length=128)
    type: str
    time: AwareDatetime
    subject: str = Field(default="", max_length=128)
    datacontenttype: Literal["application/json"] = "application/json"
    programme: str = ""
    cycle: str | None = None
    data: D
