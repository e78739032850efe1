"""Every message that was ever published can be read for ever, and nothing of it is lost."""

import json
from typing import Any

import pytest

from shared.contracts import EVENTS, Event
from tests.contracts import golden


def test_every_message_type_has_a_sample() -> None:
    assert list(golden.missing()) == [], "python -m tests.contracts.golden writes them"


def test_no_sample_is_of_a_type_that_nobody_knows_any_more() -> None:
    assert {file.stem for file in golden.FOLDER.glob("*.json")} == set(golden.models())


@pytest.mark.parametrize("name", sorted(golden.models()))
def test_a_sample_is_read_and_written_again_as_it_was(name: str) -> None:
    text = golden.path(name).read_text()
    message = golden.models()[name].model_validate_json(text)
    again = json.loads(message.model_dump_json())
    assert kept(json.loads(text), again) == json.loads(text), f"{name} has changed: make a new version beside it"


@pytest.mark.parametrize("name", sorted(EVENTS))
def test_a_reader_ignores_fields_that_a_later_version_adds(name: str) -> None:
    later = json.loads(golden.path(name).read_text())
    later["added_later"] = later["data"]["added_later"] = {"x": [1]}
    message = Event[EVENTS[name]].model_validate(later)  # type: ignore[misc]  # known at run time only
    assert "added_later" not in message.model_dump_json()


@pytest.mark.parametrize("name", sorted(EVENTS))
def test_type_and_subject_are_the_same_and_carry_the_version(name: str) -> None:
    kind = EVENTS[name]
    assert name == kind.TYPE and name.startswith("minping.") and name.rpartition(".v")[2].isdigit()
    assert kind.subject() == name or kind.subject().endswith(".*")


def test_a_time_without_a_zone_is_refused_on_the_wire() -> None:
    name = "minping.scoring.unit.registered.v1"
    event = json.loads(golden.path(name).read_text())
    event["time"] = "2026-03-02T12:00:00"
    with pytest.raises(ValueError, match="timezone"):
        golden.models()[name].model_validate_json(json.dumps(event))


def kept(before: Any, after: Any) -> Any:
    """What is left in `after` of the fields that stand in `before`: optional ones may have been added."""
    if isinstance(before, dict) and isinstance(after, dict):
        return {key: kept(value, after[key]) for key, value in before.items() if key in after}
    if isinstance(before, list) and isinstance(after, list) and len(before) == len(after):
        return [kept(one, other) for one, other in zip(before, after, strict=True)]
    return after
