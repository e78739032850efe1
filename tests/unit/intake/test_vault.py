"""The vault's key file: what opens, what does not, and that rotation keeps codes and old identities (I3)."""

from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from services.intake.sealing import seal_identity
from services.intake.vault import Identity, Vault, decoded
from shared.errors import Refusal

PERSON = Identity(name="欧阳小明", phone="13800001111")


def pem(key: X25519PrivateKey | Ed25519PrivateKey) -> bytes:
    return key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())


def test_a_source_seals_and_only_the_vault_opens_for_that_source_and_ticket() -> None:
    vault, other = Vault([X25519PrivateKey.generate()]), Vault([X25519PrivateKey.generate()])
    sealed = seal_identity(vault.public_pem.encode(), "radio", "T-1", {"name": "欧阳小明", "phone": "13800001111"})
    assert vault.open_identity("radio", "T-1", sealed) == PERSON
    for who, source, ticket in ((vault, "radio", "T-2"), (vault, "paper", "T-1"), (other, "radio", "T-1")):
        with pytest.raises(Refusal):
            who.open_identity(source, ticket, sealed)


def test_a_new_key_in_front_opens_what_the_old_one_sealed_and_changes_no_code(tmp_path: Path) -> None:
    old, new = X25519PrivateKey.generate(), X25519PrivateKey.generate()
    (tmp_path / "old").write_bytes(pem(old))
    (tmp_path / "both").write_bytes(pem(new) + pem(old))
    before, after = Vault.from_file(tmp_path / "old"), Vault.from_file(tmp_path / "both")
    assert after.open_identity("radio", "T-1", before.seal_identity("radio", "T-1", PERSON)) == PERSON
    assert after.codes == before.codes
    assert after.public_pem != before.public_pem
    with pytest.raises(Refusal):
        before.open_identity("radio", "T-1", after.seal_identity("radio", "T-1", PERSON))


@pytest.mark.parametrize("content", [b"", b"nothing", b"-----BEGIN X-----\nAAAA\n-----END X-----\n", None])
def test_a_key_file_that_holds_no_key_is_named(tmp_path: Path, content: bytes | None) -> None:
    path = tmp_path / "vault.key"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(Refusal, match="vault_key_file"):
        Vault.from_file(path)


def test_a_key_of_another_kind_is_refused(tmp_path: Path) -> None:
    (tmp_path / "vault.key").write_bytes(pem(Ed25519PrivateKey.generate()))
    with pytest.raises(Refusal, match="X25519"):
        Vault.from_file(tmp_path / "vault.key")


@pytest.mark.parametrize("parts", [["list"], {"email": "x"}, {"name": 1}, {"name": "长" * 201}, None])
def test_an_identity_of_another_shape_is_refused_without_telling_its_content(parts: object) -> None:
    with pytest.raises(Refusal) as refused:
        Identity.of(parts)
    assert "长" not in str(refused.value)


def test_an_identity_never_shows_itself() -> None:
    assert "欧阳" not in repr(PERSON)
    assert "138" not in f"{PERSON}"


def test_what_is_not_base64_is_refused() -> None:
    with pytest.raises(Refusal, match="base64"):
        decoded("不是")
