"""Intake put together. The only file that knows all its parts."""

from datetime import datetime

from services.intake import bus
from services.intake.api import routers
from services.intake.api.evidence import UPLOAD
from services.intake.keeping import Keeper, unlink_erased
from services.intake.pages import pages
from services.intake.rules import Rules
from services.intake.settings import IntakeSettings
from services.intake.store import Base
from services.intake.store.evidence import kept
from services.intake.study import Study
from services.intake.usecases import watch
from services.intake.vault import Vault
from shared.bus.broker import Bus
from shared.clock import SimulatedClock
from shared.programme import load
from shared.service import Parts, Service
from shared.web_limits import LARGEST_BODY
from shared.web_rate import PerMinute


def build(settings: IntakeSettings) -> Service:
    """The service for these settings. Raises Refusal naming the setting that is wrong."""
    programme = load(settings.programme)
    vault = Vault.from_file(settings.vault_key_file)
    rules = Rules(programme, vault, learn_from=settings.learn_from, evidence=settings.evidence())

    limit, url = PerMinute(settings.public_reports_a_minute), settings.public_url

    def subscribe(to: Bus) -> None:
        bus.subscribe(to, rules)

    def started(parts: Parts) -> None:
        clock = parts.clock

        def latest() -> datetime:
            return clock.horizon if isinstance(clock, SimulatedClock) else clock.now()

        rules.latest = latest

    async def sweep(parts: Parts) -> None:
        await rules.evidence.sweep(lambda: parts.unit.read(kept))
        await unlink_erased(rules, parts.unit, parts.clock.now)

    async def study(parts: Parts) -> None:
        if not isinstance(parts.clock, SimulatedClock):  # a rehearsal teaches nothing
            await Study(rules, parts.unit).run(parts.clock.now)

    return Service(
        name="intake",
        settings=settings,
        base=Base,
        programme=programme.key,
        subscribe=subscribe,
        routers=[*routers(rules, limit, url), *pages(rules, limit, url)],
        larger_bodies={UPLOAD: rules.evidence.largest, "/": rules.evidence.largest + LARGEST_BODY},
        background=(sweep, study, Keeper(rules, settings.vault_key_file).keep),
        tick=watch.ticker(rules),
        on_start=started,
    )


def main() -> None:
    """Run until stopped."""
    build(IntakeSettings()).serve()


if __name__ == "__main__":
    main()
