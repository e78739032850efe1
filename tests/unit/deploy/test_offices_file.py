"""The offices file: what is wrong is named by line and field, and nobody files in a circle."""

from __future__ import annotations

from pathlib import Path

import pytest

from deploy.local.offices import Offices, higher_first
from deploy.local.offices_file import read_offices
from deploy.local.offices_root import Root
from shared.errors import Refusal
from shared.programme.sources import source

COUNTIES = """
offices:
  - {key: county-a, programme: county, files_to: city}
  - {key: county-b, programme: county, files_to: city, unit: yi-county}
  - {key: city, name: 市评议办, programme: integrity-drive, files_to: province}
  - {key: province, programme: provincial-bureau}
"""


def written(folder: Path, text: str) -> Path:
    file = folder / "offices.yaml"
    file.write_text(text, encoding="utf-8")
    return file


def wrong(folder: Path, text: str) -> str:
    with pytest.raises(Refusal) as refused:
        read_offices(written(folder, text))
    assert (refused.value.field, refused.value.value) == ("offices", str(folder / "offices.yaml"))
    assert "docs/offices.md" in refused.value.remedy
    return refused.value.reason


def test_offices_come_in_the_order_of_the_file_and_start_with_the_highest(tmp_path: Path) -> None:
    offices = read_offices(written(tmp_path, COUNTIES))
    assert [one.key for one in offices] == ["county-a", "county-b", "city", "province"]
    assert [one.key for one in higher_first(offices)] == ["province", "city", "county-a", "county-b"]
    assert offices[2].name == "市评议办"


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("{key: City, programme: county}", "offices[1].key='City': only small letters, digits and -"),
        ("{key: a.b, programme: county}", "offices[1].key='a.b': only small letters"),
        ("{key: ../x, programme: county}", "offices[1].key='../x': only small letters"),
        ("{key: scoring, programme: county}", "offices[1].key='scoring': this name is used inside"),
        ("{key: city}", "offices[1].programme=None: the field programme is missing"),
        ("{key: city, programme: cuonty}", "offices[1].programme='cuonty': neither a bundled programme nor a file"),
        ("{key: city, programme: county, file_to: x}", "did you mean files_to?"),
        ("{key: city, programme: county, files_to: city}", "an office does not file to itself"),
        (
            "{key: city, programme: county, files_to: citi}",
            "offices[1].files_to='citi': there is no office of this key",
        ),
        ("[city]", "offices[1]='': must be a group of `name: value`"),
    ],
)
def test_an_error_is_named_with_line_field_value_reason_and_remedy(tmp_path: Path, line: str, said: str) -> None:
    reason = wrong(tmp_path, f"offices:\n  - {line}\n")
    assert reason.startswith("1 error: line 2: ") and said in reason, reason


def test_all_errors_are_told_at_once(tmp_path: Path) -> None:
    offices = "offices:\n- {key: a, programme: county, files_to: b}\n- {key: b, programme: county, files_to: c}\n"
    reason = wrong(tmp_path, offices + "- {key: c, programme: county, files_to: a}\n- {key: c, programme: nix}\n")
    assert reason.startswith("5 errors: ")
    assert "line 2: offices[1].files_to='b': goes round in a circle: a → b → c → a" in reason
    assert "line 5: offices[4].key='c': the same as office 3" in reason


@pytest.mark.parametrize("text", ["", "offices: []", "offices: 3", "city: county", "offices: [*x]", "\t- :"])
def test_a_file_without_offices_is_refused(tmp_path: Path, text: str) -> None:
    assert "error" in wrong(tmp_path, text)


def test_a_file_that_is_not_there_is_refused(tmp_path: Path) -> None:
    with pytest.raises(Refusal, match="no such file"):
        read_offices(tmp_path / "offices.yaml")


def test_a_programme_and_a_password_lie_beside_the_file_not_where_the_command_was_given(tmp_path: Path) -> None:
    (tmp_path / "ours.yaml").write_text(source("county"))
    (tmp_path / "city.password").write_text("secret")
    away = "{url: 'tls://city.gov:4222', user: county-a, password_file: city.password}"
    file = written(tmp_path, f"offices:\n- {{key: county-a, programme: ours.yaml, files_elsewhere: {away}}}\n")
    (office,) = read_offices(file)
    assert office.programme == str(tmp_path / "ours.yaml")
    assert office.files_elsewhere and office.files_elsewhere.password_file == str(tmp_path / "city.password")


def test_an_office_has_one_higher_office_and_reaches_one_elsewhere_by_its_bus(tmp_path: Path) -> None:
    away = "{url: 'https://city.gov', user: county-a, password_file: nix}"
    text = f"offices:\n- {{key: a, programme: county, files_to: b, files_elsewhere: {away}}}\n"
    reason = wrong(tmp_path, text + "- {key: b, programme: county}\n")
    for said in ("one higher office", "is no address of a bus", "there is no such file"):
        assert said in reason


def test_each_office_has_ports_of_its_own_which_it_keeps_whatever_the_file_says_later(tmp_path: Path) -> None:
    first = Offices(tmp_path, read_offices(written(tmp_path, COUNTIES)), port_base=9000)
    ports = {key: house.ports for key, house in first.houses.items()}
    assert len({port for one in ports.values() for port in one.as_dict().values()}) == 4 * len(ports["city"].as_dict())
    first.root.create()
    first._write_notes()
    later = "offices:\n- {key: new, programme: county}\n- {key: city, programme: integrity-drive}\n"
    second = Offices(tmp_path, read_offices(written(tmp_path, later)), port_base=9000)
    assert second.houses["city"].ports == ports["city"]
    assert second.houses["new"].ports not in ports.values(), "those of an office that was left out stay its own"


def test_the_lower_office_is_told_its_account_and_only_the_higher_one_lets_it_in(tmp_path: Path) -> None:
    houses = Offices(tmp_path, read_offices(written(tmp_path, COUNTIES))).houses
    assert {key: list(house.plan.offices) for key, house in houses.items()} == {
        "province": ["city"],
        "city": ["county-a", "county-b"],
        "county-a": [],
        "county-b": [],
    }
    up = houses["county-b"].plan.files_to
    assert up and (up.url, up.user, up.unit) == (houses["city"].ports.nats_url, "county-b", "yi-county")
    assert Root(tmp_path).folder("county-b").resolve() in up.password_file.parents, "no path into another's folder"
    assert houses["province"].plan.files_to is None
