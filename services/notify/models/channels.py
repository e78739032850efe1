"""Forms of channels."""

from pydantic import BaseModel, Field


class ChannelOut(BaseModel):
    """A way out, without its secrets, and how its letters or messages stand."""

    name: str = Field(description="as rules of the programme name it")
    kind: str = Field(description="email, robot, sms or webhook; gone: the settings do not name it any more")
    personal: bool = Field(description="each person has an address of his own there")
    longest: int | None = Field(description="characters of a message")
    per_minute: int | None = Field(description="messages a minute")
    states: dict[str, int] = Field(description="letters or messages by state")


class ChannelsOut(BaseModel):
    """The ways out."""

    channels: list[ChannelOut]
