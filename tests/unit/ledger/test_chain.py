"""Claims on the chain: it cannot be changed in passing, and whatever was done to it on purpose is named (S21)."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from contextlib import closing
from datetime import datetime
from pathlib import Path

import pytest

from bot.ledger import Anchor, AuditResult, audit
from bot.ledger.chain import GENESIS, event_hash
from tests.unit.ledger.story import Story

Tamper = Callable[[sqlite3.Connection], object]


def tampered(story: Story, path: Path, tamper: Tamper, anchor: Anchor | None = None) -> AuditResult:
    """What the audit says after somebody with the file in hand has dropped the triggers, tampered, and put them back."""
    with closing(sqlite3.connect(path, isolation_level=None)) as raw:
        guards = raw.execute("SELECT name, sql FROM sqlite_master WHERE type = 'trigger'").fetchall()
        for name, _ in guards:
            raw.execute(f"DROP TRIGGER {name}")
        tamper(raw)
        for _, sql in guards:
            raw.execute(sql)
    return audit(story.ledger.engine, None, anchor=anchor)


def codes(result: AuditResult) -> list[tuple[str, str]]:
    return [(found.row, found.reason.code.removeprefix("audit.")) for found in result.findings]


@pytest.fixture
def told(on_disk: Story) -> Story:
    on_disk.whole(1)
    on_disk.whole(2)
    return on_disk


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "ledger.db"


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE events SET facts = '{}' WHERE seq = 4",
        "DELETE FROM events WHERE seq = 4",
        "INSERT INTO events SELECT 4, at, kind, run, platform, shop_id, aftersale_id, intent, facts, payload_hash, prev, hash FROM events WHERE seq = 5",
        "INSERT OR REPLACE INTO events SELECT 4, at, kind, run, platform, shop_id, aftersale_id, intent, facts, payload_hash, prev, hash FROM events WHERE seq = 5",
        "INSERT INTO events SELECT 99, at, kind, run, platform, shop_id, aftersale_id, intent, facts, payload_hash, prev, hash FROM events WHERE seq = 5",
    ],
)
def test_the_database_itself_refuses_every_change_but_an_append(told: Story, path: Path, statement: str) -> None:
    with closing(sqlite3.connect(path)) as raw, pytest.raises(sqlite3.IntegrityError, match="events are"):
        raw.execute(statement)
    assert audit(told.ledger.engine, None).ok


def test_an_untouched_chain_recomputes(told: Story) -> None:
    result = audit(told.ledger.engine, None, anchor=told.ledger.head())
    assert (result.ok, result.events, result.head) == (True, told.ledger.head().seq, told.ledger.head())


@pytest.mark.parametrize("column", ["at", "kind", "run", "platform", "aftersale_id", "intent", "facts", "payload_hash"])
def test_an_edited_event_is_named(told: Story, path: Path, column: str) -> None:
    value = datetime(2026, 1, 1).astimezone().isoformat() if column == "at" else "{}"
    result = tampered(told, path, lambda raw: raw.execute(f"UPDATE events SET {column} = ? WHERE seq = 6", (value,)))
    assert codes(result) == [("event 6", "chain.edited")]


def test_an_event_edited_and_hashed_anew_breaks_its_joint_with_the_next(told: Story, path: Path) -> None:
    def tamper(raw: sqlite3.Connection) -> None:
        raw.execute("UPDATE events SET facts = '{}' WHERE seq = 6")
        rehash(raw, 6, 6)

    assert codes(tampered(told, path, tamper)) == [("event 7", "chain.broken")]


def test_events_deleted_from_the_middle_are_named(told: Story, path: Path) -> None:
    result = tampered(told, path, lambda raw: raw.execute("DELETE FROM events WHERE seq BETWEEN 5 AND 7"))
    (found,) = result.findings
    assert found.reason.code == "audit.chain.deleted"
    assert found.reason.params == {"first": "5", "last": "7"}


def test_two_events_that_changed_places_are_named(told: Story, path: Path) -> None:
    def tamper(raw: sqlite3.Connection) -> None:
        for was, becomes in ((5, -1), (6, 5), (-1, 6)):
            raw.execute("UPDATE events SET seq = ? WHERE seq = ?", (becomes, was))

    result = tampered(told, path, tamper)
    moved = [found.reason.params for found in result.findings if found.reason.code == "audit.chain.reordered"]
    assert moved == [{"seq": "5", "was": "6"}, {"seq": "6", "was": "5"}]


def test_events_closed_up_over_a_deleted_one_are_still_named(told: Story, path: Path) -> None:
    def tamper(raw: sqlite3.Connection) -> None:
        raw.execute("DELETE FROM events WHERE seq = 5")
        for seq in range(6, told.ledger.head().seq + 1):
            raw.execute("UPDATE events SET seq = ? WHERE seq = ?", (seq - 1, seq))

    result = tampered(told, path, tamper)
    assert not result.ok
    assert ("event 5", "chain.broken") in codes(result)


def test_a_cut_tail_is_named_by_the_head_that_stayed(told: Story, path: Path) -> None:
    last = told.ledger.head().seq
    result = tampered(told, path, lambda raw: raw.execute("DELETE FROM events WHERE seq > ?", (last - 2,)))
    (found,) = result.findings
    assert (found.reason.code, found.reason.params["first"]) == ("audit.chain.cut", str(last - 1))


def test_a_tail_cut_with_its_head_is_seen_with_an_anchor_only(told: Story, path: Path) -> None:
    anchor = told.ledger.head()

    def tamper(raw: sqlite3.Connection) -> None:
        raw.execute("DELETE FROM events WHERE seq > 4")
        raw.execute("UPDATE chain_head SET seq = 4, hash = (SELECT hash FROM events WHERE seq = 4)")

    without = tampered(told, path, tamper)
    assert not any(code.startswith("chain") for _, code in codes(without))
    assert codes(audit(told.ledger.engine, None, anchor=anchor)) == [("event 5", "chain.cut")]


def test_a_head_that_names_another_event_is_said_so(told: Story, path: Path) -> None:
    result = tampered(told, path, lambda raw: raw.execute("UPDATE chain_head SET hash = 'x'"))
    assert [code for _, code in codes(result)] == ["chain.head"]


def test_a_full_rewrite_is_seen_with_an_anchor_only(told: Story, path: Path) -> None:
    anchor = told.ledger.head()

    def tamper(raw: sqlite3.Connection) -> None:
        raw.execute("UPDATE events SET run = 'run-1 ' WHERE seq = 4")
        rehash(raw, 4, anchor.seq)
        raw.execute("UPDATE chain_head SET hash = (SELECT hash FROM events WHERE seq = ?)", (anchor.seq,))

    without = tampered(told, path, tamper)
    assert not any(code.startswith("chain") for _, code in codes(without))
    assert codes(audit(told.ledger.engine, None, anchor=anchor)) == [(f"event {anchor.seq}", "chain.rewritten")]


def test_an_older_copy_of_the_file_is_told_by_the_anchor(told: Story, path: Path) -> None:
    """F42: a backup put back is a cut tail to whoever kept a later anchor."""
    later = Anchor(told.ledger.head().seq + 3, "f" * 64)
    assert [code for _, code in codes(audit(told.ledger.engine, None, anchor=later))] == ["chain.cut"]


def test_missing_triggers_are_noticed(told: Story, path: Path) -> None:
    with closing(sqlite3.connect(path)) as raw:
        raw.execute("DROP TRIGGER events_no_update")
    assert [code for _, code in codes(audit(told.ledger.engine, None))] == ["chain.unguarded"]


@pytest.mark.parametrize(
    ("statement", "code"),
    [
        ("UPDATE payloads SET body = replace(body, '1000', '9000') WHERE seq = 4", "payload.edited"),
        ("UPDATE payloads SET body = NULL WHERE seq = 4", "payload.missing"),
        ("DELETE FROM payloads WHERE seq = 3", "payload.missing"),
    ],
)
def test_what_stands_beside_the_chain_is_held_by_it(told: Story, path: Path, statement: str, code: str) -> None:
    with closing(sqlite3.connect(path)) as raw, raw:
        raw.execute(statement)
    assert code in [code for _, code in codes(audit(told.ledger.engine, None))]


def test_thousands_of_misfits_are_named_without_asking_where_each_stood(
    told: Story, path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("bot.ledger.verify._CROWD", 3)
    result = tampered(told, path, lambda raw: raw.execute("UPDATE events SET intent = 'x' WHERE seq > 3"))
    assert {code for _, code in codes(result)} == {"chain.edited"}


def rehash(raw: sqlite3.Connection, first: int, last: int) -> None:
    """What a forger would do: hash every event anew, joined to the one before."""
    raw.row_factory = sqlite3.Row
    for seq in range(first, last + 1):
        before = raw.execute("SELECT hash FROM events WHERE seq = ?", (seq - 1,)).fetchone()
        row = dict(raw.execute("SELECT * FROM events WHERE seq = ?", (seq,)).fetchone())
        forged = row | {"prev": before["hash"] if before else GENESIS, "at": datetime.fromisoformat(row["at"])}
        place = (forged["prev"], event_hash(forged), seq)
        raw.execute("UPDATE events SET prev = ?, hash = ? WHERE seq = ?", place)
