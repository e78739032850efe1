"""The file of channels: what is wrong in it is named, what is secret in it never shown (N2, X10)."""

import json
from pathlib import Path
from typing import Any

import pytest

from services.notify.carriers.carrier import AppriseCarrier
from services.notify.carriers.secrets import known, read_ways
from shared.errors import Refusal

TOKEN = "s3cret-t0ken-0123456789"
ROBOT = {"url": f"wecombot://{TOKEN}/", "kind": "robot"}
SMS = {"url": f"jsons://{TOKEN}@gw.example/?:phone={{address}}&:id={{letter}}", "kind": "sms", "personal": True}


def write(tmp_path: Path, text: str | dict[str, Any]) -> Path:
    path = tmp_path / "channels.yaml"
    path.write_text(text if isinstance(text, str) else json.dumps(text))
    return path


def test_n2_a_file_of_channels_is_read_as_yaml_and_as_json(tmp_path: Path) -> None:
    found = read_ways(write(tmp_path, {"group": ROBOT, "sms": SMS}), 5)
    assert {name: (c.kind, c.personal, c.longest) for name, c in known(found).items()} == {
        "group": ("robot", False, 600), "sms": ("sms", True, 140)
    }  # fmt: skip
    yaml = f"oa:\n  url: json://gw.example/{TOKEN}\n  kind: webhook\n  longest: 99\n"
    assert known(read_ways(write(tmp_path, yaml), 5))["oa"].longest == 99
    assert read_ways(None, 5) == {}


def test_n2_an_address_cannot_become_a_part_of_the_url(tmp_path: Path) -> None:
    way = read_ways(write(tmp_path, {"sms": SMS}), 5)["sms"]
    assert "phone=138%26%3Aevil%3D1%2F..&:id=l-1" in way.url("138&:evil=1/..", "l-1")


@pytest.mark.parametrize(
    ("given", "field"),
    [
        (f"sms: [ {TOKEN}", "channels_file"),
        (f"sms: {TOKEN}", "channels_file.sms"),
        ({"group": ROBOT | {"tokken": TOKEN}}, "channels_file.group.tokken"),
        ({"group": ROBOT | {"kind": "pigeon"}}, "channels_file.group.kind"),
        ({"group": ROBOT | {"per_minute": 0}}, "channels_file.group.per_minute"),
        ({"Group!": ROBOT}, "channels_file.Group!"),
        ({"email": ROBOT}, "channels_file.email"),
        ({"group": {"url": TOKEN, "kind": "robot"}}, "channels_file.group.url"),
        ({"group": ROBOT | {"personal": True}}, "channels_file.group.url"),
        ({"sms": SMS | {"personal": False}}, "channels_file.sms.url"),
        ({"group": ROBOT | {"recognises": True}}, "channels_file.group.recognises"),
    ],
)
def test_n2_what_is_wrong_is_named_and_what_is_secret_is_not_shown(
    tmp_path: Path, given: str | dict[str, Any], field: str
) -> None:
    with pytest.raises(Refusal) as refused:
        read_ways(write(tmp_path, given), 5)
    assert refused.value.field == field
    assert TOKEN not in str(refused.value) + str(refused.value.__dict__) + str(refused.value.__cause__)


def test_n2_neither_a_channel_nor_its_carrier_shows_the_url(tmp_path: Path) -> None:
    way = read_ways(write(tmp_path, {"group": ROBOT}), 5)["group"]
    carrier = AppriseCarrier(way)
    assert TOKEN not in repr(way) + repr(carrier) + repr(vars(carrier)) + repr(known({"group": way}))
    carrier.close()


def test_n2_a_file_that_is_not_there_is_said(tmp_path: Path) -> None:
    with pytest.raises(Refusal) as refused:
        read_ways(tmp_path / "none", 5)
    assert refused.value.field == "channels_file"
