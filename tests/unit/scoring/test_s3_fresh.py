"""S3: a later draw needs fresh entropy."""

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest

from services.scoring.domain import freezing
from services.scoring.domain.fresh import check_fresh_draw, check_fresh_freeze, used
from services.scoring.domain.pool import Candidate
from shared.errors import Refusal

CUT_OFF = datetime(2026, 6, 29, 13, 15, tzinfo=UTC)


def frozen_on(world: Any, frozen_at: datetime, source: str = "福彩3D 第2026199期", witness: bytes = b"n" * 32) -> Any:
    content = json.loads(world.frozen.data)
    return freezing.freeze(
        meeting="M-2",
        rules_version="1",
        candidates=[Candidate(e["id"], e["stratum"]) for e in content["pool"]],
        excluded=(),
        seats=content["seats"],
        ordinary=content["ordinary"]["strata"],
        least_ordinary=Decimal("0.75"),
        public_entropy=freezing.PublicEntropy(source, frozen_at + timedelta(hours=5)),
        witnesses=(freezing.Commitment("甲", freezing.commit(witness, "v")),),
        frozen_at=frozen_at,
    )


def test_s3_what_an_earlier_draw_used_is_read_from_its_proof(world: Any) -> None:
    found = used(world.proof)
    assert (found.meeting, found.source, found.cut_off) == ("M-1", "福彩3D 第2026171期", CUT_OFF)
    assert found.pool_hash == world.frozen.hash
    assert (7,) * 20 in found.throws and len(found.throws) == 2 and len(found.commitments) == 2


def test_s3_a_second_draw_with_the_public_value_of_the_first_is_refused(world: Any) -> None:
    earlier, later = used(world.proof), CUT_OFF + timedelta(days=1)
    check_fresh_freeze(frozen_on(world, later), [earlier])
    for source in ("福彩3D 第2026171期", "福彩3D  第 2026171期"):
        with pytest.raises(Refusal, match="its value is known") as refused:
            check_fresh_freeze(frozen_on(world, later, source), [earlier])
        assert (refused.value.field, refused.value.status) == ("public_source", 409)


def test_s3_a_second_draw_with_a_commitment_of_the_first_is_refused(world: Any) -> None:
    later = frozen_on(world, CUT_OFF + timedelta(days=1))
    again = {one["commitment"] for one in later.content["witnesses"]}
    earlier = replace(used(world.proof), commitments=frozenset(again))
    with pytest.raises(Refusal, match="revealed what is behind it"):
        check_fresh_freeze(later, [earlier])


def test_s3_a_second_draw_with_the_throws_of_the_first_is_refused(world: Any) -> None:
    earlier, later = used(world.proof), frozen_on(world, CUT_OFF + timedelta(days=1))
    check_fresh_draw(later, [(1, 2) * 10], [earlier])
    with pytest.raises(Refusal, match="used these very throws") as refused:
        check_fresh_draw(later, [(1, 2) * 10, (7,) * 20], [earlier])
    assert refused.value.field == "dice"


def test_s3_a_frozen_pool_is_drawn_once(world: Any) -> None:
    with pytest.raises(Refusal, match="this pool was drawn already, for M-1"):
        check_fresh_draw(world.frozen, [(1, 2) * 10], [used(world.proof)])


def test_s3_draws_of_one_evening_may_share_lottery_and_dice_because_all_were_frozen_before(world: Any) -> None:
    same_evening = frozen_on(world, CUT_OFF - timedelta(hours=4), "福彩3D 第2026171期")
    check_fresh_freeze(same_evening, [used(world.proof)])
    check_fresh_draw(same_evening, [(7,) * 20], [used(world.proof)])
