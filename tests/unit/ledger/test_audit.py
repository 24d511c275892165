"""Claims on the audit: an honest history has no finding, and each planted bug is named by its invariant (oracles need tests)."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path

import pytest

from bot.catalogue import Catalogue, Language
from bot.domain.action import Intercept, Mark, Remark, Verb
from bot.domain.base import Sha256
from bot.domain.decision import ProofKind
from bot.domain.evidence import EvidenceKind
from bot.domain.hand import Instead
from bot.domain.history import UNASKED
from bot.domain.ids import RunId
from bot.domain.money import Money
from bot.domain.outcome import CaseStatus
from bot.ledger import Finding, audit
from bot.ledger.intents import STEPS
from bot.ledger.invariants import _AFTER
from tests.unit.ledger.planted import PLANTED, Plant
from tests.unit.ledger.story import (
    RUN,
    SHOP,
    WHY,
    Story,
    decision,
    evidence,
    key,
    refuse,
    row,
    snapshot,
    story_at,
    trails,
)


@pytest.mark.parametrize("plant", PLANTED, ids=lambda plant: plant.__name__)
def test_a_planted_bug_is_named_by_its_invariant_and_by_no_other(
    story: Story, monkeypatch: pytest.MonkeyPatch, plant: Plant
) -> None:
    plant(story, monkeypatch)
    result = audit(story.ledger.engine, None)
    assert {found.invariant for found in result.findings} == {PLANTED[plant]}, [found.what for found in result.findings]
    assert not result.ok
    for language in Language:
        for found in result.findings:
            text = Catalogue(language).text(found.reason)
            assert found.reason.code not in text
            assert "{" not in text


def honest(story: Story) -> None:
    """Every kind of event there is, as an honest sweep leaves them."""
    story.whole(1)
    story.ledger.keep(RUN, key(2), evidence())
    story.judge(2, Verb.REFUSE, proofs=(ProofKind.TRAIL,))
    story.settle(story.send(2, action=refuse((evidence().sha256,))), 0)
    story.settle(story.send(2, action=Remark(text="备注"), fingerprint="later"), 0)
    story.judge(3, Verb.INTERCEPT, max_fee=Money(900))
    story.settle(story.send(3, action=Intercept(waybill="SF1", fee=Money(800))), 800, CaseStatus.WAITING)
    story.judge(4)
    story.ledger.void(story.arm(4).id, WHY, story.lease)
    story.settle(story.send(4), 1_050)
    story.judge(5)
    story.ledger.leave_unknown(story.send(5).id, story.hold(5), story.lease)
    story.judge(6)
    late = story.send(6)
    story.lease = story.ledger.acquire(SHOP, "pc-1", 60)
    story.settle(late)
    story.ledger.saw(RUN, [row(7), row(8)])
    story.ledger.hold(RUN, story.hold(7))
    story.by_hand(9)
    story.by_hand(10, second_above=999, approved_by="Wang")
    story.judge(11)
    lost = story.send(11)
    story.ledger.leave_unknown(lost.id, story.hold(11), story.lease)
    story.decide(11, Verb.HOLD, instead=Instead.RELEASE, approved_by="Wang")
    story.ledger.void(lost.id, WHY, story.lease)
    story.ledger.hold(RUN, story.hold(11))
    story.ledger.conclude(RUN, key(8), CaseStatus.FOREIGN, [WHY])
    story.ledger.set_breaker(SHOP, "page")
    story.ledger.close_run(RUN, {"seen": 8})
    story.ledger.release(story.lease)


def test_an_honest_history_has_no_finding(story: Story) -> None:
    honest(story)
    result = audit(story.ledger.engine, None)
    assert result.findings == ()
    assert result.ok


def test_only_looking_ends_with_the_decision() -> None:
    story = story_at(":memory:")
    watching = RunId("watching")
    story.ledger.open_run(watching, SHOP, "observe", "c", "p")
    story.ledger.saw(watching, [row()])
    story.ledger.decided(watching, snapshot(), trails(), UNASKED, decision())
    story.ledger.close_run(watching, {})
    assert audit(story.ledger.engine, None).ok
    story.ledger.close()


def test_the_result_is_ready_for_json(story: Story) -> None:
    story.ledger.conclude(RUN, key(), CaseStatus.FAILED, [])
    told = json.loads(json.dumps(audit(story.ledger.engine, None).as_json()))
    assert (told["ok"], told["events"], told["head"]["seq"]) == (False, 3, 3)
    assert told["findings"] == [
        {
            "invariant": "I8",
            "row": "event 3",
            "code": "audit.unexplained",
            "params": {"case": "taobao/s1/a1"},
            "what": "audit.unexplained: case=taobao/s1/a1",
        }
    ]
    assert Finding("I8", "x", WHY).what == "test.why"


def keep_file(story: Story, root: Path, data: bytes) -> Path:
    sha = Sha256(hashlib.sha256(data).hexdigest())
    kept = evidence().model_copy(update={"sha256": sha, "kind": EvidenceKind.BEFORE})
    story.ledger.keep(RUN, key(), kept)
    path = root / sha[:2] / f"{sha}.png"
    path.parent.mkdir(exist_ok=True)
    path.write_bytes(data)
    return path


def test_pictures_on_the_disk_are_compared_with_what_was_kept(story: Story, tmp_path: Path) -> None:
    gone, altered, _ = (keep_file(story, tmp_path, data) for data in (b"gone", b"altered", b"whole"))
    assert audit(story.ledger.engine, tmp_path).ok
    gone.unlink()
    altered.write_bytes(b"another")
    (tmp_path / f"{'0' * 64}.png").write_bytes(b"stray")
    (tmp_path / "notes.txt").write_text("not ours", encoding="utf-8")
    result = audit(story.ledger.engine, tmp_path)
    assert {(found.reason.code, found.row) for found in result.findings} == {
        ("audit.picture_missing", f"picture {gone.stem}"),
        ("audit.picture_altered", f"picture {altered.stem}"),
    }
    assert [note.reason.code for note in result.notes] == ["audit.picture_orphaned"]


def test_a_picture_left_by_a_kill_is_a_note_and_no_fault(story: Story, tmp_path: Path) -> None:
    (tmp_path / f"{'0' * 64}.png").write_bytes(b"stray")
    result = audit(story.ledger.engine, tmp_path)
    assert result.ok
    assert len(result.notes) == 1


def test_the_audit_changes_nothing(story: Story) -> None:
    honest(story)
    before = [story.ledger.head(), story.ledger.lines(RUN), story.ledger.counts()]
    audit(story.ledger.engine, None)
    assert [story.ledger.head(), story.ledger.lines(RUN), story.ledger.counts()] == before


def test_every_mark_has_its_event_and_the_audit_knows_what_may_follow_it() -> None:
    twin = {(before.value, step.kind.removeprefix("intent.")) for step in STEPS.values() for before in step.after}
    assert twin == {
        (kind.removeprefix("intent."), after.removeprefix("intent."))
        for kind, follows in _AFTER.items()
        for after in follows
    }
    assert {kind.removeprefix("intent.") for kind in _AFTER} == {mark.value for mark in Mark}
