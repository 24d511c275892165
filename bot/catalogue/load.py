"""Reads the catalogue's TOML files: every file of a language's folder, merged into one flat table of code to text."""

from __future__ import annotations

import tomllib
from collections.abc import Iterator, Mapping
from functools import cache
from importlib.resources import files
from types import MappingProxyType

from bot.catalogue.language import Language


@cache
def texts(language: Language) -> Mapping[str, str]:
    """All texts of one language, read once per process."""
    return MappingProxyType({code: text for _file, code, text in entries(language)})


def entries(language: Language) -> Iterator[tuple[str, str, str]]:
    """(file, code, text) of every entry, in the order of the files' names; a table `[a]` prefixes its keys with `a.`."""
    folder = files("bot.catalogue") / f"{language.value}.d"
    for file in sorted(folder.iterdir(), key=lambda entry: entry.name):
        if file.name.endswith(".toml"):
            for code, text in _flat(tomllib.loads(file.read_text(encoding="utf-8")), ""):
                yield file.name, code, text


def _flat(table: Mapping[str, object], prefix: str) -> Iterator[tuple[str, str]]:
    for key, value in table.items():
        if isinstance(value, Mapping):
            yield from _flat(value, f"{prefix}{key}.")
        else:
            yield f"{prefix}{key}", str(value)
