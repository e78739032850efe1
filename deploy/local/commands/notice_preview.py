"""`minping notice preview`: who would be told what about an event, when, by which rule and why (N2)."""

from __future__ import annotations

import json as js
from collections.abc import Callable, Iterator
from datetime import datetime
from pathlib import Path
from typing import Annotated, Any

import typer

from deploy.local import deployment
from deploy.local.asking import tell
from deploy.local.commands.notice_trace import WHY
from deploy.local.keys import Keyring
from deploy.local.layout import DEFAULT_DATA
from deploy.local.output import DataFolder, JsonFile, Output
from shared import programme
from shared.errors import Refusal

LARGEST = 4 * 2**20
STATES = {
    "new": "将通知 would be told",
    "told_already": "已通知过，不再重复 was told already",
    "same_person": "与上同一人同一事，只发一次 the same person, once",
    "nobody": "无人可通知 nobody to tell",
}


def preview(
    event: Annotated[Path, typer.Option(help="事件文件，CloudEvents JSON · file with an event.")],
    on: Annotated[str | None, typer.Option(metavar="DAY", help="假设发生在这天 · as if it came on this day.")] = None,
    data: DataFolder = DEFAULT_DATA,
    json: JsonFile = None,
) -> None:
    """预演一个事件：通知谁、何时、按哪条规则、为何、什么内容，不发送也不登记 · who would get what and why; sends and
    writes nothing."""
    layout, ports, state = deployment.opened(data)
    token = deployment.token(
        Keyring(layout.secrets), "auditor", unit=None, name="minping notice preview", sub=None, days=1
    )
    body = {"event": read(event)} | ({"on": on} if on else {})
    found = tell(f"{ports.url('notify')}/api/v1/notices/preview", token, body)
    out = Output(json)
    zone = programme.load(state["programme"]).zone
    for line in told(found, lambda text: datetime.fromisoformat(text).astimezone(zone)):
        out.console.print(line, soft_wrap=True, markup=False)
    out.result(found)


def read(file: Path) -> dict[str, Any]:
    """The event in a file. Raises Refusal."""
    try:
        if file.stat().st_size > LARGEST:
            raise Refusal("event", str(file), "is larger than 4 MiB", "an event is a few kilobytes of JSON")
        found = js.loads(file.read_text(encoding="utf-8"))
    except OSError as error:
        raise Refusal("event", str(file), f"cannot be read: {error.strerror}", "name a file with an event") from error
    except ValueError as error:
        raise Refusal("event", str(file), f"is no JSON: {error}", "give one event as CloudEvents JSON") from error
    if not isinstance(found, dict):
        raise Refusal("event", str(file), "is not one event", "give one event as CloudEvents JSON")
    return found


def told(found: dict[str, Any], local: Callable[[str], datetime]) -> Iterator[str]:
    """The preview as lines for people."""
    yield f"{found['type']}  {found['event']}  @ {local(found['at']):%Y-%m-%d %H:%M}"
    if found["without_rule"]:
        yield "方案中没有这类事件的规则 · the programme has no rule about such events"
    for one in found["notices"]:
        who = f"{one['name']} ({one['person']})" if one["person"] else "—"
        yield ""
        yield f"● {one['unit'] or 'office'} · {one['role']} → {who}: {STATES[one['state']]}"
        rule = one["rule"]
        yield f"    规则 rule {rule['number']}: {', '.join(rule['tells'])} · {rule['template']} · {rule['urgency']}"
        if one["why"]:
            yield f"    缘由 why: {WHY.get(one['why'], one['why'])}"
        for passed in one["passed_over"]:
            yield f"    跳过 passed over: {passed['name']} ({passed['person']}), 地址无法送达 nothing reaches him"
        how = "汇总 in the digest" if one["digest"] else "单独 by itself"
        yield f"    {one['channel']} {one['address'] or '—'} · {local(one['due']):%Y-%m-%d %H:%M} · {how}"
        if one["documents"]:
            yield f"    附件 documents: {', '.join(one['documents'])}"
        yield f"    《{one['subject']}》"
        yield from (f"    │ {line}" for line in one["text"].splitlines())
    for silent in found["silent"]:
        yield f"○ 规则 rule {silent['rule']['number']}: {silent['reason']}"
