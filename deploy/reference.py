"""The reference pages, written from the code: `python -m deploy.reference` renews them, a test compares them.

What is generated: the event map (also in the README, with its picture), settings, metrics, commands, the
table of roles and endpoints, the fields of a programme with their JSON Schema, its rules of notices, a page for each
programme that ships.
"""

import ast
import importlib
import sys
from collections.abc import Iterable
from functools import lru_cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, get_type_hints

import typer
from fastapi.routing import RouteContext
from prometheus_client import REGISTRY

from deploy.event_map_picture import picture
from deploy.local.cli import COMMANDS
from deploy.local.deployment import Deployment
from deploy.local.layout import DEFAULT_PORT_BASE, Ports
from deploy.notice_reference import notices_page
from deploy.programme_pages import pages as programme_pages
from deploy.programme_reference import programme_page, schema_text
from shared.bus.topology import CONSUMES, SERVICES, STREAMS, subject_of
from shared.contracts import EVENTS
from shared.contracts.filings import FilingReceipt
from shared.identity import ROLES
from shared.service import Service
from shared.settings import ServiceSettings
from shared.web import roles_of, routes_of

ROOT = Path(__file__).parent.parent
BEGIN, END = "<!-- event map: written by `python -m deploy.reference` -->", "<!-- end of the event map -->"
NOT_OURS = ("python_", "process_")


def pages() -> dict[Path, str]:
    """Every generated file and what it must hold."""
    readme = ROOT / "README.md"
    docs = ROOT / "docs" / "reference"
    return {
        readme: _between(readme.read_text(encoding="utf-8"), event_map()),
        ROOT / "docs" / "pictures" / "event-map.svg": picture(),
        docs / "events.md": f"# Events 事件\n\n{_streams()}\n{events()}",
        docs / "settings.md": f"# Settings 设置\n\nAll from the environment.\n\n{settings()}",
        docs / "metrics.md": f"# Metrics 指标\n\nAt `/metrics` of every service.\n\n{metrics()}",
        docs / "commands.md": f"# Commands 命令\n\n{commands()}",
        docs / "programme.md": programme_page(),
        docs / "notices.md": notices_page(),
        **{ROOT / "docs" / "programmes" / f"{key}.md": text for key, text in programme_pages().items()},
        ROOT / "docs" / "programme.schema.json": schema_text(),
        docs
        / "roles.md": f"# Who may what 权限\n\nEverything else is refused (403), without a token 401.\n\n{roles()}",
    }


def event_map() -> str:
    """One row an event: who publishes it, who takes it."""
    rows = [
        (f"`{_short(kind)}`", _giver(kind), _to(kind), _first_line(cls))
        for kind, cls in sorted(EVENTS.items(), key=lambda item: (_publisher(item[0]), item[0]))
    ]
    rows.append(("`inbox.ballot` (no envelope)", "terminals", "scoring", "One encrypted ballot of one card (S5)."))
    return _table(("event", "from", "to", "says"), rows)


def events() -> str:
    """Every event with its fields."""
    out: list[str] = []
    for kind, cls in sorted(EVENTS.items()):
        fields = [
            (f"`{name}`", f"`{_type(info.annotation)}`", "yes" if info.is_required() else "", info.description or "")
            for name, info in cls.model_fields.items()
        ]
        head = f"## `{kind}`\n\n{_first_line(cls)} From {_giver(kind)} to {_to(kind)}.\n\n"
        out.append(head + _table(("field", "type", "needed", "what"), fields))
    return "\n".join(out)


def settings() -> str:
    """Every setting of every service."""
    out: list[str] = []
    for service in SERVICES:
        rows = [
            (
                f"`{variable(name)}`",
                "**needed**" if info.is_required() else f"`{info.default}`",
                info.description or "",
            )
            for name, info in settings_of(service).model_fields.items()
        ]
        out.append(f"## {service}\n\n" + _table(("setting", "default", "what"), rows))
    return "\n".join(out)


def settings_of(service: str) -> type[ServiceSettings]:
    """The class of a service's settings: what its `build` takes."""
    found: type[ServiceSettings] = get_type_hints(_main(service).build)["settings"]
    return found


def variable(name: str) -> str:
    """The environment variable of a setting."""
    return f"MINPING_{name.upper()}"


def metrics() -> str:
    """Every metric of our own."""
    for service in SERVICES:
        importlib.import_module(f"services.{service}.metrics")
    rows: list[tuple[str, ...]] = []
    for collector in sorted(set(REGISTRY._collector_to_names), key=lambda c: getattr(c, "_name", "")):
        name = getattr(collector, "_name", "")
        if name and not name.startswith(NOT_OURS):
            labels = ", ".join(getattr(collector, "_labelnames", ()))
            name += "_total" if getattr(collector, "_type", "") == "counter" else ""
            rows.append(
                (f"`{name}`", getattr(collector, "_type", ""), labels, getattr(collector, "_documentation", ""))
            )
    return _table(("metric", "type", "labels", "what"), rows)


def commands() -> str:
    """Every command with its options, as `--help` tells them."""
    out: list[str] = []

    def walk(command: Any, path: str) -> None:
        if hasattr(command, "commands"):
            for name, sub in sorted(command.commands.items()):
                walk(sub, f"{path} {name}")
            return
        rows = [
            (f"`{' '.join(parameter.opts)}`", (getattr(parameter, "help", "") or "").replace("\n", " "))
            for parameter in command.params
            if "--help" not in parameter.opts
        ]
        table = _table(("argument", "what"), rows) if rows else ""
        out.append(f"## `{path}`\n\n{(command.help or '').strip()}\n\n{table}")

    for name, command in COMMANDS.items():
        app: typer.Typer = importlib.import_module(f"deploy.local.commands.{command.module}").app
        walk(typer.main.get_command(app), f"minping {name}")
    return "\n".join(out)


def roles() -> str:
    """Every endpoint, who may call it, and what it does; those that every service has first."""
    everywhere = set.intersection(*({_call(route) for route in endpoints(service)} for service in SERVICES))
    shown = {_call(route): route for route in endpoints(SERVICES[0]) if _call(route) in everywhere}
    out = ["## Every service\n\n" + _endpoints(list(shown.values()))]
    for service in SERVICES:
        own = [route for route in endpoints(service) if _call(route) not in everywhere]
        out.append(f"## {service}\n\n" + _endpoints(own))
    return "\n".join(out)


def _call(route: RouteContext) -> tuple[str, str, str]:
    return ", ".join(sorted(route.methods or ())), str(route.path), _first_line(route.endpoint)


def _endpoints(routes: Iterable[RouteContext]) -> str:
    rows = []
    for route in routes:
        methods, path, what = _call(route)
        who = roles_of(route) or ()
        rows.append((methods, f"`{path}`", "whoever is signed in" if set(who) == set(ROLES) else ", ".join(who), what))
    return _table(("method", "path", "who", "what"), rows)


@lru_cache
def endpoints(service: str) -> tuple[RouteContext, ...]:
    """The endpoints of a service, put together as the embedded deployment does it."""
    with TemporaryDirectory() as folder:
        house = Deployment(Path(folder), Ports.from_base(DEFAULT_PORT_BASE))
        house.layout.create()
        given = {name.removeprefix("MINPING_").lower(): text for name, text in house.settings(service).items()}
        made: Service = _main(service).build(settings_of(service).model_validate(given))
        return tuple(routes_of(made.app()))


@lru_cache
def published(service: str) -> frozenset[str]:
    """Kinds of event that the code of a service makes. One that no code makes stands in the contracts for later."""
    own = {cls.__name__: kind for kind, cls in EVENTS.items() if _publisher(kind) == service}
    found: set[str] = set()
    for path in (ROOT / "services" / service).rglob("*.py"):
        tree = ast.parse(path.read_text(encoding="utf-8"))
        used = {node.id for node in ast.walk(tree) if isinstance(node, ast.Name)}
        used |= {node.attr for node in ast.walk(tree) if isinstance(node, ast.Attribute)}
        found |= {kind for name, kind in own.items() if name in used}
    return frozenset(found)


def _main(service: str) -> Any:
    return importlib.import_module(f"services.{service}.main")


def _streams() -> str:
    rows = [
        (s.name, ", ".join(f"`{x}`" for x in s.subjects), f"{s.max_age_s // 86400} days" if s.max_age_s else "for ever")
        for s in STREAMS
    ]
    return _table(("stream", "subjects", "kept"), rows)


def _publisher(kind: str) -> str:
    part = kind.split(".")[1]
    if kind == FilingReceipt.TYPE:
        return "scoring"
    return {"inbox": "outside", "receipt": "intake"}.get(part, part)


def _giver(kind: str) -> str:
    """Who publishes a kind of event, and whether any code does yet."""
    name = _publisher(kind)
    return name if name not in SERVICES or kind in published(name) else f"{name} (not yet)"


def _takers(kind: str) -> list[str]:
    subject = EVENTS[kind].subject()
    return [name for name in SERVICES if any(subject_of(taken) == subject for taken in CONSUMES[name])]


def _to(kind: str) -> str:
    if kind.split(".")[1] == "receipt":
        return "the source"
    return ", ".join(_takers(kind)) or "on record"


def _short(kind: str) -> str:
    return kind.removeprefix("minping.")


def _first_line(documented: Any) -> str:
    return (documented.__doc__ or "").strip().partition("\n")[0]


def _type(annotation: Any) -> str:
    text = getattr(annotation, "__name__", str(annotation)) if isinstance(annotation, type) else str(annotation)
    return text.replace("typing.", "").replace("|", "or")


def _table(head: tuple[str, ...], rows: Iterable[tuple[str, ...]]) -> str:
    lines = ["| " + " | ".join(head) + " |", "|" + "---|" * len(head)]
    lines += ["| " + " | ".join(cell.replace("|", "\\|") for cell in row) + " |" for row in rows]
    return "\n".join(lines) + "\n"


def _between(text: str, table: str) -> str:
    before, _, rest = text.partition(BEGIN)
    _, _, after = rest.partition(END)
    folded = f"<details><summary>Every event 全部事件</summary>\n\n{table}\n</details>\n"
    return f"{before}{BEGIN}\n\n![event map](docs/pictures/event-map.svg)\n\n{folded}\n{END}{after}"


def main() -> None:
    """Write what has changed."""
    for path, text in pages().items():
        if not path.exists() or path.read_text(encoding="utf-8") != text:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, encoding="utf-8")
            typer.echo(f"wrote {path.relative_to(ROOT)}", file=sys.stderr)


if __name__ == "__main__":
    main()
