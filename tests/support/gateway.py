"""A real HTTP server on loopback that stands for a robot or an SMS gateway, and misbehaves as a test wants."""

import asyncio
import json
from dataclasses import dataclass, field
from typing import Any


@dataclass
class Gateway:
    """What it heard, and what it will do next: a status, (status, body), or one of `drop`, `hang`, `half`, `silent`.

    drop: reads all and closes. silent: closes before it reads. half: an answer that breaks off. hang: never answers.
    """

    heard: list[dict[str, Any]] = field(default_factory=list)
    moods: list[Any] = field(default_factory=list)
    port: int = 0
    _server: asyncio.Server | None = None
    _writers: list[asyncio.StreamWriter] = field(default_factory=list)

    async def start(self) -> None:
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", self.port)
        self.port = self._server.sockets[0].getsockname()[1]

    async def stop(self) -> None:
        """Gone: nobody listens any more."""
        if self._server is not None:
            self._server.close()
            self._server = None
        for writer in self._writers:
            writer.close()

    def texts(self) -> list[str]:
        """Every text that came, whatever came of it."""
        return [str(one["said"]) for one in self.heard]

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._writers.append(writer)
        mood = self.moods.pop(0) if self.moods else 200
        if mood == "silent":
            writer.transport.abort()
            return
        try:
            head = (await reader.readuntil(b"\r\n\r\n")).decode()
            lengths = [line for line in head.splitlines() if line.lower().startswith("content-length:")]
            body = await reader.readexactly(int(lengths[0].split(":")[1])) if lengths else b""
        except (asyncio.IncompleteReadError, ConnectionError):
            return
        said = json.loads(body) if body.startswith(b"{") else body.decode()
        self.heard.append({"line": head.splitlines()[0], "head": head, "said": said})
        if mood == "drop":
            writer.transport.abort()
        elif mood == "half":
            writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 500\r\n\r\n{")
            await writer.drain()
            writer.close()
        elif mood != "hang":
            status, answer = mood if isinstance(mood, tuple) else (mood, {"errcode": 0})
            raw = json.dumps(answer).encode()
            to = f"Location: http://127.0.0.1:{self.port}/elsewhere\r\n" if 300 <= status < 400 else ""
            writer.write(f"HTTP/1.1 {status} X\r\n{to}Content-Length: {len(raw)}\r\nConnection: close\r\n\r\n".encode())
            writer.write(raw)
            await writer.drain()
            writer.close()
