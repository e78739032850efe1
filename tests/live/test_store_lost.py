"""T11 on the real services: intake and rectification lose what they write to, say so, and lose nothing answered."""

from __future__ import annotations

import resource
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx2
import psycopg
import pytest

from deploy.local.deployment import Deployment, Plan
from deploy.local.layout import Ports
from shared.programme import demo
from tests.live.test_deployment_services import OnPostgres
from tests.support.postgres import Postgres
from tests.support.wait import until

pytestmark = pytest.mark.live
BOTH = ("intake", "rectification")
UNIT = demo.units()[0]


class Office:
    """People of an appraisal office at work on a running house."""

    def __init__(self, house: Deployment) -> None:
        self.house = house

    def ask(self, role: str, service: str, method: str, path: str, body: object = None) -> httpx2.Response:
        """One request, once."""
        token = self.house.token(role, unit=UNIT.key if role == "handler" else None)
        headers = {"Authorization": f"Bearer {token}"}
        url = f"{self.house.urls[service]}/api/v1{path}"
        return httpx2.request(method, url, headers=headers, json=body, timeout=30, trust_env=False)

    def register_unit(self) -> None:
        """The unit that everything here is about."""
        unit = {"unit": UNIT.key} | {f: getattr(UNIT, f) for f in ("name", "name_en", "category", "township", "parent")}
        assert self.ask("office", "scoring", "POST", "/units", [unit]).is_success

    def report(self, text: str) -> httpx2.Response:
        """A complaint comes in."""
        return self.ask("clerk", "intake", "POST", "/complaints", {"channel": "letterbox", "text": text})

    async def approved(self, text: str) -> str:
        """A complaint whose transfer is approved; its number."""
        number = str(self.report(text).json()["number"])
        body = {"decision": "accepted", "reason": "属受理范围", "transfer": {"lead_unit": UNIT.key}}
        screen = f"/complaints/{number}/screening"
        await until(lambda: self.ask("clerk", "intake", "POST", screen, body).is_success, "the unit is known to intake")
        assert self.ask("approver", "intake", "POST", f"/transfers/{number}/approval").is_success
        return number

    def case(self, number: str) -> httpx2.Response:
        """The case of a complaint at rectification."""
        return self.ask("office", "rectification", "GET", f"/cases/{number}")

    def registered(self) -> int:
        """How many complaints intake has."""
        answer = self.ask("auditor", "intake", "GET", "/complaints?limit=100").json()
        return len(answer["items"])

    async def until_ready(self, service: str, status: int) -> None:
        """Ready (200) or not (503), within the ten seconds of T11."""

        def says() -> bool:
            answer = httpx2.get(f"{self.house.urls[service]}/readyz", timeout=10, trust_env=False)
            return answer.status_code == status

        await until(says, f"{service} says {status}", within=10)


@contextmanager
def full_disk(house: Deployment, services: tuple[str, ...]) -> Iterator[None]:
    """No file of these services can grow."""
    pids = [house.supervisor.pid(service) for service in services]
    before = {pid: resource.prlimit(pid, resource.RLIMIT_FSIZE) for pid in pids}
    for pid in pids:
        resource.prlimit(pid, resource.RLIMIT_FSIZE, (0, before[pid][1]))
    try:
        yield
    finally:
        for pid in pids:
            resource.prlimit(pid, resource.RLIMIT_FSIZE, before[pid])


async def lose_and_find_again(office: Office, lose: Callable[[], None], give_back: Callable[[], None]) -> None:
    """What is answered while the store is gone is an error; what was answered before and after is there, once."""
    office.register_unit()
    before = await office.approved("窗口下午四点就没有人了")
    await until(lambda: office.case(before).is_success, "the case is open")
    lose()
    for service in BOTH:
        await office.until_ready(service, 503)
    refused = [office.report(f"没有空间时的反映 {n}") for n in range(3)]
    assert {answer.status_code for answer in refused} == {503}
    assert refused[0].json()["detail"], "the caller is told why"
    assert office.ask("handler", "rectification", "POST", f"/cases/{before}/acknowledgement").status_code == 503
    give_back()
    for service in BOTH:
        await office.until_ready(service, 200)
    after = await office.approved("恢复后的反映")
    await until(lambda: office.case(after).is_success, "the next case is open")
    assert office.registered() == 2, "nothing of what was refused is there"
    assert office.ask("handler", "rectification", "POST", f"/cases/{before}/acknowledgement").is_success


async def test_a_full_disk_under_intake_and_rectification_loses_no_complaint_and_no_case(tmp_path: Path) -> None:
    with Deployment(tmp_path / "d", Ports.free()) as house:
        disk = full_disk(house, BOTH)
        await lose_and_find_again(Office(house), lambda: disk.__enter__(), lambda: disk.__exit__(None, None, None))


async def test_a_case_approved_while_the_ledger_could_not_be_written_opens_when_it_can(tmp_path: Path) -> None:
    """Rectification alone is full: intake goes on, and the event waits on the bus."""
    with Deployment(tmp_path / "d", Ports.free()) as house:
        office = Office(house)
        office.register_unit()
        with full_disk(house, ("rectification",)):
            await office.until_ready("rectification", 503)
            number = await office.approved("收费没有公示")
            assert not office.case(number).is_success
        await office.until_ready("rectification", 200)
        await until(lambda: office.case(number).is_success, "the case is open", within=30)


@pytest.mark.parametrize("how", ["gone", "read-only"])
async def test_a_database_that_is_gone_or_read_only_is_said_and_found_again(tmp_path: Path, how: str) -> None:
    server = Postgres()
    server.start()
    try:
        house = OnPostgres(tmp_path / "d", Ports.free(), Plan())
        house.databases = {service: server.database() for service in ("intake", "scoring", "rectification", "notify")}
        with house:
            if how == "gone":
                await lose_and_find_again(Office(house), server.halt, server.resume)
            else:
                await lose_and_find_again(
                    Office(house),
                    lambda: set_read_only(house.databases, "on"),
                    lambda: set_read_only(house.databases, "off"),
                )
    finally:
        server.stop()


def set_read_only(databases: dict[str, str], value: str) -> None:
    """Make every database of the services refuse writing, also for connections that are open already."""
    for url in databases.values():
        plain = url.replace("postgresql+psycopg", "postgresql")
        with psycopg.connect(plain, autocommit=True) as connection:
            name = connection.info.dbname
            connection.execute("SET default_transaction_read_only = off")
            connection.execute(f"ALTER DATABASE {name} SET default_transaction_read_only = {value}")  # type: ignore[arg-type]
            connection.execute(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = %s AND pid <> pg_backend_pid()",
                (name,),
            )
