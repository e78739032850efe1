"""Composition root of rectification: the only place that knows everything."""

from functools import partial

from services.rectification.api import routes
from services.rectification.bus import subscribe
from services.rectification.clock import Tick
from services.rectification.domain.rules import Rules
from services.rectification.store import Base
from shared.programme.loader import load
from shared.service import Service
from shared.settings import ServiceSettings

NAME = "rectification"


def build(settings: ServiceSettings) -> Service:
    """The service, by its settings. Raises Refusal for a programme or secret that cannot be read."""
    programme = load(settings.programme)
    rules = Rules.of(programme)
    return Service(
        name=NAME,
        settings=settings,
        base=Base,
        programme=programme.key,
        subscribe=partial(subscribe, rules),
        routers=(routes(rules),),
        tick=Tick(rules),
    )


if __name__ == "__main__":
    build(ServiceSettings()).serve()
