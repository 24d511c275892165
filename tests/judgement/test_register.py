"""The contract of the register: what it tells of a case's past is what the real ledger tells."""

from __future__ import annotations

from pathlib import Path

from bot.domain.history import UNASKED, History
from simulator.scenarios.build import build
from simulator.scenarios.playing import cases_of
from tests.judgement.bridge import Bridge
from tests.judgement.register import Register
from tests.unit.ledger.story import RUN, decision, story_at


def _plain(history: History) -> dict[str, object]:
    """By id, without the moments of looking: the register keeps them by the world's clock, the ledger by its own."""
    likes = {like.case.aftersale_id: like.distance for like in history.of_pictures}
    kinds = {"order": history.of_order, "buyer": history.of_buyer, "waybill": history.of_waybill}
    cases = {kind: {one.aftersale_id: one.model_dump(exclude={"seen_at"}) for one in kinds[kind]} for kind in kinds}
    return {**cases, "likes": likes, "day": history.day, "asked": history.asked}


def test_the_register_tells_what_the_ledger_tells(tmp_path: Path) -> None:
    built = build("patterns", 5, 100, monotonic=lambda: 0.0)
    bridge, register, story = Bridge(built), Register(), story_at(tmp_path / "ledger.db")
    told = 0
    for case in cases_of(built):
        page, now = bridge.snapshot(case), bridge.now()
        mine, theirs = register.history(page, now), story.ledger.history(page, now)
        assert _plain(mine) == _plain(theirs), case.truth.archetype
        told += bool(mine.of_order or mine.of_buyer or mine.of_waybill or mine.of_pictures)
        made = decision().model_copy(update={"case": page.key, "decided_at": now, "fingerprint": page.fingerprint})
        story.ledger.decided(RUN, page, {}, UNASKED, made)
        register.saw(page, now)
    story.ledger.close()
    assert told >= 5
