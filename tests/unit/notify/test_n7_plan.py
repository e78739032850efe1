"""The plan of the year (N7): every phase with its tasks, in both languages, from the programme alone."""

import pytest

from services.notify.pages import FOLDER, plan
from shared.pages import Pages
from shared.programme import bundled, load


@pytest.fixture(scope="module")
def wording() -> object:
    return Pages(FOLDER, programme=load("county")).wording


def test_n7_a_phase_stands_with_its_tasks_who_answers_by_when_and_to_which_standard(wording: object) -> None:
    start, check, _, _, rest = plan.phases_of(load("county"), wording, "zh", 2026)  # type: ignore[arg-type]  # a fixture
    assert (start.name, start.first, start.last) == ("动员部署", "2026年4月1日", "2026年4月30日")
    group = start.tasks[1]
    assert (group.name, group.whose, group.responsible, group.by) == (
        "成立领导小组、制定实施方案", "各单位", "主要负责人", "2026年4月30日",
    )  # fmt: skip
    assert group.standard == ("领导小组组成和分工", "实施方案")
    assert [task.responsible for task in check.tasks] == ["主要负责人", "评议组"]
    assert rest.tasks[-1].by == "2027年1月20日", "the result is fed back in the following year"


def test_n7_phases_overlap_and_cross_the_year_and_monthly_duties_say_their_rhythm(wording: object) -> None:
    first, drive, last = plan.phases_of(load("integrity-drive"), wording, "en", 2026)  # type: ignore[arg-type]
    assert (first.last, drive.first, last.last) == ("30 April 2026", "1 January 2026", "31 January 2027")
    assert {task.by for task in drive.tasks} >= {
        "each month, by the 10. of the next",
        "each month, by the 5. of the next",
    }
    assert "deputy in charge" in {task.responsible for task in drive.tasks}


@pytest.mark.parametrize("key", bundled())
@pytest.mark.parametrize("language", ["zh", "en"])
def test_n7_every_programme_has_a_plan_without_a_word_missing(key: str, language: str, wording: object) -> None:
    shown = list(plan.phases_of(load(key), wording, language, 2026))  # type: ignore[arg-type]  # a fixture, a literal
    assert sum(len(phase.tasks) for phase in shown) == len(load(key).obligations)
    assert all(task.whose and task.responsible and task.by for phase in shown for task in phase.tasks)
