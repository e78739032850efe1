"""`minping demo`: the whole loop through the command line, on real servers, in processes of their own."""

import contextlib
import json
import os
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path
from typing import Any

import pytest

from deploy.local import processes
from services.scoring.verify import verify_file
from shared.programme import demo

pytestmark = pytest.mark.e2e
PROGRAM = Path(sys.executable).with_name("minping")
PARTS = ("nats", "intake", "rectification", "scoring", "notify")
UNDEFINED = ("elapsed_s", "spent_s", "services", "data", "incidents")


class Run:
    """One run of the command, in a folder of its own."""

    def __init__(self, folder: Path, *options: str) -> None:
        self.data = folder / "data"
        self.json = folder / "report.json"
        self._log = folder / "log"
        arguments = [str(PROGRAM), "demo", "--data", str(self.data), "--json", str(self.json), *options]
        with self._log.open("wb") as log:
            self.process = subprocess.Popen(arguments, stdout=log, stderr=subprocess.STDOUT)

    def report(self) -> dict[str, Any]:
        """The report, when the run has ended well."""
        code = self.process.wait(timeout=600)
        assert code == 0, self._log.read_text(encoding="utf-8", errors="replace")[-4000:]
        found: dict[str, Any] = json.loads(self.json.read_text(encoding="utf-8"))
        return found

    def kill(self, part: str) -> bool:
        """`kill -9` one part as its pid file names it; False if it does not run just now."""
        with contextlib.suppress(OSError, ValueError):
            noted = json.loads(processes.pid_file(self.data / "run", part).read_text())
            if processes.started(noted["pid"]) == noted["started"]:
                os.kill(noted["pid"], signal.SIGKILL)
                return True
        return False


def figures(report: dict[str, Any]) -> dict[str, Any]:
    """What must not depend on the machine, the faults or the length of a window."""
    kept = {name: value for name, value in report.items() if name not in UNDEFINED}
    kept["meeting"] = {name: value for name, value in report["meeting"].items() if name != "bundle"}
    del kept["letters"]
    return kept


def told(report: dict[str, Any]) -> int:
    """Notices that went out or may have; in how many letters depends on which come while a digest is being written."""
    return int(report["letters"]["notices"] + report["letters"]["notices_uncertain"])


@pytest.fixture(scope="module")
def undisturbed(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """The report of a cycle in which nothing went wrong."""
    return Run(tmp_path_factory.mktemp("undisturbed")).report()


def test_every_report_is_accounted_for(undisturbed: dict[str, Any]) -> None:
    rows = undisturbed["complaints"]
    assert rows["read"] == 67
    assert rows["read"] == rows["registered"] + rows["repeated"] + rows["kept_for_repair"]


def test_a_cycle_has_cases_of_every_kind(undisturbed: dict[str, Any]) -> None:
    cases = undisturbed["cases"]
    assert all(cases[kind] > 0 for kind in ("opened", "solved", "late", "reopened", "no_result")), cases
    assert cases["solved"] <= cases["opened"]


def test_units_keep_their_duties_but_for_those_that_are_late_or_never_do(undisturbed: dict[str, Any]) -> None:
    duties = undisturbed["duties"]
    never = sum(one.handed_in is None for one in demo.duties())
    assert (duties["late"], duties["missed"]) == (len(demo.duties()) - never, never)
    assert duties["met"] == duties["due"] - len(demo.duties()) > 100


def test_a_promise_that_is_not_kept_is_found(undisturbed: dict[str, Any]) -> None:
    assert undisturbed["promises"] == {"made": 1, "kept": 0, "late": 0, "broken": 1}


def test_ordinary_people_decide_and_the_count_reconciles(undisturbed: dict[str, Any]) -> None:
    meeting = undisturbed["meeting"]
    assert 50 <= meeting["drawn"] <= 80
    assert float(meeting["ordinary_share"]) >= 0.7
    assert meeting["returned"] == meeting["valid"] + meeting["void"]
    assert meeting["issued"] == meeting["returned"] + 1  # one card was taken and not used


def test_the_published_bundle_holds_and_a_changed_one_does_not(undisturbed: dict[str, Any], tmp_path: Path) -> None:
    bundle = Path(undisturbed["meeting"]["bundle"])
    assert undisturbed["meeting"]["verified"]
    found = subprocess.run([str(PROGRAM), "verify", str(bundle)], capture_output=True, text=True, check=False)
    assert found.returncode == 0, found.stdout
    data = bytearray(bundle.read_bytes())
    data[len(data) // 2] ^= 1
    changed = tmp_path / "changed.zip"
    changed.write_bytes(data)
    report = verify_file(changed)
    assert report.exit_code == 1
    assert any(".json" in f"{check.where} {check.says}" for check in report.failures), report.text()


def test_the_last_below_80_face_consequences_and_others_do_not(undisturbed: dict[str, Any]) -> None:
    harsh = {one["unit"] for one in undisturbed["consequences"] if one["kind"] == "circulated_criticism"}
    scopes: dict[str, list[dict[str, Any]]] = {}
    for row in undisturbed["ranking"]:
        scopes.setdefault(row["scope"], []).append(row)
    last = {max(rows, key=lambda row: int(row["rank"]))["unit"] for rows in scopes.values()}
    below = {row["unit"] for row in undisturbed["ranking"] if float(row["composite"]) < 80}
    assert harsh == last & below
    assert harsh


def test_each_letter_lies_in_the_folder_once(undisturbed: dict[str, Any]) -> None:
    letters = undisturbed["letters"]
    found = list(Path(letters["folder"]).glob("*.eml"))
    assert letters["failed"] == letters["uncertain"] == 0
    assert len(found) == letters["sent"] > 0
    ids = [line for one in found for line in one.read_bytes().splitlines() if line.lower().startswith(b"message-id:")]
    assert len(set(ids)) == len(found)


def test_no_petitioner_appears_in_a_letter_or_a_log(undisturbed: dict[str, Any]) -> None:
    data = Path(undisturbed["data"])
    canaries = [text.encode() for text in ("尹雨桐", "13800001007", "任知行")]
    for path in [*data.glob("letters/*.eml"), *data.glob("logs/*.log")]:
        assert not any(canary in path.read_bytes() for canary in canaries), path


def test_the_length_of_a_window_changes_no_figure(undisturbed: dict[str, Any], tmp_path: Path) -> None:
    report = Run(tmp_path, "--window", "7").report()
    assert figures(report) == figures(undisturbed)
    assert told(report) == told(undisturbed)


def test_broker_and_services_killed_in_the_middle_change_no_figure(undisturbed: dict[str, Any], tmp_path: Path) -> None:
    run = Run(tmp_path)
    ended = threading.Event()
    killed: list[str] = []

    def kill_one_after_another() -> None:
        """Each part in turn, as soon as it is there; the next when the one before has come back."""
        waiting = [*PARTS, *PARTS]
        while not (run.data / "letters").exists() or not any((run.data / "letters").iterdir()):
            if ended.wait(0.05):
                return
        while waiting and not ended.wait(1.0):
            if run.kill(waiting[0]):
                killed.append(waiting.pop(0))

    thread = threading.Thread(target=kill_one_after_another)
    thread.start()
    try:
        report = run.report()
    finally:
        ended.set()
        thread.join()
    assert set(killed) >= set(PARTS), f"the run ended before all were killed: {killed}"
    assert figures(report) == figures(undisturbed)
    assert report["incidents"]
    # A letter in the air when notify is killed is uncertain: the operator gets a letter about it, nobody gets two.
    assert 0 <= told(report) - told(undisturbed) <= 2 * killed.count("notify")
    print("killed", killed, "at", time.strftime("%X"))
