"""A part that is launched again runs with what it is given now, and its end before is no crash."""

import sys
from pathlib import Path

from deploy.local.layout import Layout
from deploy.local.supervisor import Part, Supervisor

SAYS = (
    "import os, pathlib, time; pathlib.Path('said').write_text(os.environ['WORD'] + str(os.getpid())); time.sleep(60)"
)


def test_a_part_is_launched_again_with_other_settings(tmp_path: Path) -> None:
    layout = Layout(tmp_path / "data")
    layout.create()
    said, heard = layout.data / "said", list[str]()
    supervisor = Supervisor(layout, lambda part, text: heard.append(f"{part}: {text}"))

    def part(word: str) -> Part:
        return Part(
            name="speaker", argv=[sys.executable, "-c", SAYS], env={"WORD": word},
            ready=lambda: None if said.exists() and said.read_text().startswith(word) else "has said nothing yet",
        )  # fmt: skip

    try:
        supervisor.launch([part("first")], within=20)
        before = supervisor.pid("speaker")
        supervisor.relaunch([part("second")], within=20)
        assert supervisor.pid("speaker") != before
        assert said.read_text() == f"second{supervisor.pid('speaker')}"
        assert supervisor.is_ready("speaker")
    finally:
        supervisor.stop()
    assert heard == ["speaker: ready", "speaker: ready"]
