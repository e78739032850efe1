"""The report as one HTML file: no script, nothing loaded. Every number leads to the list of its events, each of those
to its row; a list is shown when its number was followed (`:target`)."""

import json
from collections.abc import Iterable, Iterator, Mapping
from html import escape

from deploy.local.simulate.canon import Fact
from deploy.local.simulate.labels import Words, kind
from deploy.local.simulate.mechanisms import Counted, Shown
from deploy.local.simulate.report_model import Cell, Number, Report, Section, Table

STYLE = """
:root{--ink:#1c1917;--paper:#fff;--soft:#f5f5f4;--faint:#d6d3d1;--quiet:#57534e;--brand:#9a1b1e;--bad:#b00020;
--good:#14652f}
@media(prefers-color-scheme:dark){:root{--ink:#f5f5f4;--paper:#1c1917;--soft:#292524;--faint:#57534e;--quiet:#c4bfba;
--brand:#f08a8c;--bad:#ff9aa5;--good:#8fd6a5}}
*{box-sizing:border-box}html{font:16px/1.6 system-ui,-apple-system,"PingFang SC","Microsoft YaHei","Noto Sans CJK SC",
sans-serif;scroll-padding-top:1rem}
body{margin:0 auto;max-width:76rem;padding:1rem;color:var(--ink);background:var(--paper)}
h1{font-size:1.6rem;border-bottom:3px solid var(--brand);padding-bottom:.5rem}h2{margin-top:2.5rem;font-size:1.3rem}
h3{font-size:1.05rem;margin:1.5rem 0 .4rem}small,.en{color:var(--quiet);font-weight:400;font-size:.85em}
a{color:inherit;text-underline-offset:.2em}a.n{color:var(--brand);font-variant-numeric:tabular-nums}
nav{display:flex;flex-wrap:wrap;gap:.3rem 1rem;margin:1rem 0}.wide{overflow-x:auto}
table{border-collapse:collapse;font-size:.93rem}
th,td{border:1px solid var(--faint);padding:.25rem .55rem;text-align:left;vertical-align:top}
th{background:var(--soft)}td.r{text-align:right;white-space:nowrap}
.bad{color:var(--bad);font-weight:600}.good{color:var(--good)}
.list{display:none;background:var(--soft);border-left:4px solid var(--brand);padding:.5rem 1rem;margin:.6rem 0}
.list:target{display:block}.list a{display:inline-block;margin-right:.9rem;font-variant-numeric:tabular-nums}
.events{table-layout:fixed;width:100%;font-size:.82rem}.events td{overflow-wrap:anywhere}
.events td:last-child{font-family:ui-monospace,Consolas,monospace;font-size:.76rem}
tr:target td{background:var(--soft);outline:2px solid var(--brand)}
"""
WIDTHS = "<colgroup><col style='width:6rem'><col style='width:9.5rem'><col style='width:13rem'><col></colgroup>"


class _Lists:
    """The lists of events behind numbers: each once, however many numbers count the same events."""

    def __init__(self, facts: Iterable[Fact]) -> None:
        self._facts = {fact.number: fact for fact in facts}
        self._ids: dict[tuple[str, ...], tuple[str, str]] = {}

    def link(self, shown: object, events: tuple[str, ...], title: str) -> str:
        """A number as a link to its list; one event alone is linked at once."""
        text = escape(str(shown))
        if not events:
            return text
        if len(events) == 1:
            return f'<a class=n href="#{events[0]}">{text}</a>'
        name, _ = self._ids.setdefault(events, (f"n{len(self._ids) + 1}", title))
        return f'<a class=n href="#{name}">{text}</a>'

    def sections(self) -> Iterator[str]:
        """All lists."""
        for events, (name, title) in self._ids.items():
            links = "".join(f'<a href="#{one}">{one} <small>{self._gist(one)}</small></a>' for one in events)
            yield f"<section class=list id={name}><b>{escape(title)}</b> · {len(events)}<p>{links}</section>"

    def _gist(self, number: str) -> str:
        fact = self._facts[number]
        about = next((fact.data[name] for name in ("case", "number", "unit", "meeting") if fact.data.get(name)), "")
        return f"{fact.day[5:]} {escape(str(about))}"


def page(report: Report) -> str:
    """The whole page."""
    lists = _Lists(report.facts)
    title = f"{report.name.zh} {report.year}" + (f"–{report.year + report.years - 1}" if report.years > 1 else "")
    body = [
        f"<h1>{escape(title)} <span class=en>{escape(report.name.en)}</span></h1>",
        f"<p>{escape(report.office.zh)} <span class=en>{escape(report.office.en)}</span> · 模拟运行报告"
        f" <span class=en>report of a simulated run</span> · 种子 seed {report.seed} · "
        f"事件 events {len(report.facts)}</p>",
        "<p>本报告由事件和公布的成绩生成，同一种子同一报告。点数字看事件清单，点编号看事件。"
        "<br><span class=en>Made from events and published figures; the same seed gives the same report. Follow a"
        " number to its events, an event to its row. Complaints (C), inspections (I) and events (E) are numbered by"
        " this report.</span></p>",
        _contents(report),
        *_verdict(report),
        *(part for section in report.sections for part in _section(section, report.units, lists)),
        '<h2 id=mechanisms>机制 <span class=en>Mechanisms</span></h2>',
        *_mechanisms(report.mechanisms, lists),
        '<h2 id=lists>数字所指的事件 <span class=en>Events behind a number</span></h2>',
        "<p class=en>点上面的数字，这里显示其清单。Follow a number above to see its list here.</p>",
        *lists.sections(),
        '<h2 id=events>全部事件 <span class=en>All events</span></h2>',
        *_events(report.facts),
    ]  # fmt: skip
    return (
        f'<!doctype html><html lang=zh-CN><meta charset=utf-8><meta name=viewport content="width=device-width">'
        f"<meta name=color-scheme content='light dark'><title>{escape(title)}</title><style>{STYLE}</style>"
        f"<body>{chr(10).join(body)}</body></html>\n"
    )


def _contents(report: Report) -> str:
    links = [(section.key, section.says) for section in report.sections]
    links += [("mechanisms", Words("机制", "Mechanisms")), ("events", Words("全部事件", "All events"))]
    shown = (f"<a href='#{key}'>{escape(says.zh)} <span class=en>{escape(says.en)}</span></a>" for key, says in links)
    return f"<nav>{''.join(shown)}</nav>"


def _verdict(report: Report) -> Iterator[str]:
    seen, missing = sum(not one.missing for one in report.mechanisms), len(report.missing)
    said = f"；未出现 not seen: {missing}" if missing else "，全部出现 all seen"
    yield f"<p class={'bad' if missing else 'good'}>机制 mechanisms: {seen} / {len(report.mechanisms)}{said}</p>"


def _section(section: Section, units: Mapping[str, Words], lists: _Lists) -> Iterator[str]:
    yield f"<h2 id={section.key}>{escape(section.says.zh)} <span class=en>{escape(section.says.en)}</span></h2>"
    for one in section.tables:
        yield _table(section.says, one, units, lists)


def _table(section: Words, one: Table, units: Mapping[str, Words], lists: _Lists) -> str:
    heads = "".join(f"<th>{_words(column.says)}</th>" for column in one.columns)
    rows = []
    for row in one.rows:
        name = next((_name(cell, units) for cell in row if not isinstance(cell, Number)), "")
        cells = [
            _cell(cell, units, lists, f"{section.zh} · {one.says.zh} · {name} · {column.says.zh}")
            for cell, column in zip(row, one.columns, strict=True)
        ]
        rows.append(f"<tr>{''.join(cells)}")
    empty = "" if rows else "<p><small>没有 none</small></p>"
    return f"<h3>{_words(one.says)}</h3><div class=wide><table><tr>{heads}{''.join(rows)}</table></div>{empty}"


def _name(cell: Cell, units: Mapping[str, Words]) -> str:
    if isinstance(cell, Words):
        return cell.zh
    return units[cell].zh if isinstance(cell, str) and cell in units else str(cell)


def _cell(cell: Cell, units: Mapping[str, Words], lists: _Lists, title: str) -> str:
    if isinstance(cell, Number):
        return f"<td class=r>{lists.link(cell.value, cell.events, title)}"
    if isinstance(cell, int):
        return f"<td class=r>{cell}"
    if isinstance(cell, str) and cell in units:
        cell = units[cell]
    return f"<td>{_words(cell) if isinstance(cell, Words) else escape(cell or '')}"


def _words(says: Words) -> str:
    english = f" <span class=en>{escape(says.en)}</span>" if says.en not in ("", says.zh) else ""
    return escape(says.zh) + english


def _mechanisms(found: Iterable[Counted], lists: _Lists) -> Iterator[str]:
    listed = tuple(found)
    for says, particular in ((Words("本方案特有的", "Particular to this programme"), True),
                             (Words("各项机制", "All mechanisms"), False)):  # fmt: skip
        rows = [_mechanism(one, lists) for one in listed if one.mechanism.particular is particular]
        if rows:
            yield (
                f"<h3>{_words(says)}</h3><div class=wide><table><tr><th>号<th>机制 <span class=en>mechanism</span>"
                f"<th>次数 <span class=en>count</span><th>怎么看出来的 <span class=en>shown by</span>{''.join(rows)}"
                "</table></div>"
            )


def _mechanism(one: Counted, lists: _Lists) -> str:
    says = Words(one.mechanism.zh, one.mechanism.en)
    proofs = "<br>".join(_proof(one.mechanism.zh, shown, lists) for shown in one.shown)
    key = "" if one.mechanism.particular else one.mechanism.key
    style = " class=bad" if one.missing else ""
    return f"<tr id=m-{one.mechanism.key}><td>{key}<td{style}>{_words(says)}<td class=r>{one.count}<td>{proofs}"


def _proof(mechanism: str, shown: Shown, lists: _Lists) -> str:
    says = _words(Words(shown.proof.zh, shown.proof.en))
    count = lists.link(shown.count, shown.facts, f"{mechanism} · {shown.proof.zh}")
    mark = f"<span class=bad>{count}</span>" if shown.is_missing else count
    seen = "".join(f"<br><small>　{one.on}　{escape(one.says)}</small>" for one in shown.checked)
    return f"{says}: {mark}{seen}"


def _events(facts: Iterable[Fact]) -> Iterator[str]:
    yield f"<table class=events>{WIDTHS}<tr><th>编号<th>时间<th>事件<th>内容"
    for fact in facts:
        data = json.dumps(fact.data, ensure_ascii=False, separators=(", ", ": "), default=str)
        time = fact.at[:16].replace("T", " ")
        row = (fact.number, time, _words(kind(fact.kind)), _linked(data))
        cells = "<td>".join(row)
        yield f'<tr id="{fact.number}"><td>{cells}'
    yield "</table>"


def _linked(data: str) -> str:
    """The data with the events that it names as links."""
    text = escape(data[1:-1], quote=False)
    parts = text.split('"E')
    out = [parts[0]]
    for part in parts[1:]:
        number, quote, rest = part.partition('"')
        is_event = quote and len(number) == 6 and number.isdigit()
        out.append(f'<a href="#E{number}">E{number}</a>{rest}' if is_event else f'"E{part}')
    return "".join(out)
