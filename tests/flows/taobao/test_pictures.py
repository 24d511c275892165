"""Claims on the buyer's pictures: each is looked at once, known again by what it looks like, and no part of the fingerprint."""

from __future__ import annotations

import pytest

from bot.domain.facts import Known
from bot.domain.ids import CaseKey
from bot.domain.pictures import ALIKE, distance
from tests.flows.taobao.conftest import Ground

pytestmark = pytest.mark.asyncio(loop_scope="session")


def cases_with_pictures(ground: Ground) -> list[CaseKey]:
    """Cases whose buyer showed pictures (docs/simulator.md, row 14)."""
    found = [case for case in ground.simulator.get("cases") if case["truth"]["archetype"] == "quality_pictures"]
    shop = ground.shop["shop_id"]
    return [
        CaseKey(platform="taobao", shop_id=shop, aftersale_id=case["aftersale_id"])
        for case in found
        if case["shop_id"] == shop
    ]


async def test_every_picture_has_a_hash_and_strange_ones_are_far_apart(ground: Ground) -> None:
    seen: list[str] = []
    for case in cases_with_pictures(ground)[:3]:
        async with ground.opened(case) as (_, snapshot):
            assert isinstance(snapshot.picture_hashes, Known)
            assert len(snapshot.picture_hashes.value) == len(snapshot.buyer_pictures) > 0
            seen += snapshot.picture_hashes.value
    assert all(seen)
    assert all(distance(left, right) > ALIKE for place, left in enumerate(seen) for right in seen[:place])


async def test_reading_again_looks_no_more_and_the_fingerprint_knows_no_hash(ground: Ground) -> None:
    (case, *_) = cases_with_pictures(ground)
    async with ground.opened(case) as (page, first):
        page._looks = dict.fromkeys(first.buyer_pictures, "")
        again = await page.read()
        assert isinstance(again.picture_hashes, Known)
        assert not any(again.picture_hashes.value)
        assert again.fingerprint == first.fingerprint


async def test_a_case_without_pictures_has_none_to_look_at(ground: Ground) -> None:
    async with ground.opened(ground.fresh("intercept")) as (_, snapshot):
        assert isinstance(snapshot.picture_hashes, Known)
        assert snapshot.picture_hashes.value == snapshot.buyer_pictures == ()
