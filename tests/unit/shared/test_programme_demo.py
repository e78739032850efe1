"""The demo's data fits the programme and itself."""

import re
from collections import Counter
from datetime import date
from decimal import Decimal

from shared.contracts.intake import Grade
from shared.programme import demo, load

PROGRAMME = load("window-units")


def test_units_stand_in_scopes_and_categories_of_the_programme() -> None:
    scopes = Counter()
    for unit in demo.units():
        assert unit.category in {c.key for c in PROGRAMME.categories}
        assert unit.category in PROGRAMME.scope(unit.scope).categories
        scopes[PROGRAMME.scope_of(unit.scope, unit.township)] += 1
    assert min(scopes.values()) >= PROGRAMME.ranking.least_units_for_last
    assert len({u.key for u in demo.units()}) == len(demo.units()) == 20
    assert {u.category for u in demo.units()} == {c.key for c in PROGRAMME.categories}


def test_every_unit_has_its_leaders_and_the_city_its_people() -> None:
    held = {(leader.unit, leader.role) for leader in demo.leaders()}
    for unit in demo.units():
        for role in ("handler", "main_leader", "deputy_in_charge", "superior"):
            assert (unit.key, role) in held
    told = {role for rule in PROGRAMME.notices for role in rule.tells} - {"as_escalated"}
    assert told <= {role for _, role in held}
    people: dict[str, str] = {}
    for leader in demo.leaders():
        assert leader.email.endswith(".example")
        assert people.setdefault(leader.person, leader.name) == leader.name


def test_the_pool_has_the_programmes_size_and_shares() -> None:
    pool = demo.pool()
    assert PROGRAMME.pool.least <= len(pool) <= PROGRAMME.pool.most
    assert len({e.id for e in pool}) == len(pool)
    counted = Counter(e.stratum for e in pool)
    for stratum in PROGRAMME.pool.strata:
        assert abs(Decimal(counted[stratum.key]) / len(pool) - stratum.share) < Decimal("0.01")
    known = {u.key for u in demo.units()}
    assert {c for e in pool for c in e.conflicts} <= known


def test_complaints_lie_in_the_cycle_and_use_the_programmes_channels_and_topics() -> None:
    cycle = PROGRAMME.cycle("2026-H1")
    known = {u.key for u in demo.units()}
    for complaint in demo.complaints():
        assert cycle.opens <= complaint.reported_at.date() <= cycle.closes
        channel, topic = PROGRAMME.channel(complaint.channel), PROGRAMME.topic(complaint.topic)
        assert topic.dimension
        assert complaint.unit is None or complaint.unit in known
        assert complaint.play.unit is None or complaint.play.unit in known
        assert (complaint.petitioner is None) == (complaint.identity == "anonymous")
        assert complaint.petitioner is None or channel.identity == "vault"
        assert set(complaint.play.callbacks) <= {*Grade.__args__, "not_reached"}  # type: ignore[attr-defined]  # a Literal
        assert complaint.play.screening in ("accepted", "outside_jurisdiction")
        assert complaint.play.days_to_solve is None or complaint.play.reply
    times = [c.reported_at for c in demo.complaints()]
    assert times == sorted(times)


def test_duties_that_are_late_are_the_programmes_and_some_cases_go_other_ways() -> None:
    known = {one.key: one for one in PROGRAMME.obligations}
    units = {u.key for u in demo.units()}
    for duty in demo.duties():
        periods = [
            p for year in (2025, 2026) for p in known[duty.obligation].when.periods(year) if p.key == duty.period
        ]
        assert duty.unit in units
        assert len(periods) == 1
        assert duty.handed_in is None or duty.handed_in > periods[0].by
    plays = [c.play for c in demo.complaints()]
    assert {p.track for p in plays} == {"immediate", "planned", "explained"}
    assert all((p.track == "planned") == (p.promise in ("kept", "late", "broken")) for p in plays)
    assert any(p.extension for p in plays)


def test_there_are_exact_and_near_repeats_one_ticket_twice_and_numbers_in_texts() -> None:
    complaints = demo.complaints()
    by_ticket = {c.ticket: c for c in complaints}
    repeats = [c for c in complaints if c.play.same_as]
    twice = [ticket for ticket, n in Counter(c.ticket for c in complaints).items() if n > 1]
    assert len(twice) == 1
    for repeat in repeats:
        first = by_ticket[repeat.play.same_as or ""]
        assert first.reported_at <= repeat.reported_at
        assert (repeat.text == first.text) is not repeat.play.near
    assert sum(c.play.near for c in repeats) >= 3
    assert sum(bool(re.search(r"138-?0000-?\d{4}", c.text)) for c in complaints) >= 3
    ids = [found for c in complaints for found in re.findall(r"\d{17}[\dX]", c.text)]
    assert len(ids) >= 2
    for number in ids:
        weights = [7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2]
        check = sum(int(d) * w for d, w in zip(number[:17], weights, strict=True)) % 11
        assert "10X98765432"[check] == number[17]


def test_the_cycle_has_late_unsolved_returned_and_disappointed_matters() -> None:
    plays = [c.play for c in demo.complaints() if c.play.same_as is None]
    immediate = PROGRAMME.deadlines.immediate
    assert sum(p.days_to_solve is not None and p.days_to_solve > immediate for p in plays) >= 5
    assert sum(p.days_to_solve is None for p in plays) >= 3
    assert any(p.returned_once for p in plays)
    assert any(p.misconduct for p in plays)
    assert any("dissatisfied" in p.callbacks for p in plays)
    assert any("not_reached" in p.callbacks for p in plays)


def test_the_meeting_fits_the_programme() -> None:
    meeting, rules = demo.meeting(), PROGRAMME.meeting
    cycle = PROGRAMME.cycle("2026-H1")
    known = {u.key for u in demo.units()}
    assert cycle.meeting_opens <= meeting.date <= cycle.meeting_closes
    assert PROGRAMME.working_calendar.is_working_day(meeting.date).works
    assert meeting.date == date(2026, 7, 10)
    assert rules.oral_statements_least <= len(meeting.oral_statements) <= rules.oral_statements_most
    assert len(meeting.tellers) == rules.ballot_key.given
    assert len(meeting.dice) >= rules.dice_least
    assert set(meeting.leanings) == known
    assert set(meeting.oral_statements) <= known
    assert {q.unit for q in meeting.questions} <= known
