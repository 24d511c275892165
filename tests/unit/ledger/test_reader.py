"""Claims on the read side as a whole: no answer outlives the connection that it comes over."""

from __future__ import annotations

import ast
import inspect
from collections.abc import Iterator
from operator import attrgetter

from bot.ledger import reader


def asked_once() -> Iterator[str]:
    """Every question that the reader asks as one answer, as `module.name`."""
    for call in ast.walk(ast.parse(inspect.getsource(reader))):
        match call:
            case ast.Call(func=ast.Attribute(attr="_ask"), args=[question, *_]):
                yield ast.unparse(question)


def test_what_comes_row_by_row_is_read_before_its_connection_closes() -> None:
    asked = {name: attrgetter(name)(reader) for name in asked_once()}
    assert len(asked) > 20
    assert [name for name, question in asked.items() if inspect.isgeneratorfunction(question)] == []
