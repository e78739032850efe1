"""Shapes about the vault's keys."""

from pydantic import BaseModel, Field


class KeysOut(BaseModel):
    """The vault's keys, newest first, and how much is sealed to which. A rotation is over when nothing waits."""

    current: str = Field(description="key_id of the key that is sealed to now")
    keys: list[str] = Field(description="key_id of every key that still opens something")
    sealed: int = Field(description="rows sealed to the current key")
    waiting: int = Field(description="rows still sealed to another")
    unreadable: int = Field(description="rows that no key in the file opens")
