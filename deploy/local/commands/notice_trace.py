"""`minping notice trace`: the proof of what was told, as a timeline (N8)."""

from __future__ import annotations

import urllib.parse
from collections.abc import Iterator
from datetime import datetime
from typing import Annotated, Any

import typer

from deploy.local import deployment
from deploy.local.asking import ask
from deploy.local.keys import Keyring
from deploy.local.layout import DEFAULT_DATA
from deploy.local.output import DataFolder, JsonFile, Output
from shared import programme
from shared.errors import Refusal

PAGE = 500
WHY = {
    "holder": "本人任职 holds the office",
    "acting": "代行职务 acts for the holder",
    "substitute": "AB角 stands in",
    "main_leader": "无人可通知，转主要负责人 the main leader instead",
    "main_leader_substitute": "无人可通知，转主要负责人的AB角 the main leader's substitute instead",
    "parent": "转上级单位主要负责人 the parent unit's main leader instead",
    "parent_substitute": "转上级单位主要负责人的AB角 the parent unit's main leader's substitute instead",
    "office": "转评议办 the office instead",
    "office_substitute": "转评议办的AB角 the office's substitute instead",
}
STATES = {
    "planned": "待发 waits",
    "sent": "已发 sent",
    "failed": "未送达 failed",
    "uncertain": "待核实 uncertain",
    "unaddressed": "无人可通知 nobody to tell",
    "void": "不再需要 not needed any more",
}
KINDS = {
    "sent": "对方已接收 taken",
    "unreachable": "服务器不可达 server away",
    "temporary": "暂时退回 refused for now",
    "bad_address": "地址无效 no such address",
    "refused": "拒收 refused",
    "uncertain": "结果不明 unknown",
    "hard": "退信：地址无效 came back: no such address",
    "soft": "暂缓投递 delayed on its way",
    "complaint": "被投诉为垃圾邮件 called spam",
}


def trace(
    case: Annotated[str | None, typer.Option(help="案号 · a case's number, such as 2026-000001.")] = None,
    cause: Annotated[str | None, typer.Option(help="事件编号 · an event's id.")] = None,
    unit: Annotated[str | None, typer.Option(help="单位 · a unit's key.")] = None,
    person: Annotated[str | None, typer.Option(help="人员编号 · a person's key.")] = None,
    data: DataFolder = DEFAULT_DATA,
    json: JsonFile = None,
) -> None:
    """通知凭据：起因、规则、每人、每次投递、结果 · the proof: cause, rule, each person, each try, each outcome (N8)."""
    asked = {"case": case, "cause": cause, "unit": unit, "person": person}
    wanted = {name: value for name, value in asked.items() if value}
    if len(wanted) != 1:
        raise Refusal("case", case, "name one thing to trace", "give --case NUMBER, --cause, --unit or --person")
    layout, ports, state = deployment.opened(data)
    token = deployment.token(
        Keyring(layout.secrets), "auditor", unit=None, name="minping notice trace", sub=None, days=1
    )
    found = _all(f"{ports.url('notify')}/api/v1/trace", token, wanted)
    out = Output(json)
    zone = programme.load(state["programme"]).zone
    for line in timeline(found, lambda text: datetime.fromisoformat(text).astimezone(zone)):
        out.console.print(line, soft_wrap=True, markup=False)
    out.result({**wanted, "causes": found})
    if not found:
        raise typer.Exit(1)


def _all(url: str, token: str, wanted: dict[str, Any]) -> list[dict[str, Any]]:
    causes: dict[str, dict[str, Any]] = {}
    cursor: str | None = "0"
    while cursor is not None:
        page = ask(f"{url}?{urllib.parse.urlencode({**wanted, 'cursor': cursor, 'limit': PAGE})}", token)
        for cause in page["causes"]:
            causes.setdefault(cause["id"], {**cause, "notices": []})["notices"] += cause["notices"]
        cursor = page["next"]
    return list(causes.values())


def timeline(causes: list[dict[str, Any]], local: Any) -> Iterator[str]:
    """The proof as lines for people. `local`: an instant as written, in the zone of the programme."""

    def at(text: str) -> str:
        return f"{local(text):%Y-%m-%d %H:%M:%S}"

    if not causes:
        yield "没有通知 · nobody was told anything about this"
    for cause in causes:
        when = at(cause["at"]) if cause["at"] else "—"
        yield f"{when}  {cause['event']}  {cause['id']}"
        for notice in cause["notices"]:
            yield from _notice(notice, at)
        yield ""


def _notice(notice: dict[str, Any], at: Any) -> Iterator[str]:
    who = f"{notice['name'] or '—'} ({notice['person'] or '—'})"
    yield f"  ● {notice['unit'] or 'office'} · {notice['role']} → {who}: {STATES[notice['state']]}"
    rule = notice["rule"]
    if rule:
        steps = f" [{', '.join(rule['steps'])}]" if rule["steps"] else ""
        yield (
            f"      规则 rule {rule['number']}: {rule['event']}{steps} → {', '.join(rule['tells'])} · "
            f"{rule['template']} · {', '.join(rule['channels'])} · {rule['urgency']}"
        )
    if notice["why"]:
        yield f"      缘由 why: {WHY.get(notice['why'], notice['why'])}"
    if notice["follows"]:
        yield f"      接续 follows: {notice['follows']}"
    yield f"      {at(notice['planned_at'])}  拟定 planned {notice['id']}, 应发 due {at(notice['due'])}"
    for move in notice["moves"]:
        to = f"{move['to_name']} ({move['to_person']})" if move["to_person"] else "—"
        whom = f"{move['from_name'] or '—'} ({move['from_person'] or '—'})"
        yield f"      {at(move['at'])}  移交 moved {whom} → {to}: {move['reason']}"
    yield from _letter(notice, at)
    for alarm in notice["alarms"]:
        yield f"      {at(alarm['planned_at'])}  告知运行人员 told to {alarm['name']} ({alarm['template']})"
    if notice["followed_by"]:
        yield f"      后续 next in line: {', '.join(notice['followed_by'])}"
    if notice["reason"] and notice["state"] in ("failed", "void", "uncertain"):
        yield f"      说明 reason: {notice['reason']}"


def _letter(notice: dict[str, Any], at: Any) -> Iterator[str]:
    if not notice["letter"]:
        return
    kind = "汇总 digest" if notice["digest"] else "信 letter"
    beside = f", 同信另有 beside {notice['beside']}" if notice["beside"] else ""
    subject = f"《{notice['subject']}》" if notice["subject"] else ""
    way = "" if notice["channel"] == "email" else f"{notice['channel']} "
    yield f"      {kind} {notice['message_id']} → {way}{notice['email']}{subject}{beside}"
    for one in notice["documents"]:
        paper = f"{one['number'] or '—'}《{one['title']}》"
        yield f"      附件 enclosed {paper} sha256 {one['sha256'][:16]}… {one['state']}"
    for one in notice["tries"]:
        again = f" ×{one['times']} … {at(one['until'])}" if one["times"] > 1 else ""
        said = ": ".join(part for part in (one["phase"], one["reply"]) if part)
        what = KINDS.get(one["kind"], one["kind"])
        yield f"      {at(one['at'])}{again}  投递 try: {what}{f' — {said}' if said else ''}"
    for decision in notice["decisions"]:
        yield f"      {at(decision['at'])}  人工处置 {decision['actor']}: {decision['decision']} — {decision['reason']}"
