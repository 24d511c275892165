"""Changes single keys of policy.toml and leaves everything else of it alone: comments, order, spacing."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path

import tomlkit
from tomlkit import TOMLDocument
from tomlkit.items import Table

from bot.config.documents import parse_document, read_document
from bot.config.problems import BadConfig
from bot.config.rules import read_rules
from bot.config.swapping import swap_in
from bot.engine.policy import Policy
from bot.engine.reorder import Step
from bot.errors import ConfigError

Changes = Mapping[str, Mapping[str, bool | int]]
"""Values by strategy and key."""


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


def walk(path: Path, steps: Sequence[Step], told: Callable[[Step, Policy], None]) -> None:
    """Write the file step by step; each step is a whole policy before it is written, and read by whoever works meanwhile.

    Raises:
        BadConfig: the policy is not whole.
        ConfigError: somebody else changed the file meanwhile. What was switched off stays off.
    """
    text = read_document(path).text
    for step in steps:
        if read_document(path).text != text:
            raise ConfigError(f"{path.name} changed meanwhile", page=str(path), code="policy.edited")
        text = with_keys(text, step.changes)
        policy, problems = read_rules(parse_document(path.name, text))
        if policy is None:
            raise BadConfig(problems)
        swap_in(path, text)
        told(step, policy)
