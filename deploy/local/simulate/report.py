"""The report of a simulated span of years: made of facts, the services' figures and what actors saw; nothing else."""

from collections.abc import Sequence
from dataclasses import replace

from deploy.local.simulate import report_cases, report_duties, report_scores
from deploy.local.simulate.canon import Record
from deploy.local.simulate.cast import Cast
from deploy.local.simulate.labels import Words
from deploy.local.simulate.mechanism import Figures
from deploy.local.simulate.mechanisms import counted, gathered
from deploy.local.simulate.report_model import Report
from deploy.local.simulate.world import Checked
from shared.programme import CycleDates, Programme


def build(
    programme: Programme, cast: Cast, cycles: Sequence[CycleDates], *, year: int, years: int, seed: int,
    record: Record, figures: Figures, checked: Sequence[Checked],
) -> Report:  # fmt: skip
    """The whole report. Raises Refusal for a check that no mechanism asks for."""
    seen = gathered(programme, record.facts, figures)
    noted = sorted(
        (replace(one, says=record.renamed(one.says)) for one in checked),
        key=lambda one: (one.on, one.mechanism, one.says),
    )
    return Report(
        programme=programme.key,
        name=Words(programme.name.zh, programme.name.en),
        office=Words(programme.office.zh, programme.office.en),
        year=year,
        years=years,
        seed=seed,
        units={one.key: Words(one.name, one.name_en) for one in cast.units} | report_cases.units(seen),
        sections=(
            report_duties.calendar(seen, cycles),
            report_duties.duties(seen),
            report_duties.deadlines(seen),
            report_cases.complaints(seen),
            report_cases.cases(seen),
            report_scores.letters(seen),
            report_scores.points(seen),
            report_scores.ranking(seen),
            report_scores.consequences(seen),
            report_scores.incidents(seen),
        ),
        mechanisms=counted(programme, years, record.facts, figures, noted),
        facts=record.facts,
    )
