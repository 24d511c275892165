"""Changes single keys of policy.toml and leaves everything else of it alone: comments, order, spacing; one writer at a time."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Final

import tomlkit
from filelock import FileLock, Timeout
from tomlkit import TOMLDocument
from tomlkit.items import Table

from bot.config.documents import parse_document, read_document
from bot.config.files import writing
from bot.config.problems import BadConfig
from bot.config.rules import read_rules
from bot.config.swapping import swap_in
from bot.engine.policy import Policy
from bot.engine.reorder import Step
from bot.errors import ConfigError

Changes = Mapping[str, Mapping[str, bool | int]]
"""Values by strategy and key."""

PATIENCE_S: Final = 10.0
"""How long a writer waits for another one."""


@contextmanager
def alone_with(path: Path) -> Iterator[None]:
    """What is read, checked and written in this block is no other writer's meanwhile, of this process or another; readers never wait.

    Raises:
        ConfigError: somebody else writes it for too long, or the system refuses to.
    """
    with writing(path):
        try:
            with FileLock(path.with_name(f".{path.name}.lock"), timeout=PATIENCE_S):
                yield
        except Timeout as error:
            raise _edited(path) from error


def put(path: Path, before: str, text: str) -> None:
    """Write the text where the file still has the one of before. Raises ConfigError: it has not, or cannot be written."""
    with alone_with(path):
        _same(path, before)
        swap_in(path, text)


def _same(path: Path, text: str) -> None:
    if read_document(path).text != text:
        raise _edited(path)


def _edited(path: Path) -> ConfigError:
    return ConfigError(f"{path.name} changed meanwhile", page=str(path), code="policy.edited")


def with_keys(text: str, changes: Changes) -> str:
    """The text with these keys of these strategies or scenes set; a key that is new stands behind the id.

    Raises:
        ConfigError: no [[strategy]] and no [[scene]] has the id: it stands in another way of writing, and is left to a person.
    """
    document = tomlkit.parse(text)
    tables = {str(table["id"]): table for table in _tables(document)}
    for name, keys in changes.items():
        if name not in tables:
            raise ConfigError(f"{name} has no table of its own", raw=name, code="policy.no_table")
        for key, value in keys.items():
            _set(tables[name], key, value)
    return document.as_string()


def _tables(document: TOMLDocument) -> Iterator[Table]:
    return (table for kind in ("strategy", "scene") for table in document.get(kind, ()) if isinstance(table, Table))


def _set(table: Table, key: str, value: bool | int) -> None:  # noqa: FBT001 - a key's value, whatever it is
    if key in table:
        table[key] = value
    else:
        # not at the end: there the comments of the next strategy stand; tomlkit has no public way to insert
        table.value._insert_after("id", key, tomlkit.item(value))  # noqa: SLF001


def walk(path: Path, steps: Sequence[Step], told: Callable[[Step, Policy], None], before: str | None = None) -> None:
    """Write the file step by step; each step is a whole policy before it is written, and read by whoever works meanwhile.

    `before`: the text that the steps were made for; None where that is the file's, whatever it is.

    Raises:
        BadConfig: the policy is not whole.
        ConfigError: somebody else changed the file meanwhile, or it cannot be written. What was switched off stays off.
    """
    with alone_with(path):
        text = read_document(path).text if before is None else before
        for step in steps:
            _same(path, text)
            text = with_keys(text, step.changes)
            policy, problems = read_rules(parse_document(path.name, text))
            if policy is None:
                raise BadConfig(problems)
            swap_in(path, text)
            told(step, policy)
