"""Claims on personal data: none of it in the chain, and a buyer can be forgotten while sums and chain stay (S22)."""

from __future__ import annotations

import json
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest
from sqlalchemy import select

from bot.domain.case import BuyerRecord
from bot.domain.decision import Reason
from bot.domain.history import UNASKED
from bot.domain.ids import RunId
from bot.domain.outcome import CaseStatus
from bot.errors import LedgerError
from bot.ledger import audit, schema
from tests.unit.ledger.story import BUYER, RUN, SHOP, WHY, Story, decision, evidence, key, snapshot, trails

TEXTS = (BUYER, "快点退我", "杭州", "不想要了", "电话138")


def told(story: Story) -> None:
    """A buyer with a refund and a hold whose reason carries his words, beside another buyer."""
    story.whole(1)
    story.ledger.keep(RUN, key(1), evidence())
    story.judge(2)
    spoken = Reason(code="page.unreadable", params={"raw": "电话138"})
    story.ledger.hold(RUN, story.hold(2).model_copy(update={"reasons": (spoken,)}))
    other = snapshot(3, buyer=BuyerRecord(name="李**", aftersales_90d=0, refusals_90d=0), buyer_text="")
    story.ledger.decided(
        RUN, other, trails(), UNASKED, decision(3).model_copy(update={"fingerprint": other.fingerprint})
    )
    story.ledger.conclude(RUN, key(3), CaseStatus.FOREIGN, [WHY])


def test_no_name_and_no_text_of_a_person_is_in_the_chain(story: Story) -> None:
    told(story)
    with story.ledger._store.reading() as db:
        chain = json.dumps([list(map(str, row)) for row in db.execute(select(schema.events))], ensure_ascii=False)
    assert not [text for text in TEXTS if text in chain]


def test_a_forgotten_buyer_is_in_no_table(on_disk: Story, tmp_path: Path) -> None:
    told(on_disk)
    on_disk.ledger.erase_buyer(SHOP, BUYER)
    with closing(sqlite3.connect(tmp_path / "ledger.db")) as raw:
        rows = [
            str(row)
            for (table,) in raw.execute("SELECT name FROM sqlite_master WHERE type = 'table'").fetchall()
            for row in raw.execute(f"SELECT * FROM {table} ")
            if "a3" not in str(row) and "李" not in str(row)
        ]
    assert not [text for text in TEXTS for row in rows if text in row and text != "不想要了"]


def test_sums_receipts_and_chain_stay_valid_without_the_buyer(story: Story) -> None:
    told(story)
    day = story.clock.now().date().isoformat()
    before = sorted((line.posted.fen, line.pending.fen) for line in story.ledger.budgets(day))
    story.ledger.erase_buyer(SHOP, BUYER)
    assert sorted((line.posted.fen, line.pending.fen) for line in story.ledger.budgets(day)) == before
    assert audit(story.ledger.engine, None).ok
    first, second, other = sorted(story.ledger.lines(RUN), key=lambda line: line.case.aftersale_id)
    ((intent, receipt),) = first.receipts
    assert (receipt.amount.fen, intent.buyer != BUYER, intent.buyer != "") == (1_000, True, True)
    assert (first.snapshot, first.decision, first.evidence, first.status) == (None, None, (), CaseStatus.DONE)
    assert (second.reasons, second.status, second.owner) == ((), CaseStatus.HELD, "ops")
    assert other.snapshot is not None
    assert len(list(story.ledger.decisions(RUN))) == 1


def test_the_pictures_to_delete_are_named(story: Story) -> None:
    told(story)
    assert story.ledger.erase_buyer(SHOP, BUYER) == (evidence().sha256,)
    assert story.ledger.erase_buyer(SHOP, BUYER) == ()


def test_forgetting_a_stranger_is_no_event(story: Story) -> None:
    head = story.ledger.head()
    assert story.ledger.erase_buyer(SHOP, "谁也不是") == ()
    assert story.ledger.head() == head


def test_a_buyer_who_comes_back_begins_anew(story: Story) -> None:
    told(story)
    story.ledger.erase_buyer(SHOP, BUYER)
    later = RunId("run-2")
    story.ledger.open_run(later, SHOP, "act", "c", "p")
    story.arm(9, run=later)
    assert story.spent(f"buyer:{BUYER}") == (0, 1_000)


def test_an_erased_payload_that_no_erasure_names_is_a_finding(story: Story) -> None:
    told(story)
    with story.ledger._write() as tx:
        tx.db.exec_driver_sql("UPDATE payloads SET body = NULL, salt = '' WHERE seq = 4")
    assert [found.reason.code for found in audit(story.ledger.engine, None).findings] == ["audit.payload.missing"]


def test_errors_of_the_store_show_no_parameters(story: Story) -> None:
    story.arm(1)
    with pytest.raises(LedgerError) as refused:
        story.arm(2, id="i1")
    shown = f"{refused.value} {refused.value.__cause__}"
    assert BUYER not in shown
    assert "buyer-" not in shown
