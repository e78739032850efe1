"""Scoring over TLS (S5): an authority of our own that vouches for private networks only, and tablets that trust it."""

import asyncio
import os
import re
import shutil
import ssl
import stat
import subprocess
import sys
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx2
import pytest
from cryptography import x509
from playwright.sync_api import Browser

from deploy.local import certificates
from deploy.local.deployment import Deployment, Plan
from deploy.local.layout import Ports
from shared.errors import Refusal
from shared.serving import Certificate
from shared.settings import ServiceSettings
from tests.support import browser as browsers
from tests.support.browser import missing

pytestmark = pytest.mark.live
NOW = datetime.now(UTC)
HERE = ("192.168.7.7", "office", "office.local", "localhost", "127.0.0.1")


def leaf(files: certificates.Certificates) -> x509.Certificate:
    return x509.load_pem_x509_certificates(files.chain.read_bytes())[0]


def test_s5_keys_are_their_owners_alone_and_all_is_made_once(tmp_path: Path) -> None:
    files = certificates.ensure(tmp_path, NOW, here=HERE)
    assert {stat.S_IMODE(path.stat().st_mode) for path in tmp_path.iterdir()} == {0o600}
    before = {path.name: path.read_bytes() for path in tmp_path.iterdir()}
    assert certificates.ensure(tmp_path, NOW + timedelta(days=300), here=HERE) == files
    assert {path.name: path.read_bytes() for path in tmp_path.iterdir()} == before


def test_s5_the_certificate_is_renewed_in_time_and_for_new_names_the_authority_stays(tmp_path: Path) -> None:
    files = certificates.ensure(tmp_path, NOW, here=HERE)
    authority, first = files.authority.read_bytes(), leaf(files)
    certificates.ensure(tmp_path, NOW + timedelta(days=370), here=HERE)
    second = leaf(files)
    assert second.not_valid_after_utc > first.not_valid_after_utc
    certificates.ensure(tmp_path, NOW + timedelta(days=370), here=("10.0.0.9", *HERE))
    names = leaf(files).extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    assert "10.0.0.9" in map(str, names.get_values_for_type(x509.IPAddress))
    assert files.authority.read_bytes() == authority
    with pytest.raises(Refusal, match="the authority expires"):
        certificates.ensure(tmp_path, NOW + timedelta(days=3640), here=HERE)


def test_s5_the_authority_vouches_for_nothing_but_this_house(tmp_path: Path) -> None:
    files = certificates.ensure(tmp_path, NOW, given=("vote.example.cn",), here=HERE)
    for name in ("www.example.com", "8.8.8.8", "example.cn"):
        with pytest.raises(Refusal, match="may not sign for it"):
            certificates.ensure(tmp_path, NOW, given=(name,), here=HERE)
    certificates.ensure(tmp_path, NOW, given=("vote.example.cn",), here=(*HERE, "8.8.8.8"))
    names = leaf(files).extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    assert "8.8.8.8" not in map(str, names.get_values_for_type(x509.IPAddress)), "what it may not vouch for is left out"
    authority = x509.load_pem_x509_certificate(files.authority.read_bytes())
    assert authority.extensions.get_extension_for_class(x509.NameConstraints).critical


async def test_s5_a_renewed_certificate_is_taken_up_while_running(tmp_path: Path) -> None:
    files = certificates.ensure(tmp_path, NOW, here=HERE)
    settings = ServiceSettings.model_construct(
        tls_port=1, tls_host="", host="127.0.0.1", tls_certificate_file=files.chain, tls_key_file=files.key
    )
    served = Certificate(settings)

    async def shown() -> bytes | None:
        client = ssl.create_default_context(cafile=str(files.authority))
        _, writer = await asyncio.open_connection(host="127.0.0.1", port=port, ssl=client)
        found: bytes | None = writer.get_extra_info("ssl_object").getpeercert(binary_form=True)
        writer.close()
        return found

    async def end(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.close()

    server = await asyncio.start_server(end, host="127.0.0.1", ssl=served.context)
    port = server.sockets[0].getsockname()[1]
    async with server:
        first = await shown()
        (tmp_path / "other").mkdir()
        files.chain.write_text("half a")  # somebody writes it by hand, and is not done
        served.renew()
        assert await shown() == first
        other = certificates.ensure(tmp_path / "other", NOW, here=HERE)
        files.chain.write_bytes(other.chain.read_bytes())  # its key is not there yet
        served.renew()
        assert await shown() == first
        files.chain.unlink()
        certificates.ensure(tmp_path, NOW, here=("10.1.1.1", *HERE))
        served.renew()
        assert await shown() != first


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Deployment]:
    with Deployment(tmp_path_factory.mktemp("house"), Ports.free(), Plan(services=("scoring",))) as running:
        yield running


def test_s5_only_who_trusts_the_authority_gets_in_and_the_cookie_stays_on_tls(house: Deployment) -> None:
    (url,) = house.hall_urls
    with httpx2.Client(trust_env=False) as stranger, pytest.raises(httpx2.ConnectError, match="certificate"):
        stranger.get(f"{url}/healthz")
    context = ssl.create_default_context(cafile=str(house.certificates().authority))
    with httpx2.Client(verify=context, trust_env=False) as tablet:
        answer = tablet.get(f"{url}/signin", params={"token": house.token("terminal")})
        assert (answer.status_code, answer.headers["location"]) == (303, "/terminal")
        cookie = answer.headers["set-cookie"].lower()
        assert all(word in cookie for word in ("; secure", "; httponly", "; samesite=strict"))
        assert tablet.get(f"{url}/readyz").status_code == 200
    plain = httpx2.get(f"{house.urls['scoring']}/signin", params={"token": house.token("terminal")}, trust_env=False)
    assert "secure" not in plain.headers["set-cookie"].lower()


def test_s5_the_page_about_the_authority_gives_it_with_the_fingerprint_the_operator_sees(house: Deployment) -> None:
    for base in (house.urls["scoring"], *house.hall_urls):
        context = ssl.create_default_context(cafile=str(house.certificates().authority))
        with httpx2.Client(verify=context, trust_env=False) as anybody:
            page = anybody.get(f"{base}/ca").text
            shown = re.sub(r"<br>", ":", page[page.index("fingerprint") :])
            assert house.certificates().fingerprint in shown
            assert f"{house.hall_urls[0]}/terminal" in page
            given = anybody.get(f"{base}/ca/minping-ca.crt")
            assert given.content == house.certificates().authority.read_bytes()
            assert given.headers["content-type"] == "application/x-x509-ca-cert"
            assert anybody.get(f"{base}/ca/qr.svg").text.startswith("<?xml")


def trusting(authority: Path, home: Path) -> dict[str, Any]:
    """A home in which Chromium trusts the authority, as a tablet does once it is installed."""
    if shutil.which("certutil") is None:
        missing("certutil", "libnss3-tools")
    store = home / ".pki" / "nssdb"
    store.mkdir(parents=True)
    subprocess.run(["certutil", "-d", f"sql:{store}", "-N", "--empty-password"], check=True)
    adding = ["-A", "-t", "C,,", "-n", "minping", "-i", str(authority)]
    subprocess.run(["certutil", "-d", f"sql:{store}", *adding], check=True)
    return {**os.environ, "HOME": str(home)}


@pytest.fixture
def chrome() -> Iterator[Browser]:
    browsers.required()
    with browsers.started() as one:
        yield one


def test_s5_a_tablet_that_trusts_the_authority_encrypts_and_keeps_the_page(
    chrome: Browser, house: Deployment, tmp_path: Path
) -> None:
    home = trusting(house.certificates().authority, tmp_path)
    tablet = chrome.browser_type.launch(executable_path=browsers.chromium(), args=browsers.ARGUMENTS, env=home)
    try:
        page = tablet.new_page()
        page.goto(f"{house.hall_urls[0]}/signin?token={house.token('terminal')}")
        page.get_by_role("heading", name="请选择大会").or_(
            page.get_by_role("heading", name="Which meeting?")
        ).wait_for()
        assert page.evaluate("isSecureContext && 'subtle' in crypto && 'mediaDevices' in navigator")
        assert page.evaluate("navigator.serviceWorker.ready.then(worker => worker.scope)") == (
            f"{house.hall_urls[0]}/terminal"
        )
    finally:
        tablet.close()


def test_s5_the_sign_in_link_of_a_terminal_leads_to_tls_and_scripts_still_read_the_token_alone(
    house: Deployment,
) -> None:
    command = [sys.executable, "-m", "deploy.local.cli", "token", "issue", "--role", "terminal", "--sub", "hall-1"]
    said = subprocess.run([*command, "--data", str(house.layout.data)], capture_output=True, text=True, check=True)
    (token,) = said.stdout.split()
    assert f"{house.hall_urls[0]}/signin?token={token}" in said.stderr
    assert "█▀▀" in said.stderr, "as a QR code, too"


def test_s5_the_page_about_the_authority_can_be_read_by_everybody(chrome: Browser, house: Deployment) -> None:
    for language in ("zh-CN", "en-GB"):
        with browsers.reader(chrome, language=language) as one:
            one.page.goto(f"{house.urls['scoring']}/ca")
            for device in one.page.locator("summary").all():
                device.click()
            assert browsers.fits(one.page) and not browsers.unlabelled(one.page) and not browsers.faint(one.page)
