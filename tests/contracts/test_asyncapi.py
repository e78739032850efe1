"""The AsyncAPI document says what the services run on."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from shared.asyncapi import document
from shared.bus.topology import CONSUMES, publishes, stream_of
from shared.bus.topology import matches as subject_matches
from shared.contracts import EVENTS

KEPT = Path(__file__).parents[2] / "docs" / "asyncapi.json"


@pytest.fixture(scope="module")
def made() -> dict[str, Any]:
    """The document as it is made now."""
    return document()


def test_the_copy_that_is_kept_is_up_to_date(made: dict[str, Any]) -> None:
    assert json.loads(KEPT.read_text()) == made, "python -m shared.asyncapi > docs/asyncapi.json"


def test_every_reference_leads_somewhere(made: dict[str, Any]) -> None:
    for reference in references(made):
        place: Any = made
        for step in reference.removeprefix("#/").split("/"):
            assert step in place, reference
            place = place[step]


def test_every_event_has_a_message_and_somebody_who_sends_it(made: dict[str, Any]) -> None:
    names = {message["name"] for message in made["components"]["messages"].values()}
    assert set(EVENTS) <= names
    sent = {
        operation["messages"][0]["$ref"] for operation in made["operations"].values() if operation["action"] == "send"
    }
    all_messages = {
        f"#/channels/{c}/messages/{m}" for c, channel in made["channels"].items() for m in channel["messages"]
    }
    assert sent == all_messages


def test_who_receives_is_who_consumes(made: dict[str, Any]) -> None:
    received = {
        (operation["tags"][0]["name"], operation["messages"][0]["$ref"].rpartition("/")[2])
        for operation in made["operations"].values()
        if operation["action"] == "receive" and "x-consumer" in operation
    }
    assert received == {(service, kind.__name__) for service, kinds in CONSUMES.items() for kind in kinds}


def test_who_sends_may_do_so(made: dict[str, Any]) -> None:
    for name, operation in made["operations"].items():
        who = operation["tags"][0]["name"]
        if operation["action"] == "send" and who in CONSUMES:
            channel = made["channels"][operation["channel"]["$ref"].rpartition("/")[2]]
            subject = channel["address"].replace("{name}", who)
            assert any(subject_matches(pattern, subject) for pattern in publishes(who)), name
            assert stream_of(subject) == channel["x-stream"]


def references(part: Any) -> Iterator[str]:
    """Every `$ref` in a document."""
    if isinstance(part, dict):
        if isinstance(part.get("$ref"), str):
            yield part["$ref"]
        for value in part.values():
            yield from references(value)
    elif isinstance(part, list):
        for value in part:
            yield from references(value)
