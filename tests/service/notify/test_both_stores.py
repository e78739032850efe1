"""The same story on SQLite and on PostgreSQL tells the same people the same things."""

from typing import Any

import pytest

from services.notify.domain.delivery import Outcome
from services.notify.store import Base, attempts, changes, directory, letters, notices
from services.notify.usecases import recover, resolve, undo
from services.notify.usecases.days import NewDay
from shared.migrate import upgrade
from shared.store import writer_engine
from shared.tick import Aside
from tests.support.notify_house import House, a_house, furnish, opened, passed, seat
from tests.support.postgres import Postgres

NINE = "2026-03-31T09:00"
BAD = Outcome("bad_address", "rcpt", "550 no such user")
UNKNOWN = Outcome("uncertain", "final dot", "silence")


async def story(house: House) -> dict[str, Any]:
    """A bit of everything; returns all that can be read afterwards."""
    await furnish(house)
    for number in range(1, 4):
        await house.hear("2026-03-09T10:00", opened(f"2026-00000{number}"), f"event-{number}")
        await house.hear("2026-03-09T10:00", opened(f"2026-00000{number}"), f"event-{number}")
    await house.hold("2026-03-09T15:00", seat("tax", "handler", "sun", "2026-03-10"))
    await house.post("2026-03-10T09:00")
    await house.hear("2026-03-31T00:00", passed(roles=("handler", "main_leader")), "event-8")
    await house.hear("2026-03-31T00:00", passed("2026-000005", unit="nobody", roles=("handler",)), "event-9")
    await house.post(NINE, sun=BAD, li=UNKNOWN)
    doubt = (await house.notices(state="uncertain"))[0]["id"]
    await house.do("2026-04-01T10:00", lambda tx: resolve(house.desk, tx, doubt, "resend", "he has nothing"))
    await house.turn("2026-04-01T10:00")
    await house.do("2026-04-01T10:01", lambda tx: recover(house.desk, tx, None))
    await house.post("2026-04-02T09:00")
    wrong = await house.hold("2026-04-02T10:00", seat("tax", "handler", "ma", "2026-05-01", contacts={"sms": "138"}))
    await house.do("2026-04-02T11:00", lambda tx: undo(house.desk, tx, wrong.entry, "输错单位"))
    await house.do("2026-04-03T08:00", lambda tx: NewDay(house.desk)(tx, Aside()))
    told = await house.notices()
    own = {"address_failed", "notice_failed", "notice_uncertain"}
    for notice in told:
        if notice["template"] in own:
            notice["cause"] = "an event of ours"
    return {
        "notices": told,
        "letters": await house.unit.read(
            lambda s: {k: dict(v) for k, v in letters.some(s, [n["letter"] for n in told if n["letter"]]).items()}
        ),
        "changes": await house.unit.read(lambda s: [dict(row) for row in changes.page(s, None, 0, 1000)]),
        "tries": await house.unit.read(lambda s: _tries(s, [n["letter"] for n in told if n["letter"]])),
        "directory": await house.unit.read(lambda s: [tuple(row) for row in directory.holders(s, None, None, None)]),
        "figures": await house.unit.read(
            lambda s: (notices.counts(s), letters.counts(s), notices.counts_by_template(s))
        ),
        "published": [row.subject for row in house.published],
    }


def _tries(session: Any, letters: list[str]) -> list[tuple[str, str, str, int]]:
    found = attempts.of_letters(session, letters)
    return [(letter, one["kind"], one["reply"], one["times"]) for letter in sorted(found) for one in found[letter]]


@pytest.mark.live
async def test_both_stores_tell_the_same_story(bare_house: House, postgres: Postgres) -> None:
    url = postgres.database()
    async with a_house(url) as other:
        first, second = await story(bare_house), await story(other)
    assert first["figures"][0].keys() >= {"sent", "failed", "uncertain"}
    for part, said in first.items():
        assert second[part] == said, part


@pytest.mark.live
def test_the_schema_applies_twice_on_postgresql(postgres: Postgres) -> None:
    engine = writer_engine(postgres.database())
    upgrade(engine, "notify", Base)
    upgrade(engine, "notify", Base)
    engine.dispose()


async def test_the_migrations_make_the_tables_that_the_code_uses(bare_house: House) -> None:
    from alembic.autogenerate import compare_metadata
    from alembic.migration import MigrationContext

    def differences(session: Any) -> Any:
        context = MigrationContext.configure(session.connection(), opts={"compare_type": True})
        return compare_metadata(context, Base.metadata)

    found = [d for d in await bare_house.unit.read(differences) if "alembic_version" not in str(d)]
    assert found == []
