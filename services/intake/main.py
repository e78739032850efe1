"""Intake put together. The only file that knows all its parts."""

from datetime import datetime

from services.intake import bus
from services.intake.api import routers
from services.intake.rules import Rules
from services.intake.settings import IntakeSettings
from services.intake.store import Base
from services.intake.usecases import watch
from services.intake.vault import Vault
from shared.bus.broker import Bus
from shared.clock import SimulatedClock
from shared.programme import load
from shared.service import Parts, Service
from shared.web_rate import PerMinute


def build(settings: IntakeSettings) -> Service:
    """The service for these settings. Raises Refusal naming the setting that is wrong."""
    programme = load(settings.programme)
    rules = Rules(programme, Vault.from_file(settings.vault_key_file))

    def subscribe(to: Bus) -> None:
        bus.subscribe(to, rules)

    def started(parts: Parts) -> None:
        clock = parts.clock

        def latest() -> datetime:
            return clock.horizon if isinstance(clock, SimulatedClock) else clock.now()

        rules.latest = latest

    return Service(
        name="intake",
        settings=settings,
        base=Base,
        programme=programme.key,
        subscribe=subscribe,
        routers=routers(rules, PerMinute(settings.public_reports_a_minute)),
        tick=watch.tick,
        on_start=started,
    )


def main() -> None:
    """Run until stopped."""
    build(IntakeSettings()).serve()


if __name__ == "__main__":
    main()
