"""Houses whose programme lets more than deductions enter the daily score (S8)."""

import shutil
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from services.scoring.verify import verify_file
from services.scoring.verify.report import Report
from shared.programme import Programme, load
from shared.programme.composite import CompositePart
from shared.programme.ledger import Bonus, DailyQuestionnaire, Volume
from shared.programme.questionnaire import Questionnaire
from tests.service.scoring.house import House

LABEL = {"zh": "规则", "en": "Rule"}
BONUS: dict[str, Any] = {
    "ceiling": 100,
    "rules": [
        {"key": "good_practice", "label": LABEL, "points": 1, "most_per_cycle": 2},
        {"key": "commendation", "label": LABEL, "points": 2},
        {"key": "self_correction", "label": LABEL, "points": "0.5"},
    ],
}
VOLUME: dict[str, Any] = {"per": 10000, "least": 2000}
SURVEY: dict[str, Any] = {
    "key": "survey", "label": {"zh": "服务对象问卷", "en": "Survey of service users"},
    "intro": {"zh": "请按实际情况回答。", "en": "Please answer as it was."},
    "questions": [
        {
            "key": "overall", "label": {"zh": "总的看法", "en": "Overall"}, "kind": "grade", "weight": 60,
            "required": True,
        },
        {
            "key": "met", "label": {"zh": "遇到过什么", "en": "What did you meet"}, "kind": "multiple", "weight": 40,
            "options": [
                {"key": "nothing", "label": {"zh": "都没有", "en": "Nothing"}, "mark": 100, "alone": True},
                {"key": "slow", "label": {"zh": "拖延", "en": "Delay"}, "mark": 50},
                {"key": "rude", "label": {"zh": "态度差", "en": "Rudeness"}, "mark": 0},
            ],
        },
        {
            "key": "visits", "label": {"zh": "跑了几趟", "en": "Visits"}, "kind": "single",
            "options": [
                {"key": "once", "label": {"zh": "一趟", "en": "Once"}},
                {"key": "more", "label": {"zh": "几趟", "en": "More"}},
            ],
        },
        {"key": "words", "label": {"zh": "意见", "en": "Remarks"}, "kind": "text", "most": 60},
    ],
}  # fmt: skip
PART = {"zh": "部分", "en": "Part"}
SOURCE = {"kind": "questionnaire", "source": "computed", "questionnaire": "survey"}
COMPUTED: list[dict[str, Any]] = [
    {"key": "daily", "label": PART, "weight": 20},
    {"key": "concentrated", "label": PART, "weight": 60},
    {
        "key": "asked",
        "label": PART,
        "weight": 10,
        "kind": "questionnaire",
        "source": "computed",
        "questionnaire": "survey",
    },
    {"key": "online", "label": PART, "weight": 10, "source": "computed"},
]


def programme(**points: dict[str, Any]) -> Programme:
    """`window-units` with these entries of `points`."""
    kinds = {"bonus": Bonus, "volume": Volume, "questionnaire": DailyQuestionnaire}
    given = load("window-units")
    made: dict[str, Any] = {"questionnaire": None}
    made |= {name: kinds[name].model_validate(value) for name, value in points.items()}
    asked = (Questionnaire.model_validate(SURVEY),)
    return given.model_copy(update={"points": given.points.model_copy(update=made), "questionnaires": asked})


def with_computed_parts() -> Programme:
    """`window-units` with an online part and a questionnaire, both computed."""
    made = tuple(CompositePart.model_validate(part) for part in COMPUTED)
    return programme().model_copy(update={"composite": made})


@asynccontextmanager
async def open_house(empty_store: Path, folder: Path, of: Programme) -> AsyncIterator[House]:
    """A house on a store of its own."""
    path = folder / "ledger.db"
    shutil.copy(empty_store, path)
    one = House(f"sqlite:///{path}", of)
    one.unit.start()
    try:
        yield one
    finally:
        await one.close()


async def verified_alone(house: House, cycle: str, folder: Path) -> Report:
    """What `minping verify` says of the published result.json and its note, with nothing else at hand."""
    for name in ("result.json", "result.json.note"):
        (folder / name).write_bytes((await house.http.get(f"/results/{cycle}/{name}")).content)
    return verify_file(folder / "result.json", trusted=[house.desk.signer.vkey])
