"""Claims on leases: one owner a shop, epochs only rise, whoever was replaced is found out."""

from __future__ import annotations

from datetime import timedelta

import pytest

from bot.domain.ids import ShopKey
from bot.errors import LeaseLost
from tests.unit.ledger.story import SHOP, Story


def test_a_live_lease_keeps_other_owners_out_and_is_named_to_them(story: Story) -> None:
    with pytest.raises(LeaseLost, match="held by pc-1") as refused:
        story.ledger.acquire(SHOP, "pc-2", 60)
    assert refused.value.target == str(SHOP)


def test_a_lease_that_ran_out_is_taken_under_a_higher_epoch(story: Story) -> None:
    story.clock.pass_s(60)
    assert story.ledger.acquire(SHOP, "pc-2", 60).epoch == story.lease.epoch + 1


def test_the_same_owner_takes_over_from_its_own_dead_process_at_once(story: Story) -> None:
    again = story.ledger.acquire(SHOP, "pc-1", 60)
    assert again.epoch == story.lease.epoch + 1
    with pytest.raises(LeaseLost):
        story.ledger.renew(story.lease, 60)


def test_renewing_makes_it_last_and_keeps_the_epoch(story: Story) -> None:
    story.clock.pass_s(30)
    renewed = story.ledger.renew(story.lease, 60)
    assert renewed.epoch == story.lease.epoch
    assert renewed.expires_at == story.clock.now() + timedelta(seconds=60)
    story.clock.pass_s(45)
    with pytest.raises(LeaseLost):
        story.ledger.acquire(SHOP, "pc-2", 60)


def test_a_lease_that_ran_out_can_be_renewed_until_somebody_takes_it(story: Story) -> None:
    story.clock.pass_s(600)
    story.ledger.renew(story.lease, 60)
    story.clock.pass_s(600)
    story.ledger.acquire(SHOP, "pc-2", 60)
    with pytest.raises(LeaseLost):
        story.ledger.renew(story.lease, 60)


def test_a_released_shop_is_free_at_once_and_the_epoch_still_rises(story: Story) -> None:
    story.ledger.release(story.lease)
    assert story.ledger.acquire(SHOP, "pc-2", 60).epoch == story.lease.epoch + 1


def test_releasing_a_lost_lease_takes_nothing_from_its_new_owner(story: Story) -> None:
    story.clock.pass_s(61)
    taken = story.ledger.acquire(SHOP, "pc-2", 60)
    head = story.ledger.head()
    story.ledger.release(story.lease)
    assert story.ledger.head() == head
    assert story.ledger.renew(taken, 60).epoch == taken.epoch


def test_shops_have_leases_of_their_own(story: Story) -> None:
    assert story.ledger.acquire(ShopKey(platform="jd", shop_id="s1"), "pc-2", 60).epoch == 1
