"""A rotation of the vault's key: what was sealed to an old key is sealed to the new one, a little at a time (I3, X11).

Every row says to which key it is sealed, so that a rotation that is killed goes on where it was.
"""

import base64
import json
from typing import Any

from sqlmodel import Session

from services.intake import store
from services.intake.models.keys import KeysOut
from services.intake.rules import Rules
from services.intake.vault import Vault
from shared.errors import Refusal
from shared.store import Tx

BATCH = 100


def reseal(rules: Rules, tx: Tx) -> int:
    """Seal one batch anew; gives how many rows it was, 0 when all are sealed to the current key."""
    vault = rules.vault
    if len(vault.key_ids) < 2:
        return 0
    done = 0
    for name, renew in (("vault", _identity), ("repair", _repair), ("information", _information)):
        for row in store.resealing.sealed_to_others(tx.session, name, vault.current, BATCH - done):
            try:
                changes = renew(vault, row) | {"key_id": vault.current}
            except Refusal:
                changes = {"key_id": store.resealing.LOST}
            store.resealing.put(tx.session, name, row, changes)
            done += 1
        if done >= BATCH:
            break
    return done


def keys(rules: Rules, session: Session) -> KeysOut:
    """The keys in use and how much is sealed to which; a rotation may end when all is sealed to the current one."""
    vault, counts = rules.vault, store.resealing.by_key(session)
    lost, current = counts.pop(store.resealing.LOST, 0), counts.pop(vault.current, 0)
    unnamed = counts.pop("", 0)
    if len(vault.key_ids) == 1:  # from before keys had names: there was this key only
        current, unnamed = current + unnamed, 0
    waiting = unnamed + sum(counts.values())
    return KeysOut(current=vault.current, keys=list(vault.key_ids), sealed=current, waiting=waiting, unreadable=lost)


def renewed_body(vault: Vault, source: str, body: bytes) -> bytes:
    """A broken report with the identity in it sealed to the current key, if it opens; else as it is."""
    try:
        event: Any = json.loads(body)
        data = event["data"]
        about = f"{source}|{data['ticket']}"
        sealed = base64.b64decode(data["sealed_identity"], validate=True)
        data["sealed_identity"] = base64.b64encode(vault.renewed("vault", about, sealed)).decode()
    except (ValueError, RecursionError, KeyError, TypeError, Refusal):
        return body
    return json.dumps(event, ensure_ascii=False).encode()


def _identity(vault: Vault, row: dict[str, Any]) -> dict[str, Any]:
    changes: dict[str, Any] = {}
    if row["identity"]:
        changes["identity"] = vault.renewed("vault", f"{row['source']}|{row['ticket']}", row["identity"])
    if row["original"]:
        changes["original"] = vault.renewed("text", row["number"], row["original"])
    return changes


def _repair(vault: Vault, row: dict[str, Any]) -> dict[str, Any]:
    if not row["body"]:
        return {}
    body = renewed_body(vault, row["source"], vault.open("repair", row["id"], row["body"]))
    return {"body": vault.seal("repair", row["id"], body)}


def _information(vault: Vault, row: dict[str, Any]) -> dict[str, Any]:
    return {"original": vault.renewed("text", row["number"], row["original"])} if row["original"] else {}
