"""Claims on crashes: wherever a call dies, the ledger is as before it; once it returned, the mark survives the process."""

from __future__ import annotations

import sqlite3
import subprocess
import sys
import textwrap
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from sqlalchemy import event, select

from bot.domain.action import Mark
from bot.domain.history import UNASKED
from bot.domain.ids import IntentId
from bot.domain.outcome import CaseStatus
from bot.errors import LedgerError
from bot.ledger import SqlLedger, audit, schema
from tests.unit.ledger.story import (
    AMPLE,
    RUN,
    SHOP,
    WHY,
    CountingIds,
    StandingClock,
    Story,
    decision,
    evidence,
    key,
    row,
    snapshot,
    story_at,
    trails,
)

ROOT = Path(__file__).parents[3]


I1 = IntentId("i1")


class Killed(BaseException):
    """What a kill looks like from inside."""


Call = Callable[[Story], object]


def prepared_arm(story: Story) -> None:
    story.judge()
    story.arm()


def prepared_send(story: Story) -> None:
    story.judge()
    story.send()


METHODS: dict[str, tuple[Call, Call]] = {
    "saw": (lambda story: None, lambda story: story.ledger.saw(RUN, [row(1), row(2)])),
    "decided": (
        lambda story: story.ledger.saw(RUN, [row()]),
        lambda story: story.ledger.decided(RUN, snapshot(), trails(), UNASKED, decision()),
    ),
    "keep": (lambda story: None, lambda story: story.ledger.keep(RUN, key(), evidence())),
    "arm": (lambda story: story.judge(), lambda story: story.ledger.arm(story.intent(id="i"), AMPLE, story.lease)),
    "fire": (
        prepared_arm,
        lambda story: story.ledger.fire(story.ledger.open_intents(SHOP)[0].id, story.lease),
    ),
    "settle": (prepared_send, lambda story: story.settle(story.ledger.intent(I1), 900)),
    "void": (prepared_send, lambda story: story.ledger.void(I1, WHY, story.lease)),
    "leave_unknown": (prepared_send, lambda story: story.ledger.leave_unknown(I1, story.hold(), story.lease)),
    "hold": (lambda story: story.judge(), lambda story: story.ledger.hold(RUN, story.hold())),
    "conclude": (
        lambda story: story.judge(),
        lambda story: story.ledger.conclude(RUN, key(), CaseStatus.FOREIGN, [WHY]),
    ),
    "acquire": (lambda story: None, lambda story: story.ledger.acquire(SHOP, "pc-1", 60)),
    "close_run": (lambda story: None, lambda story: story.ledger.close_run(RUN, {"seen": 1})),
    "set_breaker": (lambda story: None, lambda story: story.ledger.set_breaker(SHOP, "page")),
    "erase_buyer": (prepared_send, lambda story: story.ledger.erase_buyer(SHOP, "王**晓")),
}


def everything(story: Story) -> dict[str, list[tuple[object, ...]]]:
    with story.ledger._store.reading() as db:
        return {
            table.name: [tuple(row) for row in db.execute(select(table))] for table in schema.metadata.sorted_tables
        }


@contextmanager
def dying_at(story: Story, point: int, error: BaseException) -> Iterator[None]:
    """Raise at the n-th statement; points beyond the last statement raise at the commit."""
    passed = 0

    def count(*_: object) -> None:
        nonlocal passed
        passed += 1
        if passed == point:
            raise error

    event.listen(story.ledger.engine, "before_cursor_execute", count)
    event.listen(story.ledger.engine, "commit", count)
    try:
        yield
    finally:
        event.remove(story.ledger.engine, "before_cursor_execute", count)
        event.remove(story.ledger.engine, "commit", count)


def full() -> sqlite3.OperationalError:
    error = sqlite3.OperationalError("database or disk is full")
    error.sqlite_errorcode = sqlite3.SQLITE_FULL
    return error


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize("error", [Killed(), full()], ids=["killed", "disk full"])
def test_a_call_that_dies_at_any_statement_leaves_nothing_and_works_when_repeated(
    tmp_path: Path, method: str, error: BaseException
) -> None:
    prepare, act = METHODS[method]
    story = story_at(tmp_path / "l.db")
    prepare(story)
    before = everything(story)
    points = 0
    while True:
        points += 1
        try:
            with dying_at(story, points, error):
                act(story)
        except (Killed, LedgerError, sqlite3.OperationalError):
            assert everything(story) == before
        else:
            break
    assert points > 3, "BEGIN, the event, the head and the COMMIT are points at the least"
    assert everything(story) != before
    assert {found.invariant for found in audit(story.ledger.engine, None).findings} <= {"I8"}
    story.ledger.close()


_CHILD = """
    import sys
    from tests.unit.ledger.story import story_at
    story = story_at(sys.argv[1])
    number = 0
    while True:
        number += 1
        story.judge(number)
        intent = story.arm(number)
        print(intent.id, "armed", flush=True)
        story.ledger.fire(intent.id, story.lease)
        print(intent.id, "fired", flush=True)
        story.ledger.sent(intent.id, story.lease)
        print(intent.id, "sent", flush=True)
        story.settle(intent)
        print(intent.id, "settled", flush=True)
"""
ORDER = list(Mark)


@pytest.mark.parametrize("lines", [3, 26])
def test_every_mark_that_was_told_survives_a_killed_process(tmp_path: Path, lines: int) -> None:
    path = tmp_path / "l.db"
    told: dict[str, Mark] = {}
    command = [sys.executable, "-c", textwrap.dedent(_CHILD), str(path)]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True) as child:
        assert child.stdout is not None
        for _ in range(lines):
            intent, mark = child.stdout.readline().split()
            told[intent] = Mark(mark)
        child.kill()
        for line in child.stdout:
            intent, mark = line.split()
            told[intent] = Mark(mark)
    with SqlLedger(path, StandingClock(), CountingIds("b")) as ledger, ledger._store.reading() as db:
        kept = {row.id: Mark(row.mark) for row in db.execute(select(schema.intents))}
        assert all(ORDER.index(kept[intent]) >= ORDER.index(mark) for intent, mark in told.items())
        assert sum(mark is not Mark.SETTLED for mark in kept.values()) <= 1
    with SqlLedger(path, StandingClock(), CountingIds("b")) as ledger:
        assert audit(ledger.engine, None).ok
