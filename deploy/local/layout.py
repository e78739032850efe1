"""Where everything of one embedded deployment lies (data folder) and listens (ports)."""

from __future__ import annotations

import fcntl
import os
import random
import socket
import tempfile
from dataclasses import asdict, dataclass, fields
from pathlib import Path
from typing import IO

from shared.errors import Refusal

HOST = "127.0.0.1"
SERVICES = ("intake", "scoring", "rectification", "notify")
DEFAULT_DATA = Path("minping-data")
DEFAULT_PORT_BASE = 8600
FREE_PORTS = (15_000, 32_000)


@dataclass(frozen=True, slots=True)
class Ports:
    """One TCP port on loopback for each part."""

    intake: int
    scoring: int
    rectification: int
    notify: int
    nats: int
    smtp: int
    valkey: int
    hall: int = 0
    """Scoring over TLS, for the terminals; 0 in the notes of a deployment that had none yet."""

    @classmethod
    def from_base(cls, base: int) -> Ports:
        """The ports of `minping up --port-base BASE`: services +1…+4, hall +12, nats +22, smtp +25, valkey +79."""
        if not 1024 <= base <= 65535 - 79:
            raise Refusal(
                field="port-base",
                value=base,
                reason="no room for the ports base+1 … base+79",
                remedy="choose a number from 1024 to 65456, for example 8600",
            )
        return cls(
            base + 1, base + 2, base + 3, base + 4, nats=base + 22, smtp=base + 25, valkey=base + 79, hall=base + 12
        )  # fmt: skip

    @classmethod
    def free(cls) -> Ports:
        """Free ports that no other process of this machine's user was given before us (see `next_free_port`)."""
        return cls(*(next_free_port() for _ in fields(cls)))

    def as_dict(self) -> dict[str, int]:
        """Part → port."""
        return asdict(self)

    def url(self, service: str) -> str:
        """Base URL of a service."""
        return f"http://{HOST}:{self.as_dict()[service]}"

    @property
    def nats_url(self) -> str:
        """Address of the bus."""
        return f"nats://{HOST}:{self.nats}"

    def require_free(self) -> None:
        """Refuse with the name of the part whose port somebody else has."""
        for part, port in self.as_dict().items():
            if not port_is_free(port):
                raise Refusal(
                    field=part,
                    value=port,
                    reason=f"port {port} is in use by another program",
                    remedy="stop that program, or choose other ports with --port-base",
                )


def next_free_port() -> int:
    """A free port below the range the system takes for outgoing connections, handed out to nobody else.

    A port inside that range can be taken by a client while its server is restarted; worse, a client that
    keeps reconnecting to it can connect to itself. Processes that choose at the same time, before either listens,
    would choose the same port by chance now and then: so they take turns at one counter.
    """
    first, beyond = FREE_PORTS
    counter = Path(tempfile.gettempdir()) / f"minping-next-port-{os.getuid()}"
    with counter.open("a+") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        file.seek(0)
        said = file.read().strip()
        port = int(said) if said.isdigit() else random.SystemRandom().randrange(first, beyond)
        for _ in range(first, beyond):
            port = port + 1 if first <= port + 1 < beyond else first
            if port_is_free(port):
                file.truncate(0)
                file.write(str(port))
                return port
    raise Refusal("ports", f"{first}-{beyond - 1}", "none of them is free", "stop what listens there")


def port_is_free(port: int) -> bool:
    """Whether a server could listen on the port (connections that linger after a stop do not count)."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((HOST, port))
        except OSError:
            return False
    return True


def take(path: Path) -> IO[str]:
    """The lock on a data folder, held while the file is open. Raises Refusal."""
    file = path.open("a+")
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        file.seek(0)
        holder = file.read().strip()
        file.close()
        raise Refusal(
            field="data",
            value=str(path.parent),
            reason=f"another deployment (process {holder}) uses this folder",
            remedy="stop it, or give another folder with --data",
            status=409,
        ) from None
    file.truncate(0)
    file.write(f"{os.getpid()}\n")
    file.flush()
    return file


@dataclass(frozen=True, slots=True)
class Layout:
    """The paths inside one data folder."""

    data: Path

    def __post_init__(self) -> None:
        object.__setattr__(self, "data", self.data.expanduser().resolve())

    def create(self) -> None:
        """Make the folders. The data folder is for its owner only: it holds people's complaints."""
        for folder in (self.data, self.secrets, self.nats, self.valkey, self.letters, self.logs, self.run):
            folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        for service in SERVICES:
            self.database(service).parent.mkdir(mode=0o700, exist_ok=True)

    @property
    def secrets(self) -> Path:
        """Passwords and private keys, each in a file with mode 0600."""
        return self.data / "secrets"

    @property
    def nats(self) -> Path:
        """Server configuration and JetStream's store."""
        return self.data / "nats"

    @property
    def nats_conf(self) -> Path:
        """Configuration of nats-server, with users and passwords: mode 0600."""
        return self.nats / "nats.conf"

    @property
    def valkey(self) -> Path:
        """Configuration and append-only file of valkey."""
        return self.data / "valkey"

    @property
    def letters(self) -> Path:
        """Where the local SMTP sink lays each letter as an .eml file."""
        return self.data / "letters"

    @property
    def logs(self) -> Path:
        """One log file a part."""
        return self.data / "logs"

    @property
    def run(self) -> Path:
        """Pid files of what runs now."""
        return self.data / "run"

    @property
    def lock(self) -> Path:
        """Held by the one deployment that uses the folder."""
        return self.data / "deployment.lock"

    @property
    def state(self) -> Path:
        """Ports, programme and clock of the running (or last) deployment: no secrets."""
        return self.data / "deployment.json"

    @property
    def accounts(self) -> Path:
        """Which outside sources and meetings have an account on the bus: no secrets."""
        return self.data / "accounts.json"

    def database(self, service: str) -> Path:
        """SQLite file of a service."""
        return self.data / service / f"{service}.db"

    @property
    def evidence(self) -> Path:
        """Intake's evidence files; they belong to its database, and are backed up with it."""
        return self.data / "intake" / "evidence"

    def log(self, part: str) -> Path:
        """Log file of a part."""
        return self.logs / f"{part}.log"
