"""A house whose four services are stand-ins that only answer: for tests of what starts and keeps services."""

from __future__ import annotations

import sys
from pathlib import Path

from deploy.local.deployment import Deployment
from deploy.local.supervisor import Part

PROGRAM = """
import http.server, os, signal, sys
class Answer(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        self.send_response(200); self.end_headers(); self.wfile.write(b"ready")
    def log_message(self, *words): pass
signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
print("standing in for", os.environ["MINPING_NATS_USER"], flush=True)
http.server.ThreadingHTTPServer(("127.0.0.1", int(os.environ["MINPING_PORT"])), Answer).serve_forever()
"""


class StandInHouse(Deployment):
    """Real servers, stand-in services."""

    def part_of_service(self, service: str) -> Part:
        """The part, with another program."""
        part = super().part_of_service(service)
        return Part(part.name, [sys.executable, "-I", str(self._program())], part.env, part.ready)

    def _program(self) -> Path:
        path = self.layout.data / "standin.py"
        path.write_text(PROGRAM)
        return path
