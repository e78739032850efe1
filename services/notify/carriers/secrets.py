"""The file of channels (`MINPING_CHANNELS_FILE`): a name, and the apprise URL with its token. Read once, never shown.

wecom:                       # the name that the programme's rules use
  url: wecombot://KEY/
  kind: robot
sms:
  url: jsons://user:password@gateway.example/send?:phone={address}&:id={letter}
  kind: sms
  personal: true
  answer_field: Code
  answer_yes: [OK]
"""

import io
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Annotated, Literal
from urllib.parse import quote

from pydantic import BaseModel, ConfigDict, Field, SecretStr, TypeAdapter, ValidationError
from ruamel.yaml import YAML
from ruamel.yaml.error import YAMLError

from services.notify.domain.channel import EMAIL, LONGEST, Channel
from services.notify.domain.exchange import ROBOT, Answer
from shared.errors import Refusal
from shared.settings import read_secret

Name = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]{0,31}$")]
FIELD = "channels_file"


class Entry(BaseModel):
    """One channel as the file has it."""

    model_config = ConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True)

    url: SecretStr = Field(description="apprise URL; {address} is the person's, {letter} the letter's id")
    kind: Literal["robot", "sms", "webhook"]
    personal: bool = Field(default=False, description="each person has an address of his own (contacts)")
    longest: int | None = Field(default=None, ge=40, le=20_000, description="characters of a message")
    per_minute: int = Field(default=20, ge=1, le=6000, description="messages a minute")
    recognises: bool = Field(default=False, description="the gateway drops a second copy of a {letter}")
    answer_field: str | None = Field(default=None, max_length=64, description="field of a JSON answer with a code")
    answer_yes: tuple[str, ...] = Field(default=("0",), description="codes that mean yes")


@dataclass(frozen=True, slots=True)
class Way:
    """A channel and its URL, which no representation shows."""

    channel: Channel
    template: str = field(repr=False)
    timeout_s: float

    def url(self, address: str, letter: str) -> str:
        """The URL for one letter; what goes into it is quoted, so that an address cannot become a part of it."""
        return self.template.replace("{address}", quote(address, safe="")).replace("{letter}", quote(letter, safe=""))


def read_ways(path: Path | None, timeout_s: float) -> dict[str, Way]:
    """The channels of the file by name; none without a file. Raises Refusal, which never repeats what the file says."""
    if path is None:
        return {}
    raw = read_secret(FIELD, path)
    try:
        given = YAML(typ="safe", pure=True).load(io.BytesIO(raw))
    except (YAMLError, UnicodeDecodeError) as error:
        line = getattr(getattr(error, "problem_mark", None), "line", None)
        at = "" if line is None else f" at line {line + 1}"
        raise Refusal(FIELD, path.name, f"not YAML or JSON{at}", "see docs/notice.md for its form") from None
    try:
        entries = TypeAdapter(dict[Name, Entry]).validate_python(given or {})
    except ValidationError as error:
        first = error.errors(include_input=False, include_url=False)[0]
        where = ".".join(str(part) for part in first["loc"] if part != "[key]")
        raise Refusal(f"{FIELD}.{where}", path.name, first["msg"], "see docs/notice.md for its form") from None
    return {name: _way(name, entry, path.name, timeout_s) for name, entry in entries.items()}


def _way(name: str, entry: Entry, file: str, timeout_s: float) -> Way:
    url = entry.url.get_secret_value()
    if name == EMAIL:
        raise Refusal(f"{FIELD}.{name}", file, "e-mail goes by SMTP", "give the channel another name")
    if "://" not in url:
        raise Refusal(f"{FIELD}.{name}.url", file, "not an apprise URL", "write it like wecombot://KEY/")
    if entry.personal is not ("{address}" in url):
        remedy = "write {address} into the url of a personal channel, and only there"
        raise Refusal(f"{FIELD}.{name}.url", file, "personal and {address} go together", remedy)
    if entry.recognises and "{letter}" not in url:
        remedy = "write {letter} where the gateway looks for the message's own id"
        raise Refusal(f"{FIELD}.{name}.recognises", file, "the gateway is not given the letter's id", remedy)
    answer = ROBOT if entry.kind == "robot" else Answer()
    if entry.answer_field is not None:
        answer = Answer((entry.answer_field,), entry.answer_yes)
    channel = Channel(
        name,
        entry.kind,
        entry.personal,
        entry.longest or LONGEST[entry.kind],
        entry.per_minute,
        entry.recognises,
        answer,
    )
    return Way(channel, url, timeout_s)


def known(ways: Mapping[str, Way]) -> dict[str, Channel]:
    """What the rest of the service knows of the channels: everything but their secrets."""
    return {name: way.channel for name, way in ways.items()}
