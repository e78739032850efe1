"""Every programme that ships, and the tutorial's, can be run: all four services are put together with it."""

from pathlib import Path

import pytest

from deploy.local.deployment import Deployment, Plan
from deploy.local.layout import DEFAULT_PORT_BASE, Ports
from deploy.reference import _main, settings_of
from shared.bus.topology import SERVICES
from shared.programme import bundled
from tests.support.tutorial import tutorial_yaml

TUTORIAL = "district-schools"


@pytest.mark.parametrize("key", [*bundled(), TUTORIAL])
def test_the_four_services_are_put_together_with_each_programme(key: str, tmp_path: Path) -> None:
    given_as = key
    if key == TUTORIAL:
        given_as = str(tmp_path / "schools.yaml")
        Path(given_as).write_text(tutorial_yaml(), encoding="utf-8")
    house = Deployment(tmp_path / "house", Ports.from_base(DEFAULT_PORT_BASE), Plan(programme=given_as))
    house.layout.create()
    for service in SERVICES:
        given = {name.removeprefix("MINPING_").lower(): text for name, text in house.settings(service).items()}
        made = _main(service).build(settings_of(service).model_validate(given))
        assert made.programme == key
