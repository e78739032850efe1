"""The one secret of a house that what happens hangs on: the vault's, from which hidden inspection plans are drawn (I9).

A simulated house gets it from the seed, before it starts: the same seed draws the same targets. Nobody real stands in
its vault; a house for people makes its own (`deploy/local/keys.py`).
"""

import hashlib
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey

from deploy.local.keys import write_private
from deploy.local.layout import Layout
from services.intake.vault import codes_of, write_keys

VAULT = "vault.key"


def seeded_vault(folder: Path, seed: int) -> None:
    """Lay the vault's key of this seed into a new data folder; one that is there already stays."""
    layout = Layout(folder)
    layout.create()
    path = layout.secrets / VAULT
    if not path.exists():
        key = X25519PrivateKey.from_private_bytes(hashlib.sha256(f"minping-simulate {seed}".encode()).digest())
        write_private(path, write_keys([key], codes_of(key)))
