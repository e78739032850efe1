"""S2, S3: `minping draw` from files, offline: what it makes, and what it refuses with which remedy."""

import csv
import json
import stat
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from deploy.local.commands import draw
from services.scoring.domain.freezing import commit
from services.scoring.verify import draw_proof
from shared.clock import SystemClock
from shared.errors import Refusal
from shared.programme import demo

SOURCE = "福彩3D 第2026171期"
FREEZE, CUT_OFF, DRAW = "2026-06-29T17:00+08:00", "2026-06-29T21:15+08:00", "2026-06-29T21:40+08:00"
DICE = "3719 0485 2266 1049 5738"
Draw = Callable[..., dict[str, Any]]


class Clock:
    """The machine's clock, set by the test."""

    now_is = datetime.fromisoformat(FREEZE)

    def now(self) -> datetime:
        return self.now_is.astimezone(UTC)


@pytest.fixture
def at(monkeypatch: pytest.MonkeyPatch) -> Callable[[str], None]:
    """Sets the clock of the commands."""
    monkeypatch.setattr(draw, "SystemClock", Clock)

    def set_to(said: str) -> None:
        monkeypatch.setattr(Clock, "now_is", datetime.fromisoformat(said))

    set_to(FREEZE)
    return set_to


def command(*arguments: object) -> dict[str, Any]:
    """Run a command with --json; its result. Raises the Refusal that it ends with."""
    result = CliRunner().invoke(draw.app, [*map(str, arguments), "--json", "-"])
    if isinstance(result.exception, Refusal):
        raise result.exception
    assert result.exit_code == 0, result.output
    found: dict[str, Any] = json.loads(result.stdout)
    return found


@pytest.fixture
def hall(tmp_path: Path, at: Callable[[str], None]) -> Iterator[Path]:
    """A folder with the demo's list, 60 seats, and a witness who has committed."""
    with (tmp_path / "pool.csv").open("w", encoding="utf-8", newline="") as file:
        table = csv.writer(file)
        table.writerow(["登记号", "姓名", "身份类别", "回避单位"])
        table.writerows([one.id, one.name, one.stratum, "、".join(one.conflicts)] for one in demo.pool())
    (tmp_path / "seats.yaml").write_text("total: 60\n", encoding="utf-8")
    command("commit", "--witness", "甲", "--value", "枫桥夜泊", "--secret", tmp_path / "jia.json")
    yield tmp_path


def freezing(hall: Path, *more: object, out: str = "pool.json", source: str = SOURCE) -> dict[str, Any]:
    secret = json.loads((hall / "jia.json").read_text(encoding="utf-8"))
    return command(
        "freeze", "--pool", hall / "pool.csv", "--seats", hall / "seats.yaml", "--meeting", "M-1",
        "--public-source", source, "--cut-off", CUT_OFF, "--witness", f"甲={secret['commitment']}",
        "--out", hall / out, *more,
    )  # fmt: skip


def entropy(hall: Path, name: str = "evening.json", **changes: Any) -> Path:
    said = {"frozen": "pool.json", "public_value": "3 1 7", "dice": DICE, "witnesses": [{"secret": "jia.json"}]}
    (hall / name).write_text(json.dumps({**said, **changes}, ensure_ascii=False), encoding="utf-8")
    return hall / name


def running(hall: Path, given: Path, out: str = "draw_proof.json", **files: Path) -> dict[str, Any]:
    return command(
        "run", "--pool", files.get("pool", hall / "pool.csv"), "--seats", files.get("seats", hall / "seats.yaml"),
        "--entropy", given, "--out", hall / out,
    )  # fmt: skip


def refusal(act: Callable[[], object]) -> Refusal:
    with pytest.raises(Refusal) as refused:
        act()
    assert refused.value.reason and refused.value.remedy
    return refused.value


def test_s3_the_witness_commits_and_the_secret_stays_in_a_file_for_him_alone(tmp_path: Path) -> None:
    found = command("commit", "--witness", "甲", "--value", "枫桥夜泊", "--secret", tmp_path / "jia.json")
    secret = json.loads((tmp_path / "jia.json").read_text(encoding="utf-8"))
    assert found["commitment"] == secret["commitment"] == commit(bytes.fromhex(secret["nonce"]), "枫桥夜泊")
    assert stat.S_IMODE((tmp_path / "jia.json").stat().st_mode) == 0o600
    assert secret["nonce"] not in json.dumps(found)
    again = refusal(lambda: command("commit", "--witness", "甲", "--secret", tmp_path / "jia.json"))
    assert (again.field, again.status) == ("--secret", 409)
    other = command("commit", "--witness", "乙", "--secret", tmp_path / "yi.json")
    assert json.loads((tmp_path / "yi.json").read_text(encoding="utf-8"))["value"] and other["commitment"]


def test_s3_freeze_and_run_offline_make_a_proof_that_verifies(hall: Path, at: Callable[[str], None]) -> None:
    frozen = freezing(hall, "--unit", "qinghe-health")
    assert frozen["pool_hash"] in frozen["note"] and frozen["vkey"].startswith("minping+")
    assert stat.S_IMODE((hall / "draw.key").stat().st_mode) == 0o600
    pool = json.loads((hall / "pool.json").read_text(encoding="utf-8"))
    conflicted = {one.id for one in demo.pool() if "qinghe-health" in one.conflicts}
    assert {e["id"] for e in pool["excluded"]} == conflicted
    assert pool["frozen_at"] == "2026-06-29T09:00:00+00:00"
    assert "赖" not in (hall / "pool.json").read_text(encoding="utf-8")
    assert json.loads((hall / "pool.entropy.json").read_text(encoding="utf-8"))["witnesses"][0]["witness"] == "甲"
    at(DRAW)
    drawn = running(hall, entropy(hall))
    assert sum(len(ids) for ids in drawn["seated"].values()) == 60
    assert command("verify", hall / "draw_proof.json")["exit_code"] == 0
    assert all(finding.holds for finding in draw_proof.check((hall / "draw_proof.json").read_bytes())[0])


def test_s3_the_same_inputs_give_the_same_draw_whoever_runs_it(hall: Path, at: Callable[[str], None]) -> None:
    freezing(hall)
    at(DRAW)
    first = running(hall, entropy(hall))
    elsewhere = hall / "elsewhere"
    elsewhere.mkdir()
    for name in ("pool.csv", "seats.yaml", "pool.json", "pool.note.txt", "jia.json", "draw.key"):
        (elsewhere / name).write_bytes((hall / name).read_bytes())
    second = running(elsewhere, entropy(elsewhere))
    assert first["proof_hash"] == second["proof_hash"] and first["seated"] == second["seated"]


def test_s3_without_units_everybody_with_a_declared_conflict_is_left_out(hall: Path) -> None:
    freezing(hall)
    pool = json.loads((hall / "pool.json").read_text(encoding="utf-8"))
    assert {e["id"] for e in pool["excluded"]} == {one.id for one in demo.pool() if one.conflicts}


def test_s3_nothing_of_a_draw_is_overwritten(hall: Path, at: Callable[[str], None]) -> None:
    freezing(hall)
    before = (hall / "pool.json").read_bytes()
    assert refusal(lambda: freezing(hall)).field == "--out"
    at(DRAW)
    running(hall, entropy(hall))
    proof = (hall / "draw_proof.json").read_bytes()
    assert refusal(lambda: running(hall, entropy(hall))).field == "--out"
    assert ((hall / "pool.json").read_bytes(), (hall / "draw_proof.json").read_bytes()) == (before, proof)


def test_s3_a_pool_that_was_frozen_is_drawn_once_and_a_second_draw_needs_fresh_entropy(
    hall: Path, at: Callable[[str], None]
) -> None:
    freezing(hall)
    at(DRAW)
    running(hall, entropy(hall))
    another = entropy(hall, "again.json", dice="9" * 20)
    assert "was drawn already" in refusal(lambda: running(hall, another, "second.json")).reason
    at("2026-06-30T17:00+08:00")
    late = ["--cut-off", "2026-06-30T21:15+08:00"]
    assert refusal(lambda: freezing(hall, *late, out="pool2.json")).field == "public_source"
    stale = refusal(lambda: freezing(hall, *late, out="pool2.json", source="福彩3D 第2026172期"))
    assert (stale.field, stale.status) == ("witnesses", 409)
    (hall / "jia.json").unlink()
    command("commit", "--witness", "甲", "--secret", hall / "jia.json")
    freezing(hall, *late, out="pool2.json", source="福彩3D 第2026172期")
    at("2026-06-30T21:40+08:00")
    old_dice = entropy(hall, "old.json", frozen="pool2.json")
    assert refusal(lambda: running(hall, old_dice, "second.json")).field == "dice"
    running(hall, entropy(hall, "new.json", frozen="pool2.json", dice="8" * 20), "second.json")


def test_s3_an_earlier_proof_from_another_folder_counts_when_it_is_named(
    hall: Path, at: Callable[[str], None], tmp_path_factory: pytest.TempPathFactory
) -> None:
    freezing(hall)
    at(DRAW)
    running(hall, entropy(hall))
    away = tmp_path_factory.mktemp("away") / "proof.json"
    (hall / "draw_proof.json").rename(away)
    at("2026-06-30T17:00+08:00")
    late = ["--cut-off", "2026-06-30T21:15+08:00"]
    assert refusal(lambda: freezing(hall, *late, "--earlier", away, out="p2.json")).field == "public_source"
    assert refusal(lambda: freezing(hall, "--earlier", hall / "pool.csv", out="p2.json")).field == "--earlier"


def test_s3_a_draw_waits_for_the_cut_off_and_needs_a_freeze_before(hall: Path, at: Callable[[str], None]) -> None:
    assert "nobody" not in refusal(lambda: freezing(hall, "--cut-off", "2026-06-29T16:00+08:00")).reason
    freezing(hall)
    early = refusal(lambda: running(hall, entropy(hall)))
    assert (early.field, early.status) == ("draw", 409)
    at(DRAW)
    unfrozen = entropy(hall, frozen=None)
    assert refusal(lambda: running(hall, unfrozen)).field == "--frozen"
    assert refusal(lambda: running(hall, entropy(hall, frozen="nowhere.json"))).field == "--frozen"
    assert refusal(lambda: running(hall, entropy(hall, frozen="jia.json"))).field == "--frozen"


def test_s3_a_list_or_seats_that_changed_after_the_freeze_are_named(hall: Path, at: Callable[[str], None]) -> None:
    freezing(hall)
    at(DRAW)
    lines = (hall / "pool.csv").read_text(encoding="utf-8").splitlines()
    (hall / "fewer.csv").write_text("\n".join(lines[:-1]), encoding="utf-8")
    gone = refusal(lambda: running(hall, entropy(hall), pool=hall / "fewer.csv"))
    assert (gone.field, gone.value) == ("pool", [lines[-1].split(",")[0]])
    moved = [line.replace("retired_cadre", "villager") for line in lines]
    (hall / "moved.csv").write_text("\n".join(moved), encoding="utf-8")
    assert refusal(lambda: running(hall, entropy(hall), pool=hall / "moved.csv")).field == "pool"
    (hall / "more.yaml").write_text("total: 61\n", encoding="utf-8")
    assert refusal(lambda: running(hall, entropy(hall), seats=hall / "more.yaml")).field == "seats"


def test_s3_a_witness_who_does_not_reveal_is_replaced_by_dice_offline_too(
    hall: Path, at: Callable[[str], None]
) -> None:
    freezing(hall)
    at(DRAW)
    silent = [{"witness": "甲", "nonce": "", "value": ""}]
    assert refusal(lambda: running(hall, entropy(hall, witnesses=silent))).field == "entropy.witnesses[0].value"
    lying = [{"witness": "甲", "nonce": "00" * 32, "value": "枫桥夜泊"}]
    assert refusal(lambda: running(hall, entropy(hall, witnesses=lying))).field == "witnesses.甲"
    assert refusal(lambda: running(hall, entropy(hall, witnesses=[]))).field == "witnesses"
    thrown = [{"witness": "甲", "dice": "01234567890123456789", "reason": "未到场"}]
    running(hall, entropy(hall, witnesses=thrown))
    said = json.loads((hall / "draw_proof.json").read_text(encoding="utf-8"))["entropy"]["witnesses"]
    assert said == [{"witness": "甲", "dice": [0, 1, 2, 3, 4, 5, 6, 7, 8, 9] * 2, "reason": "未到场"}]


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"dice": "1234"}, "dice"),
        ({"dice": "12a4"}, "entropy.dice"),
        ({"dice": 37190485226610495738}, "entropy.dice"),  # a number: leading noughts would be lost
        ({"public_value": ""}, "public_value"),
        ({"lottery": "3 1 7"}, "entropy"),
        ({"witnesses": "甲"}, "entropy.witnesses"),
        ({"witnesses": [{"nonce": "", "value": "x"}]}, "entropy.witnesses[0]"),
        ({"witnesses": [{"witness": "甲", "nonce": "zz", "value": "x"}]}, "entropy.witnesses[0].nonce"),
        ({"witnesses": [{"witness": "甲", "nonce": "00", "value": 317}]}, "entropy.witnesses[0].value"),
        ({"witnesses": [{"secret": "nowhere.json"}]}, "entropy.witnesses[0].secret"),
    ],
)
def test_s3_a_fault_in_the_entropy_file_is_named(
    hall: Path, at: Callable[[str], None], changes: dict[str, Any], field: str
) -> None:
    freezing(hall)
    at(DRAW)
    assert refusal(lambda: running(hall, entropy(hall, **changes))).field == field
    assert not (hall / "draw_proof.json").exists()


@pytest.mark.parametrize(
    ("seats", "field"),
    [
        ("seats: 60\n", "seats.strata"),
        ("total: 60\nstrata: {villager: 3}\n", "seats"),
        ("total: sixty\n", "seats.total"),
        ("total: 5000\n", "seats"),
        ("total: 60\nordinary_min: 70%\n", "seats.ordinary_min"),
        ("strata: {villager: 20, deputy: 10}\n", "seats"),
        ("strata: {villager: 40}\n", "seats.villager"),
        ("total: 60\nquotas: {gender: {男: 3}}\n", "seats.quotas.gender.男"),
        ("total: 60\nquotas: {gender: {男: [1, 60], 女: [1, 60]}}\n", "pool.gender"),
        ("total: 60\nspare: 3\n", "seats"),
        ("[60]\n", "--seats"),
        ("total: [\n", "--seats"),
    ],
)
def test_s3_a_fault_in_the_seats_file_is_named(hall: Path, seats: str, field: str) -> None:
    (hall / "seats.yaml").write_text(seats, encoding="utf-8")
    assert refusal(lambda: freezing(hall)).field == field
    assert not (hall / "pool.json").exists()


def test_s3_seats_may_be_given_stratum_by_stratum_and_strata_may_be_the_lists_own(hall: Path) -> None:
    (hall / "pool.csv").write_text(
        "id,stratum\n" + "".join(f"F{i},farmer\n" for i in range(9)) + "".join(f"C{i},cadre\n" for i in range(5)),
        encoding="utf-8",
    )
    (hall / "seats.yaml").write_text("strata: {farmer: 6, cadre: 2}\nordinary: [farmer]\n", encoding="utf-8")
    assert freezing(hall)["seats"] == {"cadre": 2, "farmer": 6}


def test_s3_a_row_that_cannot_be_taken_stops_the_freeze_with_its_number(hall: Path) -> None:
    with (hall / "pool.csv").open("a", encoding="utf-8") as file:
        file.write("E900,某人,农民,\n")
    found = refusal(lambda: freezing(hall))
    assert (found.field, found.value) == ("pool.stratum", "农民") and "row 112" in found.reason
    report = CliRunner().invoke(draw.app, ["pool", "check", str(hall / "pool.csv"), "--json", "-"])
    assert report.exit_code == 1
    said = json.loads(report.stdout)
    assert (said["read"], said["taken"]) == (111, 110)
    assert [(r["row"], r["field"]) for r in said["refused"]] == [(112, "stratum")]


def test_s2_an_office_checks_its_list_offline_and_hashes_names_with_a_salt_of_its_own(hall: Path) -> None:
    assert command("pool", "check", hall / "pool.csv")["problems"] == []
    freezing(hall, "--salt", hall / "salt")
    assert stat.S_IMODE((hall / "salt").stat().st_mode) == 0o600
    pool = {e["id"]: e for e in json.loads((hall / "pool.json").read_text(encoding="utf-8"))["pool"]}
    one = next(p for p in demo.pool() if not p.conflicts)
    shown = command("pool", "name", one.id, one.name, "--salt", hall / "salt")
    assert pool[one.id]["name_hash"] == shown["name_hash"]
    assert refusal(lambda: command("pool", "name", one.id, one.name, "--salt", hall / "none")).field == "--salt"


def test_s3_the_clock_of_the_commands_is_the_machines() -> None:
    assert draw.SystemClock is SystemClock
