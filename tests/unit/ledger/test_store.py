"""Claims on the store: whatever keeps it from committing is a LedgerError that says what a person can do."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import event

from bot.errors import LedgerError
from bot.ledger import SqlLedger, SqlReader
from bot.ledger.migrations import STEPS
from bot.ledger.store import Store
from tests.unit.ledger.story import RUN, SHOP, START, CountingIds, StandingClock, Story, row, story_at


def open_again(path: Path, busy_ms: int = 50) -> SqlLedger:
    return SqlLedger(path, StandingClock(), CountingIds("b"), busy_ms=busy_ms)


def pragma(story: Story, name: str) -> object:
    with story.ledger._store.reading() as db:
        return db.exec_driver_sql(f"PRAGMA {name}").scalar_one()


@contextmanager
def raw(path: Path) -> Iterator[sqlite3.Connection]:
    with closing(sqlite3.connect(path, isolation_level=None)) as connection:
        yield connection


def test_commits_are_durable_and_rows_are_bound_to_one_another(on_disk: Story) -> None:
    full = 2
    assert (pragma(on_disk, "journal_mode"), pragma(on_disk, "synchronous")) == ("wal", full)
    assert pragma(on_disk, "foreign_keys") == 1


def test_the_file_is_for_its_user_alone(on_disk: Story, tmp_path: Path) -> None:
    if (tmp_path / "ledger.db").stat().st_mode & 0o777 != 0o666:  # Windows keeps no modes
        assert (tmp_path / "ledger.db").stat().st_mode & 0o077 == 0


def test_a_ledger_that_another_process_keeps_locked_is_said_so_and_nothing_is_written(tmp_path: Path) -> None:
    path = tmp_path / "l.db"
    story = story_at(path)
    with open_again(path) as second, raw(path) as other:
        other.execute("BEGIN IMMEDIATE")
        with pytest.raises(LedgerError) as refused:
            second.saw(RUN, [row()])
        assert refused.value.reason_code == "error.ledger.locked"
        other.execute("ROLLBACK")
        second.saw(RUN, [row()])
    story.ledger.close()


def test_a_file_that_is_no_ledger_is_refused(tmp_path: Path) -> None:
    (tmp_path / "l.db").write_bytes(b"not a database, surely not one" * 100)
    with pytest.raises(LedgerError) as refused:
        open_again(tmp_path / "l.db")
    assert refused.value.reason_code == "error.ledger.corrupt"


@pytest.mark.parametrize("page", [1, 2, 5, 9])
def test_a_file_with_a_damaged_page_is_refused_before_any_work(tmp_path: Path, page: int) -> None:
    path = tmp_path / "l.db"
    story = story_at(path)
    for number in range(1, 30):
        story.judge(number)
    story.ledger.close()
    with raw(path) as other:
        other.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    data = bytearray(path.read_bytes())
    data[page * 4096 : page * 4096 + 200] = b"\xff" * 200
    path.write_bytes(data)
    with pytest.raises(LedgerError) as refused:
        open_again(path)
    assert refused.value.reason_code == "error.ledger.corrupt"


def test_a_full_disk_writes_nothing_and_is_said_so(tmp_path: Path) -> None:
    story = story_at(tmp_path / "l.db")
    counted = pragma(story, "page_count")
    event.listen(
        story.ledger.engine, "checkout", lambda raw_db, *_: raw_db.execute(f"PRAGMA max_page_count={counted}").close()
    )
    head = story.ledger.head()
    with pytest.raises(LedgerError) as refused:
        story.ledger.saw(RUN, [row(number) for number in range(500)])
    assert refused.value.reason_code == "error.ledger.full"
    assert story.ledger.head() == head
    assert story.ledger.lines(RUN) == ()
    story.ledger.close()


def test_a_place_that_cannot_be_written_is_said_so(tmp_path: Path) -> None:
    with pytest.raises(LedgerError) as refused:
        open_again(tmp_path / "no such folder" / "l.db")
    assert refused.value.reason_code == "error.ledger.readonly"
    with pytest.raises(LedgerError) as refused:
        open_again(tmp_path)
    assert refused.value.reason_code == "error.ledger.readonly"


def test_a_reader_finds_no_ledger_and_makes_none(tmp_path: Path) -> None:
    with pytest.raises(LedgerError) as refused:
        SqlReader(tmp_path / "l.db")
    assert refused.value.reason_code == "error.ledger.missing"
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(("version", "code"), [(99, "error.ledger.newer"), (0, "error.ledger.older")])
def test_a_ledger_of_another_version_is_never_guessed_at(tmp_path: Path, version: int, code: str) -> None:
    path = tmp_path / "l.db"
    story_at(path).ledger.close()
    with raw(path) as other:
        other.execute("DELETE FROM schema_version")
        other.execute("INSERT INTO schema_version VALUES (?, '2026-11-22')", (version,))
    with pytest.raises(LedgerError) as refused:
        SqlReader(path)
    assert refused.value.reason_code == code
    if version:
        with pytest.raises(LedgerError) as refused:
            open_again(path)
        assert refused.value.reason_code == code


def test_opening_again_keeps_everything(tmp_path: Path) -> None:
    path = tmp_path / "l.db"
    story = story_at(path)
    story.whole()
    head = story.ledger.head()
    story.ledger.close()
    with open_again(path) as again:
        assert again.head() == head
        assert again.runs(5) == (RUN,)


def test_a_new_ledger_lacks_nothing_that_the_steps_of_an_older_one_make() -> None:
    store = Store(":memory:")
    store.prepare(START)
    with store._connection() as db, db.begin():
        made = db.exec_driver_sql("SELECT name, sql FROM sqlite_master ORDER BY name").all()
        for step in STEPS[1:]:
            step(db)
        assert db.exec_driver_sql("SELECT name, sql FROM sqlite_master ORDER BY name").all() == made
    store.close()


def test_a_ledger_of_before_the_service_is_brought_up_to_date(tmp_path: Path) -> None:
    path = tmp_path / "l.db"
    story_at(path).ledger.close()
    with raw(path) as other:
        other.execute("DROP TABLE duties")
        other.execute("DROP TABLE missed_runs")
        other.execute("DROP INDEX cases_by_status")
        other.execute("DELETE FROM schema_version WHERE version > 2")
        other.execute("INSERT OR IGNORE INTO schema_version VALUES (2, '2026-11-22')")
    with open_again(path) as again:
        assert (again.last_done(), again.missed_runs(5)) == ({}, ())


def test_an_url_serves_as_well_as_a_path(tmp_path: Path) -> None:
    with SqlLedger(f"sqlite:///{(tmp_path / 'l.db').as_posix()}", StandingClock(), CountingIds()) as ledger:
        assert ledger.acquire(SHOP, "pc-1", 60).epoch == 1
    assert (tmp_path / "l.db").exists()


def test_a_payload_that_does_not_fit_its_type_is_a_ledger_error(on_disk: Story, tmp_path: Path) -> None:
    on_disk.judge()
    with raw(tmp_path / "ledger.db") as other:
        other.execute("UPDATE payloads SET body = '{}'")
    with pytest.raises(LedgerError) as refused:
        on_disk.ledger.lines(RUN)
    assert refused.value.reason_code == "error.ledger.corrupt"


def test_the_same_history_gives_the_same_chain_byte_for_byte() -> None:
    heads = set()
    for _ in range(2):
        story = story_at(":memory:")
        story.whole()
        heads.add(story.ledger.head())
        story.ledger.close()
    assert len(heads) == 1


def test_quotes_in_any_text_are_only_text(story: Story) -> None:
    """S15: no text of a page ever becomes SQL."""
    hostile = "a'; DROP TABLE events; --\"\\%_{x} :of_id ?"
    key = row().key.model_copy(update={"aftersale_id": hostile})
    story.ledger.saw(RUN, [row(key=key, order_id=hostile, type_text=hostile)])
    intent = story.arm(case=key, buyer=hostile, strategy=hostile, order_id=hostile)
    assert story.ledger.intent(intent.id) == intent
    assert story.spent(f"buyer:{hostile}") == (0, 1_000)
    assert story.ledger.lines(RUN)[0].case == key


def test_what_is_asked_for_by_day_is_found_by_it_also_in_an_older_ledger(tmp_path: Path) -> None:
    path = tmp_path / "l.db"
    story = story_at(path)
    story.whole()
    story.ledger.close()
    with raw(path) as other:
        other.execute("DROP INDEX reservations_by_day")
        other.execute("DROP INDEX events_decided")
        other.execute("DELETE FROM schema_version WHERE version > 8")
    plans: list[str] = []

    def explained(_: Any, __: Any, statement: str, values: tuple[object, ...], *___: Any) -> None:
        if statement.startswith("SELECT"):
            plans.extend(row[3] for row in asked.execute(f"EXPLAIN QUERY PLAN {statement}", values))

    with open_again(path) as again, raw(path) as asked:
        event.listen(again.engine, "before_cursor_execute", explained)
        assert again.budgets("2026-03-09")
        assert again.hits(date(2026, 3, 9))
    assert [plan for plan in plans if plan.startswith("SCAN")] == []
    for index in ("reservations_by_day", "events_decided", "intents_by_day"):
        assert any(index in plan for plan in plans), index
