"""Turns codes and their parameters into sentences for people, in one language, without ever failing on them.

The texts stand in `zh.d/*.toml` and `en.d/*.toml`. In a text:

- `{name}` is the parameter as it came (money, moments and enum members are put into words);
- `{name:verb}` is the entry `verb.<value>`: for parameters that hold an enum's value or another short key;
- `{name:code}` is the entry `<value>`: for parameters that hold a whole code.

Of a parameter that holds several keys, with a bar between them, each is put into words.

An enum's member has the entry `<class name in snake_case>.<value>`, such as `case_state.wait_seller`.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import datetime
from enum import Enum

from bot.catalogue.language import Language
from bot.catalogue.load import texts
from bot.domain.decision import SEVERAL, Reason

PLACEHOLDER = re.compile(r"\{(?P<name>[a-z_][a-z0-9_]*)(?::(?P<spec>[a-z_][a-z0-9_.]*))?\}", re.ASCII)
"""Not str.format: a parameter is data from a page, and must reach neither attributes nor indexes."""

_HUMP = re.compile(r"(?<=[a-z0-9])(?=[A-Z])", re.ASCII)


class Catalogue:
    """The texts of one language; two catalogues of one language are the same."""

    def __init__(self, language: Language | str) -> None:
        self.language = Language(language)
        self._texts = texts(self.language)

    def text(self, reason: Reason) -> str:
        """The sentence for a reason."""
        return self._say(reason.code, reason.params)

    def text_of(self, code: str, /, **params: object) -> str:
        """The sentence for a code; a code nobody wrote a text for is shown as itself, with its parameters."""
        return self._say(code, params)

    def cure(self, reason: Reason) -> str:
        """What a person can do about it: by its code, else by the nearest family above it; empty where nobody wrote one."""
        code = reason.code
        while code:
            if self.has(f"cure.{code}"):
                return self._say(f"cure.{code}", reason.params)
            code = code.rpartition(".")[0]
        return ""

    def name(self, member: Enum) -> str:
        """An enum's member in words."""
        return self._say(code_of(member), {})

    def has(self, code: str) -> bool:
        """Whether somebody wrote a text for the code."""
        return code in self._texts

    def _say(self, code: str, params: Mapping[str, object]) -> str:
        text = self._texts.get(code)
        if text is None:
            return self._missing(code, params)
        return PLACEHOLDER.sub(lambda found: self._fill(found, params), text)

    def _fill(self, found: re.Match[str], params: Mapping[str, object]) -> str:
        if found["name"] not in params:
            return found[0]
        value, spec = params[found["name"]], found["spec"]
        if spec is None:
            return self._show(value)
        several = str(value).split(SEVERAL)
        return self._texts.get("joint", ", ").join(self._term(spec, one) for one in several)

    def _term(self, spec: str, value: str) -> str:
        """In words; what stands behind a blank is what it is of, and stays (`sweep taobao/1001`)."""
        term, blank, of = value.partition(" ")
        return self._texts.get(_spelled(spec, term), term) + blank + of

    def _show(self, value: object) -> str:
        if isinstance(value, Enum):
            return self.name(value)
        if isinstance(value, datetime):
            return f"{value:%Y-%m-%d %H:%M}"
        return str(value)

    def _missing(self, code: str, params: Mapping[str, object]) -> str:
        named = " ".join(f"{key}={self._show(value)}" for key, value in params.items())
        return f"[{code}] {named}".rstrip()


def _spelled(spec: str, value: str) -> str:
    return value if spec == "code" else f"{spec}.{value}"


def code_of(member: Enum) -> str:
    """The catalogue's code of an enum's member."""
    return f"{_HUMP.sub('_', type(member).__name__).lower()}.{member.value}"
