"""Houses that are set up side by side never get each other's ports."""

import subprocess
import sys
from dataclasses import astuple

from deploy.local.layout import FREE_PORTS, Ports

CHOOSE = "from dataclasses import astuple; from deploy.local.layout import Ports; print(*astuple(Ports.free()))"


def test_processes_that_choose_at_the_same_time_choose_different_ports() -> None:
    others = [subprocess.Popen([sys.executable, "-c", CHOOSE], stdout=subprocess.PIPE, text=True) for _ in range(4)]
    chosen = [*astuple(Ports.free()), *astuple(Ports.free())]
    for other in others:
        said, _ = other.communicate(timeout=60)
        assert other.returncode == 0
        chosen += [int(port) for port in said.split()]
    assert len(chosen) == len(set(chosen)) == 6 * len(astuple(Ports.free()))
    assert all(FREE_PORTS[0] <= port < FREE_PORTS[1] for port in chosen)
