"""Claims on what stands outside of stories: canonical text, PostgreSQL's grammar, words for every finding."""

from __future__ import annotations

import ast
import importlib
import pkgutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import Delete, Dialect, Insert, Select, Update
from sqlalchemy.dialects import postgresql
from sqlalchemy.schema import CreateIndex, CreateTable
from sqlalchemy.sql import ClauseElement

import bot.ledger
from bot.catalogue import Language
from bot.catalogue.load import texts
from bot.domain.case import Control
from bot.ledger import schema
from bot.ledger.canon import canonical
from bot.ledger.intents import _ADVANCE
from tests.unit.ledger.story import START, snapshot

SOURCES = sorted(Path(next(iter(bot.ledger.__path__))).glob("*.py"))
POSTGRES: Dialect = postgresql.dialect()


def statements() -> Iterator[tuple[str, ClauseElement]]:
    for info in pkgutil.iter_modules(bot.ledger.__path__, "bot.ledger."):
        module = importlib.import_module(info.name)
        for name, value in vars(module).items():
            if isinstance(value, Select | Update | Insert | Delete):
                yield f"{info.name}.{name}", value
    for mark, update in _ADVANCE.items():
        yield f"advance to {mark}", update


def test_the_schema_is_also_a_postgresql_schema() -> None:
    for table in schema.metadata.sorted_tables:
        assert str(CreateTable(table).compile(dialect=POSTGRES)).strip().startswith("CREATE TABLE")
        for index in table.indexes:
            CreateIndex(index).compile(dialect=POSTGRES)
    live = str(CreateIndex(schema.one_live_intent).compile(dialect=POSTGRES))
    assert "UNIQUE" in live
    assert "WHERE" in live, "a unique index that is not partial would bar every second refusal"


def test_every_statement_is_also_postgresql() -> None:
    found = dict(statements())
    assert len(found) > 15
    for statement in found.values():
        statement.compile(dialect=POSTGRES)
    for name, locked in found.items():
        if name in {"bot.ledger.leases._OF_SHOP", "bot.ledger.events._LOCKED_HEAD"}:
            assert "FOR UPDATE" in str(locked.compile(dialect=POSTGRES))


def test_one_module_alone_knows_sqlite() -> None:
    for source in SOURCES:
        text = source.read_text(encoding="utf-8")
        for word in ("PRAGMA", "sqlite_master", "import sqlite3", "BEGIN IMMEDIATE"):
            assert word not in text or source.name == "sqlite.py", (source.name, word)


def test_every_code_that_the_ledger_names_has_its_text() -> None:
    """The catalogue's own test sees codes by keyword only; a finding's and a limit's code stand elsewhere."""
    named = {
        node.value
        for source in SOURCES
        for node in ast.walk(ast.parse(source.read_text(encoding="utf-8")))
        if isinstance(node, ast.Constant)
        and isinstance(node.value, str)
        and node.value.startswith(("audit.", "error."))
    }
    assert len(named) > 40
    for language in Language:
        assert sorted(named - texts(language).keys()) == []


def test_sets_are_written_in_one_order() -> None:
    some = list(Control)
    assert canonical(snapshot(controls=frozenset(some))) == canonical(snapshot(controls=frozenset(reversed(some))))


def test_moments_and_chinese_are_written_plainly() -> None:
    assert canonical({"b": START, "a": "退款"}) == '{"a":"退款","b":"2026-03-09T10:00:00+08:00"}'


def test_what_has_no_canonical_form_is_refused() -> None:
    with pytest.raises(TypeError, match="not for the ledger"):
        canonical(SOURCES[0])
