"""Under which addresses people and tablets reach scoring."""

from dataclasses import dataclass
from pathlib import Path

from fastapi import Request


@dataclass(frozen=True, slots=True)
class Addresses:
    """public: where people reach the service ("" unknown). tls_port: where it answers over TLS (0: nowhere).

    authority: the certificate of the authority that tablets are to trust (None: a public one, or none).
    """

    public: str = ""
    tls_port: int = 0
    authority: Path | None = None

    def secure_page(self, request: Request, path: str) -> str:
        """The address of a page over TLS on the host by which this request came; "" where there is none."""
        if request.url.scheme == "https":
            return str(request.url.replace(path=path, query="", fragment=""))
        if not self.tls_port:
            return ""
        return str(request.url.replace(scheme="https", port=self.tls_port, path=path, query="", fragment=""))
