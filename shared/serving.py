"""The HTTP server of a service: plain on one port, and over TLS on another where it has a certificate."""

import asyncio
import contextlib
import ssl
import sys
from pathlib import Path

import structlog
import uvicorn
from fastapi import FastAPI

from shared.errors import Refusal
from shared.settings import ServiceSettings

LOOK_EVERY = 600
"""Ticks of a tenth of a second between two looks at the certificate's file."""
STARTUP_FAILED = 3
log = structlog.get_logger()


class Certificate:
    """The certificate of the TLS port; a renewed file is taken up while running. Raises Refusal if it is none."""

    def __init__(self, settings: ServiceSettings) -> None:
        self.host, self.port = settings.tls_host or settings.host, settings.tls_port
        self._chain = _file("tls_certificate_file", settings.tls_certificate_file)
        self._key = _file("tls_key_file", settings.tls_key_file)
        self.context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        self.context.minimum_version = ssl.TLSVersion.TLSv1_2
        self._seen = self._stamp()
        self._load()

    def _stamp(self) -> tuple[int, int]:
        return self._chain.stat().st_mtime_ns, self._key.stat().st_mtime_ns

    def _load(self) -> None:
        """Into a context that is thrown away first: half a change would take the one in use its key."""
        try:
            for context in (ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER), self.context):
                context.load_cert_chain(self._chain, self._key)
        except (OSError, ssl.SSLError) as error:
            remedy = "give a PEM certificate with its chain, and its key"
            raise Refusal("tls_certificate_file", str(self._chain), f"cannot be used: {error}", remedy) from error

    def renew(self) -> None:
        """Take up a renewed certificate; a half-written or wrong one is logged, and the one before goes on."""
        try:
            stamp = self._stamp()
            if stamp == self._seen:
                return
            self._load()
        except (OSError, Refusal) as error:
            log.error("certificate_not_renewed", error=str(error))
        else:
            self._seen = stamp
            log.info("certificate_renewed")


def _file(field: str, path: Path | None) -> Path:
    if path is None or not path.is_file():
        remedy = "`minping up` makes one; or set tls_port to 0"
        raise Refusal(field, str(path), "there is no such file", remedy)
    return path


class Server(uvicorn.Server):
    """A server that also answers over TLS; both ports share the application and its lifespan."""

    def __init__(self, config: uvicorn.Config, certificate: Certificate | None) -> None:
        super().__init__(config)
        self._certificate = certificate

    async def startup(self, sockets: None = None) -> None:  # type: ignore[override]  # we give no sockets of our own
        """Listen on both ports, or on none."""
        await super().startup()
        if (found := self._certificate) is None:
            return
        config, loop = self.config, asyncio.get_running_loop()
        try:
            also = await loop.create_server(
                lambda: config.http_protocol_class(  # type: ignore[call-arg]  # as uvicorn itself makes it
                    config=config, server_state=self.server_state, app_state=self.lifespan.state
                ),
                host=found.host, port=found.port, ssl=found.context, backlog=config.backlog,
            )  # fmt: skip
        except OSError as error:
            log.critical("tls_port", port=found.port, error=str(error))
            await self.shutdown()
            sys.exit(STARTUP_FAILED)
        self.servers.append(also)

    async def on_tick(self, counter: int) -> bool:
        """Every tenth of a second; now and then a look at the certificate."""
        if self._certificate is not None and counter % LOOK_EVERY == LOOK_EVERY - 1:
            self._certificate.renew()
        return await super().on_tick(counter)


def configured(app: FastAPI, settings: ServiceSettings) -> uvicorn.Config:
    """How the server runs; who called is taken from a trusted proxy's word, from nobody else's. Raises Refusal."""
    return uvicorn.Config(
        app, host=settings.host, port=settings.port, loop="uvloop", http="httptools", log_config=None,
        access_log=False, timeout_graceful_shutdown=5, server_header=False,
        proxy_headers=bool(settings.proxies()), forwarded_allow_ips=settings.proxies(),
    )  # fmt: skip


def run(app: FastAPI, settings: ServiceSettings) -> None:
    """Serve until stopped by a signal; the process's exit code tells whether it went well. Raises Refusal."""
    config = configured(app, settings)
    server = Server(config, Certificate(settings) if settings.tls_port else None)
    with contextlib.suppress(KeyboardInterrupt):  # Ctrl-C, after all has been ended in order
        server.run()
    if not server.started:
        sys.exit(STARTUP_FAILED)
