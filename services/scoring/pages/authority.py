"""How tablets come to trust this house (S5): the authority, its fingerprint, and what to tap on which device."""

import io
from dataclasses import dataclass

import segno
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from fastapi import APIRouter, Request, Response

from services.scoring.pages.addresses import Addresses
from shared.errors import Refusal
from shared.pages import Pages
from shared.pages.house import HEADERS
from shared.web import public_read

DEVICES = ("android", "ipad", "windows", "uos")
FILE = "minping-ca.crt"


@dataclass(frozen=True, slots=True)
class Authority:
    """The authority as a page shows it."""

    pem: bytes
    name: str
    until: str
    lines: tuple[str, str]
    """The SHA-256 fingerprint in two halves, as operators are told it."""


def router(house: Pages, addresses: Addresses) -> APIRouter:
    """The endpoints of this page."""
    api = APIRouter(include_in_schema=False, route_class=house.routes())

    def authority() -> Authority:
        """Read anew each time: a new one may have been made. Raises Refusal (404)."""
        if addresses.authority is None:
            remedy = "set MINPING_TLS_AUTHORITY_FILE, or use a certificate that devices trust already"
            raise Refusal("tls_authority_file", None, "this house has no authority of its own", remedy, 404)
        return read(addresses.authority.read_bytes())

    @api.get("/ca", dependencies=[public_read])
    async def ca(request: Request) -> Response:
        """What to install, on which device, and how to be sure that it is the right one."""
        page = addresses.secure_page(request, "/terminal")
        return house.show(
            request, "ca.html", it=authority(), devices=DEVICES, file=FILE, page=page,
            secure=addresses.secure_page(request, "/ca"),
        )  # fmt: skip

    @api.get(f"/ca/{FILE}", dependencies=[public_read])
    async def certificate() -> Response:
        """The certificate, to be installed."""
        headers = {**HEADERS, "Content-Disposition": f'attachment; filename="{FILE}"'}
        return Response(authority().pem, headers=headers, media_type="application/x-x509-ca-cert")

    @api.get("/ca/qr.svg", dependencies=[public_read])
    async def qr(request: Request) -> Response:
        """The address of this page over TLS, for the camera of a tablet."""
        picture = io.BytesIO()
        address = addresses.secure_page(request, "/ca") or str(request.base_url)
        segno.make(address, error="m").save(picture, kind="svg", scale=8, border=3, light="#fff")
        return Response(picture.getvalue(), headers=dict(HEADERS), media_type="image/svg+xml")

    return api


def read(pem: bytes) -> Authority:
    """What a certificate says of itself."""
    found = x509.load_pem_x509_certificate(pem)
    digits = found.fingerprint(hashes.SHA256()).hex(":").upper()
    name = found.subject.get_attributes_for_oid(x509.NameOID.COMMON_NAME)[0].value
    until = found.not_valid_after_utc.date().isoformat()
    return Authority(pem, str(name), until, (digits[:47], digits[48:]))
