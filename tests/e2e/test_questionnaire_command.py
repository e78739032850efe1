"""`minping questionnaire`: opened, codes to sheets whose links open the page, and the report (S9)."""

import csv
import io
import json
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import httpx2
import pytest
from typer.testing import CliRunner

from deploy.local.commands import questionnaire
from shared.errors import Refusal
from shared.identity import issue_token
from tests.service.scoring.house import KEY, House, local
from tests.service.scoring.ledger import programme
from tests.service.scoring.people import People
from tests.support.scoring_server import served

pytestmark = pytest.mark.e2e


@pytest.fixture(scope="module")
def url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    async def prepare(house: House) -> None:
        object.__setattr__(house.desk, "programme", programme())
        await People(house).prepare()
        house.clock.current = local("2026-05-10 10:00")

    with served(tmp_path_factory.mktemp("questionnaires"), prepare) as one:
        yield one


def test_s9_the_office_opens_prints_codes_and_reads_the_report(url: str, tmp_path: Path) -> None:
    token, said = tmp_path / "token", tmp_path / "said.json"
    token.write_text(issue_token(KEY, now=datetime.now(UTC), days=1, role="office", sub="officer-1"))

    def run(name: str, *options: str) -> tuple[Any, str]:
        asked = ["--cycle", "2026-H1", "--questionnaire", "survey", "--url", url, "--token-file", str(token)]
        answer = CliRunner().invoke(questionnaire.app, [name, *asked, "--json", str(said), *options])
        if isinstance(answer.exception, Refusal):
            raise answer.exception
        assert answer.exit_code == 0, answer.output
        return json.loads(said.read_text()), answer.output

    with pytest.raises(Refusal, match="not held"):
        run("codes", "--unit", "u01", "--count", "2", "--out", str(tmp_path / "early"))
    assert run("open")[0]["opened_by"] == "officer-1"
    out = tmp_path / "out"
    issued, _ = run("codes", "--unit", "u01", "--unit", "w01", "--count", "2", "--out", str(out))
    assert len(issued["files"]) == 6 and "texts" not in issued["batches"][0]
    rows = list(csv.DictReader(io.StringIO((out / "u01.csv").read_text(encoding="utf-8-sig"))))
    assert (rows[0]["单位名称"], rows[0]["有效至"], len(rows)) == ("所u01", "2026-06-09", 2)
    page = (out / "u01.html").read_text(encoding="utf-8")
    assert "请您答卷" in page and rows[0]["答题码"] in page and "<svg" in page
    link = url + rows[0]["链接"][rows[0]["链接"].index("/questionnaire/") :]
    assert "服务对象问卷" in httpx2.get(link, headers={"Accept-Language": "zh"}).text
    form = {"a.overall": "satisfied", "a.met.slow": "1"}
    assert httpx2.post(link, data=form).status_code == 303
    report, shown = run("report")
    [mine] = report["items"]
    assert (mine["unit"], mine["answers"], mine["score"]) == ("u01", 1, None)
    assert mine["questions"][1]["chosen"] == {"nothing": 0, "slow": 1, "rude": 0}
    assert "u01" in shown and "50.00" in shown
