"""How a source seals an identity to the vault, so that nobody on the way can read it (I3). This is all there is to it.

HPKE (RFC 9180), base mode: X25519, HKDF-SHA256, AES-256-GCM. `info` binds the seal to source and ticket: moved to
another complaint it does not open. In the event: `"sealed_identity": base64(seal_identity(…))`.
"""

import json
from collections.abc import Mapping

from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PublicKey
from cryptography.hazmat.primitives.hpke import AEAD, KDF, KEM, Suite
from cryptography.hazmat.primitives.serialization import load_pem_public_key

SUITE = Suite(KEM.X25519, KDF.HKDF_SHA256, AEAD.AES_256_GCM)


def seal_identity(public_key_pem: bytes, source: str, ticket: str, identity: Mapping[str, str]) -> bytes:
    """Seal `{name, phone, address, id_number}` (each optional) to the key of GET /api/v1/vault/public-key."""
    key = load_pem_public_key(public_key_pem)
    if not isinstance(key, X25519PublicKey):
        raise TypeError("the vault's key is an X25519 key")
    return SUITE.encrypt(json.dumps(dict(identity)).encode(), key, f"minping-vault|{source}|{ticket}".encode())
