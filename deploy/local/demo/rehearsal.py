"""A rehearsal of a meeting in a few seconds, through the public interface: for pictures of pages, and for tests.

Everybody drawn comes, every unit that is to speak speaks, nobody asks anything; then the ballots are open.
"""

from __future__ import annotations

import os
import secrets
import time
from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from cryptography.hazmat.primitives.asymmetric import ec

from services.scoring.domain.ballot import public_text
from services.scoring.domain.cards import Card, card_list, make_cards
from services.scoring.domain.freezing import commit
from services.scoring.domain.note import signer

Act = Callable[[str, str, Any], Any]
"""Role, path (below the service's address), body (None: read) → what is answered; it must go well."""
CARDS = 70
ZONE = ZoneInfo("Asia/Shanghai")
"""The programme's: the meeting is announced for its own day there."""


def rehearse(
    act: Act, meeting: str, units: Sequence[str], cycle: str, pool: str, secret: ec.EllipticCurvePrivateKey,
    *, to_ballots: bool = True,
) -> tuple[Card, ...]:  # fmt: skip
    """Bring a rehearsal up to its open ballots, or to its questions; its cards. secret: the key that opens ballots."""
    path = f"/api/v1/meetings/{meeting}"
    cards, drawn = to_check_in(act, meeting, units, cycle, pool, secret)
    _hold(act, path, [person for people in drawn.values() for person in people])
    if to_ballots:
        act("office", f"{path}/ballots-opening", {})
    return cards


def to_check_in(
    act: Act, meeting: str, units: Sequence[str], cycle: str, pool: str, secret: ec.EllipticCurvePrivateKey,
    *, rehearsal: bool = True,
) -> tuple[tuple[Card, ...], dict[str, list[str]]]:  # fmt: skip
    """Bring a meeting of today up to the opening of its check-in: its cards, and who is drawn by stratum."""
    path = f"/api/v1/meetings/{meeting}"
    body = {
        "name": meeting, "cycle": cycle, "date": str(datetime.now(ZONE).date()), "pool": pool, "rehearsal": rehearsal,
        "units": list(units),
    }  # fmt: skip
    act("office", "/api/v1/meetings", body)
    tellers = [signer(f"teller-{i}", os.urandom(32)) for i in range(1, 6)]
    ring = [("teller", one) for one in tellers] + [("scrutineer", signer("scrutineer-1", os.urandom(32)))]
    for role, one in ring:
        act("office", f"{path}/keys", {"role": role, "vkey": one.vkey})
    drawn = _draw(act, meeting)
    act("teller", f"{path}/key", {"public_key": public_text(secret.public_key())})
    cards = make_cards(CARDS, os.urandom)
    listed = card_list(meeting, cards)
    signatures = [one.sign(listed.note_text) for one in tellers[:2]]
    act("teller", f"{path}/cards", {"cards": [c.hash for c in cards], "signatures": signatures})
    act("office", f"{path}/announcement", {"place": "会议中心", "starts_at": datetime.now(ZONE).isoformat()})
    act("office", f"{path}/check-in-opening", {})
    return cards, drawn


def _draw(act: Act, meeting: str) -> dict[str, list[str]]:
    path = f"/api/v1/meetings/{meeting}"
    nonce, value = os.urandom(32), "枫桥夜泊"
    act("witness", f"{path}/commitments", {"witness": "w1", "commitment": commit(nonce, value)})
    cut_off = datetime.now(UTC) + timedelta(seconds=3)  # in whole seconds it still lies ahead
    act(
        "office", f"{path}/freezing", {"public_source": f"{meeting} 当晚的开奖号码", "cut_off": cut_off.isoformat()}
    )  # fmt: skip
    while datetime.now(UTC) < cut_off:
        time.sleep(0.05)  # the public value is not known before
    reveal = {"witness": "w1", "nonce": nonce.hex(), "value": value}
    dice = [secrets.randbelow(10) for _ in range(20)]
    entropy = {"public_value": f"{meeting}: 03 08 14 21 27", "dice": dice, "reveals": [reveal]}
    seated: dict[str, list[str]] = act("office", f"{path}/draw", entropy)["seated"]
    return seated


def _hold(act: Act, path: str, seated: Sequence[str]) -> None:
    for person in seated:
        act("clerk", f"{path}/check-ins", {"representative": person})
    act("office", f"{path}/statements-opening", {})
    for unit in act("office", f"{path}/announcement", None)["speakers"]["speak"]:
        given = {"presided_by": "主持人", "spoken_by": "主要负责人"}
        act("clerk", f"{path}/statements/{unit}/delivery", given)
    act("office", f"{path}/questions-opening", {})
