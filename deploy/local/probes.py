"""Whether the parts of a deployment answer, as seen from outside."""

from __future__ import annotations

import http.client
import socket

from deploy.local.keys import Keyring
from deploy.local.layout import HOST, Layout, Ports


def probe_servers(layout: Layout, ports: Ports) -> dict[str, str | None]:
    """Server → None if it answers, else what is the matter."""
    return {
        "nats": greets(ports.nats, b"INFO "),
        "valkey": valkey_answers(ports.valkey, Keyring(layout.secrets).password("valkey")),
        "smtp": greets(ports.smtp, b"220 "),
    }


def valkey_answers(port: int, password: str) -> str | None:
    """None if valkey takes the password, else what is the matter."""
    return greets(port, b"+OK", f"*2\r\n$4\r\nAUTH\r\n${len(password)}\r\n{password}\r\n".encode())


def greets(port: int, greeting: bytes, hello: bytes = b"") -> str | None:
    """None if the server on the port says what it should, else what is the matter."""
    try:
        with socket.create_connection((HOST, port), timeout=1) as connection:
            connection.sendall(hello)
            said = connection.recv(len(greeting))
    except OSError as error:
        return f"port {port}: {error}"
    return None if said == greeting else f"port {port} says {said!r}"


def answers(port: int, path: str) -> str | None:
    """None if GET answers 200, else what it says."""
    connection = http.client.HTTPConnection(HOST, port, timeout=2)
    try:
        connection.request("GET", path)
        answer = connection.getresponse()
        body = answer.read(2000).decode(errors="replace")
    except (OSError, http.client.HTTPException) as error:
        return f"port {port}: {error}"
    finally:
        connection.close()
    return None if answer.status == 200 else f"{path} says {answer.status}: {body}"
