"""docker-compose.yml and what it mounts fit together and fit the services: everything but the engine."""

from __future__ import annotations

import importlib
import os
import re
import shutil
import stat
import subprocess
from pathlib import Path
from typing import Any

import psycopg
import pytest
from ruamel.yaml import YAML

from deploy.local import compose
from deploy.local.deployment import nats_server
from deploy.local.layout import SERVICES
from shared.errors import Refusal
from shared.settings import ServiceSettings
from tests.support.postgres import Postgres

ROOT = Path(__file__).parents[1]
TEXT = (ROOT / "docker-compose.yml").read_text()
COMPOSE: dict[str, Any] = YAML(typ="safe").load(TEXT)
CONTAINERS: dict[str, Any] = COMPOSE["services"]


@pytest.fixture
def project(tmp_path: Path) -> Path:
    compose.prepare(tmp_path, ["demo-hotline"], ["meeting-1"])
    return tmp_path


def settings_of(service: str) -> type[ServiceSettings]:
    """The settings class of a service: the most derived one in its module, else what all have."""
    try:
        module = importlib.import_module(f"services.{service}.settings")
    except ModuleNotFoundError:
        return ServiceSettings
    found = [
        cls
        for cls in vars(module).values()
        if isinstance(cls, type) and issubclass(cls, ServiceSettings) and cls is not ServiceSettings
    ]
    return max(found, key=lambda cls: len(cls.__mro__), default=ServiceSettings)


def dotenv(project: Path) -> dict[str, str]:
    return dict(line.split("=", 1) for line in (project / ".env").read_text().splitlines())


def resolved(value: object, variables: dict[str, str]) -> str:
    return re.sub(r"\$\{(\w+)[^}]*\}", lambda found: variables[found[1]], str(value))


@pytest.mark.parametrize("service", SERVICES)
def test_a_service_is_given_only_settings_that_it_has_and_all_that_it_needs(
    service: str, project: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    kind = settings_of(service)
    given = {name: resolved(value, dotenv(project)) for name, value in CONTAINERS[service]["environment"].items()}
    unknown = set(given) - {f"MINPING_{field.upper()}" for field in kind.model_fields}
    assert not unknown
    for name in [name for name in os.environ if name.startswith("MINPING_")]:
        monkeypatch.delenv(name)
    for name, value in given.items():
        monkeypatch.setenv(name, value)
    settings = kind()
    assert settings.database_url.startswith(f"postgresql+psycopg://{service}:")
    assert (settings.nats_user, settings.host, settings.port) == (service, "0.0.0.0", 8000)


@pytest.mark.parametrize("name", list(CONTAINERS))
def test_every_secret_and_file_that_a_container_reads_is_there(name: str, project: Path) -> None:
    container = CONTAINERS[name]
    mounted = set(container.get("secrets", []))
    read = set(re.findall(r"/run/secrets/([\w.-]+)", str({**container, "secrets": ""})))
    assert read == mounted
    for secret in mounted:
        file = project / COMPOSE["secrets"][secret]["file"]
        assert stat.S_IMODE(file.stat().st_mode) == 0o600
    for volume in container.get("volumes", []):
        source = volume.split(":")[0]
        ours = (ROOT / source).is_file() or (project / source).is_dir()  # of the repository, or made by prepare
        assert ours if source.startswith(".") else source in COMPOSE["volumes"]


def test_every_variable_is_made_by_prepare_and_is_required(project: Path) -> None:
    used = set(re.findall(r"(?<!\$)\$\{(\w+)", TEXT))
    assert used == set(dotenv(project))
    assert not re.search(r"(?<!\$)\$\{\w+\}", TEXT), "an unset variable must stop the start, not become empty"


def test_every_dependency_is_a_container_and_all_names_are_known() -> None:
    for container in CONTAINERS.values():
        assert set(container.get("depends_on", {})) <= set(CONTAINERS)
    assert set(SERVICES) < set(CONTAINERS)


def test_nothing_is_published_beyond_this_machine() -> None:
    ports = [port for container in CONTAINERS.values() for port in container.get("ports", [])]
    assert ports
    assert all(port.startswith("127.0.0.1:") for port in ports)
    assert len({port.split(":")[1] for port in ports}) == len(ports)


def test_prepare_keeps_what_is_there_and_takes_in_new_sources(project: Path) -> None:
    before = {path.name: path.read_bytes() for path in (project / compose.SECRETS).iterdir()}
    env = dotenv(project)
    compose.prepare(project, ["demo-hotline", "city-hotline"], [])
    after = {path.name: path.read_bytes() for path in (project / compose.SECRETS).iterdir()}
    assert {name for name in before if before[name] != after[name]} == {"nats.conf"}
    assert set(after) - set(before) == {"city-hotline.password"}
    assert dotenv(project) == env
    with pytest.raises(Refusal):
        compose.prepare(project, ["no.name"], [])


def test_the_brokers_configuration_is_valid(project: Path) -> None:
    conf = project / compose.SECRETS / "nats.conf"
    checked = subprocess.run(
        [nats_server(), "-t", "-c", conf],
        env={"MINPING_JETSTREAM_KEY": dotenv(project)["MINPING_JETSTREAM_KEY"]},
        capture_output=True,
        text=True,
        check=False,
    )
    assert checked.returncode == 0, checked.stderr


def test_the_broker_refuses_an_account_that_imports_anothers_subject(project: Path) -> None:
    conf = project / compose.SECRETS / "nats.conf"
    own = '"subject": "minping.inbox.ballot.meeting-1"'
    text = conf.read_text()
    assert own in text
    conf.write_text(text.replace(own, '"subject": "minping.inbox.ballot.meeting-2"'))
    command = [nats_server(), "-t", "-c", conf]
    key = {"MINPING_JETSTREAM_KEY": "key"}
    checked = subprocess.run(command, env=key, capture_output=True, text=True, check=False)
    assert checked.returncode != 0
    assert "not authorized" in checked.stderr


def test_prometheus_looks_at_all_services() -> None:
    config = YAML(typ="safe").load((ROOT / "deploy/prometheus/prometheus.yml").read_text())
    (job,) = config["scrape_configs"]
    assert job["static_configs"][0]["targets"] == [f"{service}:8000" for service in SERVICES]


def test_the_image_has_all_that_runs_in_it_and_no_root() -> None:
    dockerfile = (ROOT / "deploy/Dockerfile").read_text()
    ignored = (ROOT / ".dockerignore").read_text().splitlines()
    copied = re.findall(r"^COPY (\S+)", dockerfile, re.MULTILINE)
    assert {"requirements.lock", "shared", "services", "deploy"} == set(copied)
    for source in copied:
        assert (ROOT / source).exists()
        assert f"!{source}" in ignored
    users = re.findall(r"^USER (\S+)", dockerfile, re.MULTILINE)
    assert users
    assert not users[-1].startswith(("0", "root"))
    assert "--require-hashes" in dockerfile


@pytest.mark.live
def test_each_service_gets_a_database_that_no_other_service_may_open(postgres: Postgres, project: Path) -> None:
    script = ROOT / "deploy/postgres/databases.sh"
    path = f"{postgres.psql_folder}:{os.environ['PATH']}"
    environment = {**dotenv(project), "PATH": path, "PGHOST": str(postgres.folder / "socket")}
    subprocess.run(["sh", script], env=environment, check=True)
    for owner in SERVICES:
        for database in SERVICES:
            address = f"postgresql://{owner}@/{database}?host={postgres.folder / 'socket'}"
            if owner == database:
                with psycopg.connect(address) as connection:
                    connection.execute("CREATE TABLE mine (id int)")
            else:
                with pytest.raises(psycopg.OperationalError, match="permission denied"):
                    psycopg.connect(address)
    with psycopg.connect(postgres.database().replace("+psycopg", "")) as connection:
        hashes = dict(connection.execute("SELECT rolname, rolpassword FROM pg_authid").fetchall())
    assert all(hashes[service].startswith("SCRAM-SHA-256") for service in SERVICES)


@pytest.mark.skipif(not shutil.which("docker"), reason="no docker client")
def test_the_compose_file_is_accepted_by_the_client(project: Path) -> None:
    known = subprocess.run(["docker", "compose", "version"], capture_output=True, check=False)
    if known.returncode != 0:
        pytest.skip("the docker client has no compose plugin")
    command = ["docker", "compose", "--env-file", project / ".env", "--file", ROOT / "docker-compose.yml", "config"]
    checked = subprocess.run([*command, "--quiet"], capture_output=True, text=True, check=False)
    assert checked.returncode == 0, checked.stderr
