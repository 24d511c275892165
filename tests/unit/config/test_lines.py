"""Every key of a TOML file is found at its line."""

from __future__ import annotations

import tomllib
from typing import Any

import pytest

from bot.config.lines import Lines

FILE = '''\
# a comment with [brackets] and key = "value"
language = "zh"  # [run]

[browser]
path = 'C:\\Program Files\\x'
"reader_tabs" = 2
deep.er.key = 1

[[shop]]
name = "a"
verbs = [
  "x", # first
  "y",
  { k = 1, "q q" = [1, 2] },
]
[shop.extra]
note = """
[not] = a header
key = 1
"""
[[shop]]
name = "b = ]"
[shop.extra]
note = \'\'\'x\'\'\'
[taobao."123.4"]
password = "a\\"b"
[a . b]
c = 2026-01-01T00:00:00Z
[[shop.item]]
n = 1
[[shop.item]]
n = 2
'''

PLACES = {
    ("language",): 2,
    ("browser",): 4,
    ("browser", "path"): 5,
    ("browser", "reader_tabs"): 6,
    ("browser", "deep", "er", "key"): 7,
    ("shop", 0): 9,
    ("shop", 0, "name"): 10,
    ("shop", 0, "verbs"): 11,
    ("shop", 0, "verbs", 0): 12,
    ("shop", 0, "verbs", 1): 13,
    ("shop", 0, "verbs", 2, "k"): 14,
    ("shop", 0, "verbs", 2, "q q"): 14,
    ("shop", 0, "extra"): 16,
    ("shop", 0, "extra", "note"): 17,
    ("shop", 1): 21,
    ("shop", 1, "name"): 22,
    ("shop", 1, "extra", "note"): 24,
    ("taobao", "123.4", "password"): 26,
    ("a", "b", "c"): 28,
    ("shop", 1, "item", 0, "n"): 30,
    ("shop", 1, "item", 1, "n"): 32,
}


@pytest.mark.parametrize(("path", "line"), PLACES.items(), ids=str)
def test_key_is_found_at_its_line(path: tuple[str | int, ...], line: int) -> None:
    assert Lines(FILE)[path] == line


def leaves(value: object, path: tuple[str | int, ...] = ()) -> list[tuple[str | int, ...]]:
    if isinstance(value, dict):
        return [leaf for key, inner in value.items() for leaf in leaves(inner, (*path, key))]
    if isinstance(value, list):
        return [leaf for n, inner in enumerate(value) for leaf in leaves(inner, (*path, n))]
    return [path]


def test_every_key_that_tomllib_reads_has_a_line() -> None:
    assert set(leaves(tomllib.loads(FILE))) <= set(Lines(FILE))


def test_each_part_of_the_text_is_looked_at_once() -> None:
    """Twice the text, twice the work: counted, not timed."""

    class Counting(str):
        __slots__ = ()
        seen = 0

        def count(self, sub: str, start: Any = 0, end: Any = None) -> int:  # type: ignore[override]  # as str.count is called here
            type(self).seen += end - start
            return str.count(self, sub, start, end)

    text = Counting("[[a]]\nb = [1, 2]\nc.d = 1\n" * 200)
    assert Lines(text)["a", 199, "c", "d"] == 600
    assert Counting.seen <= len(text)


def test_a_key_of_thousands_of_parts_costs_no_more_than_its_length() -> None:
    lines = Lines("\n" + "a" + ".a" * 30_000 + " = 1\n")
    assert lines.near(("a",) * 100) == 2
    assert len(lines) <= 20


def test_windows_line_ends_count_once() -> None:
    assert Lines(FILE.replace("\n", "\r\n"))["a", "b", "c"] == PLACES["a", "b", "c"]


def test_missing_key_is_told_at_the_table_around_it() -> None:
    assert Lines(FILE).near(("shop", 1, "account")) == PLACES["shop", 1]


def test_a_place_nobody_wrote_is_told_at_the_first_line() -> None:
    assert Lines(FILE).near(("limits", "shop_day")) == 1


def test_empty_file_has_no_keys() -> None:
    assert len(Lines("")) == 0


@pytest.mark.parametrize(
    "text", ["[[a]]\n[[a.b]]\nx=1\n[[a]]\n[[a.b]]\nx=1\n", "a={}\nb=[]\n", "a='''x''''\nb=1", 'a=""""x"""\n']
)
def test_odd_but_valid_toml_is_followed(text: str) -> None:
    found = set(leaves(tomllib.loads(text)))
    assert found <= set(Lines(text))
