"""A page that failed leaves its picture with the hold and a bundle for whoever mends it; one that came right leaves nothing (F29)."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from bot.domain.action import Action
from bot.domain.case import Snapshot
from bot.domain.evidence import EvidenceKind
from bot.domain.outcome import CaseStatus
from bot.errors import NotSent, Sight, TargetMissing, Unreadable
from bot.ports.desks import Listing, Permit
from bot.ports.ledger import CaseLine
from tests.simulation.harness import World
from tests.simulation.model_floor import ModelFloor, ModelPage

CASE = "0000"
SEEN = Sight(b"picture of 0000", "<html>0000")


def line_of(world: World) -> CaseLine:
    return next(line for line in world.ledger.lines(world.ledger.runs(1)[0]) if line.case.aftersale_id == CASE)


def blind(monkeypatch: pytest.MonkeyPatch, times: int) -> None:
    """The first reads of one case find no amount on its page."""
    read, left = ModelPage.read, [times]

    async def half_blind(page: ModelPage) -> Snapshot:
        if page._case.id == CASE and left[0]:
            left[0] -= 1
            raise Unreadable("no amount", target="detail.amount", page="http://shop/detail?id=0000", raw="¥1O")
        return await read(page)

    monkeypatch.setattr(ModelPage, "read", half_blind)


async def test_unreadable_page_is_kept_with_its_hold(monkeypatch: pytest.MonkeyPatch) -> None:
    blind(monkeypatch, times=3)
    world = World(seed=1)
    await world.sweep(pictures=True)
    line = line_of(world)
    assert line.status is CaseStatus.HELD
    (kept,) = line.evidence
    assert (kept.kind, world.evidence.get(kept.sha256)) == (EvidenceKind.FAILURE, SEEN.picture)
    ((failure, sight),) = world.failures.kept
    assert sight == SEEN
    assert (failure.case_id, failure.target, failure.page, failure.raw) == (
        CASE,
        "detail.amount",
        "http://shop/detail",
        "¥1O",
    )
    assert failure.at is not None, "who re-reads the page has to know when it stood there"


async def test_page_that_is_read_at_the_third_try_leaves_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    blind(monkeypatch, times=2)
    world = World(seed=1)
    await world.sweep(pictures=True)
    assert EvidenceKind.FAILURE not in {kept.kind for kept in line_of(world).evidence}
    assert world.failures.kept == []


async def test_shop_without_pictures_keeps_the_bundle_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    blind(monkeypatch, times=3)
    world = World(seed=1)
    await world.sweep(pictures=False)
    assert line_of(world).evidence == ()
    assert [sight for _, sight in world.failures.kept] == [SEEN]


async def test_button_that_moved_is_shown_as_it_stood(monkeypatch: pytest.MonkeyPatch) -> None:
    perform = ModelPage.perform

    async def moved(page: ModelPage, action: Action, permit: Permit) -> None:
        if permit.case.aftersale_id == CASE:
            raise NotSent("no such button", case=CASE, target="detail.agree_refund", code="error.page.target_missing")
        await perform(page, action, permit)

    monkeypatch.setattr(ModelPage, "perform", moved)
    world = World(seed=1)
    await world.sweep(pictures=True)
    assert {kept.kind for kept in line_of(world).evidence} == {EvidenceKind.BEFORE, EvidenceKind.FAILURE}
    ((failure, sight),) = world.failures.kept
    assert (failure.target, sight) == ("detail.agree_refund", SEEN)


class Drifted(ModelFloor):
    """Its list has another pager than the one we know."""

    async def list_pending(self, progress: Callable[[int, int], None], known: frozenset[str] | None = None) -> Listing:
        error = TargetMissing("0 buttons named next", target="list.next")
        error.sight = SEEN
        raise error


async def test_list_that_cannot_be_read_leaves_a_bundle_without_a_case() -> None:
    world = World(seed=1)
    world.floor = Drifted(world.shop)
    result = await world.sweep(pictures=True)
    assert result.stopped is not None
    ((failure, sight),) = world.failures.kept
    assert (failure.case_id, failure.target, sight) == ("", "list.next", SEEN)


async def test_picture_that_is_none_costs_no_hold(monkeypatch: pytest.MonkeyPatch) -> None:
    async def gone(page: ModelPage) -> Sight:
        return Sight()

    monkeypatch.setattr(ModelPage, "sight", gone)
    blind(monkeypatch, times=3)
    world = World(seed=1)
    await world.sweep(pictures=True)
    assert (line_of(world).status, line_of(world).evidence) == (CaseStatus.HELD, ())
