"""The JSON Schema that is published for editors says what the models say."""

import pytest
from jsonschema import Draft202012Validator
from ruamel.yaml import YAML

from shared.programme.editors import json_schema
from shared.programme.sources import bundled, source


@pytest.fixture(scope="module")
def editor() -> Draft202012Validator:
    Draft202012Validator.check_schema(json_schema())
    return Draft202012Validator(json_schema())


def written(text: str) -> object:
    """A file as an editor sees it: days and times of day are text."""
    return as_text(YAML(typ="safe", pure=True).load(text))


def as_text(value: object) -> object:
    """Whatever JSON has no type for as it was written."""
    if isinstance(value, dict):
        return {key: as_text(inner) for key, inner in value.items()}
    if isinstance(value, list):
        return [as_text(inner) for inner in value]
    return value if isinstance(value, str | int | float | bool | None) else str(value)


@pytest.mark.parametrize("key", bundled())
def test_an_editor_finds_nothing_wrong_with_a_bundled_programme(key: str, editor: Draft202012Validator) -> None:
    assert [error.message for error in editor.iter_errors(written(source(key)))] == []


@pytest.mark.parametrize(
    ("right", "wrong", "where"),
    [
        ("immediate: 15 ", "immediate: fifteen ", ["deadlines", "immediate"]),
        ("immediate: 15 ", "immediat: 15 ", ["deadlines"]),
        ("closes: 06-30", "closes: 30.6.", ["cycles", 0, "daily", "closes"]),
        ("tells: [approver]", "tells: [aprover]", ["notices", 0, "tells", 0]),
    ],
)
def test_an_editor_shows_a_slip_where_it_stands(
    right: str, wrong: str, where: list[object], editor: Draft202012Validator
) -> None:
    text = source("window-units").replace(right, wrong, 1)
    assert where in [list(error.absolute_path) for error in editor.iter_errors(written(text))]
