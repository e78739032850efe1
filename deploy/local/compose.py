"""What docker-compose.yml needs before its first start: keys, the broker's configuration, passwords in .env."""

from __future__ import annotations

import os
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

from deploy.local import bus_config, certificates
from deploy.local.keys import Keyring, write_private
from deploy.local.layout import SERVICES
from deploy.local.outside import named

SECRETS = "compose-secrets"
EVIDENCE = "compose-evidence"


def prepare(
    project: Path,
    sources: Sequence[str],
    meetings: Sequence[str],
    hall_names: Sequence[str] = (),
    offices: Sequence[str] = (),
) -> list[Path]:
    """Write `compose-secrets/` and `.env` in the project's folder; what is there already is kept and reused.

    offices: lower offices that file their results here.
    hall_names: names or addresses by which terminals reach this machine, beside those it knows of itself.
    Returns what was written. Raises Refusal for a name that cannot be a subject token, or be certified.
    """
    outside = [named(name, "source") for name in sources] + [named(name, "meeting") for name in meetings]
    outside += [named(name, "office") for name in offices]
    folder = project / SECRETS
    folder.mkdir(mode=0o700, exist_ok=True)
    keys = Keyring(folder)
    (project / EVIDENCE).mkdir(mode=0o700, exist_ok=True)
    files = [*(keys.password_file(user) for user in (*SERVICES, *bus_config.TOOLS))]
    files += [keys.token_key_file(), keys.token_public_key_file(), keys.seal_key_file()]
    files += [keys.vault_key_file(), keys.vault_public_key_file()]
    tls = certificates.ensure(folder, datetime.now(UTC), hall_names, certificates.names_here())
    files += [tls.authority, tls.chain, tls.key]
    conf = folder / "nats.conf"
    text = bus_config.text(listen="0.0.0.0:4222", store="/data", keyring=keys, outside=outside)
    write_private(conf, text.encode())
    env = project / ".env"
    write_private(env, "".join(f"{name}={value}\n" for name, value in variables(keys).items()).encode())
    return [*files, conf, env]


def variables(keys: Keyring) -> dict[str, str]:
    """The variables of .env: whose files the secrets are, and the passwords that only fit into addresses."""
    return {
        "MINPING_UID": str(os.getuid()),
        "MINPING_GID": str(os.getgid()),
        "MINPING_JETSTREAM_KEY": keys.jetstream_key(),
        "VALKEY_PASSWORD": keys.password("valkey"),
        "POSTGRES_PASSWORD": keys.password("postgres"),
        **{f"POSTGRES_PASSWORD_{name.upper()}": keys.password(f"postgres-{name}") for name in SERVICES},
    }
