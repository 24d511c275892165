"""Keeps secrets out of every log line: known values in all their spellings, and what looks like one (reliability.md S4)."""

from __future__ import annotations

import base64
import json
import re
from collections.abc import Iterator
from functools import cache
from urllib.parse import quote, quote_plus

from pydantic import SecretStr

from bot.catalogue import Language
from bot.catalogue.catalogue import PLACEHOLDER
from bot.catalogue.load import texts
from bot.domain.phones import PHONE

MASK = "[secret]"

LEAST_LENGTH = 4
"""Shorter secrets are not searched for by value: they would eat ordinary words."""

_NAMED = re.compile(
    r"""(?ix) \b (set-cookie|cookie|authorization|password|passwd|pwd|token|smscode|secret) ["']? \s* [:=] \s*
    (?P<value> "[^"]*" | '[^']*' | (?:bearer|basic)\s+\S+ | [^\s,;&"'}]+ )"""
)
_OURS = ("config.no_password", "config.password_quotes", "config.unknown_key", "config.unknown_key_near")
"""Sentences of the catalogue that stand behind the place of a key named like a secret: they say that there is none."""


class Redactor:
    """Learns secrets by value; calling it cleans a text. Forgetting is not offered: a process knows few secrets."""

    def __init__(self) -> None:
        self._forms: set[str] = set()
        self._pattern: re.Pattern[str] | None = None

    def learn(self, secret: SecretStr) -> None:
        """From here on this value is masked in plain, percent, base64, hex and JSON spelling."""
        value = secret.get_secret_value()
        if len(value) < LEAST_LENGTH:
            return
        self._forms |= set(_spellings(value))
        longest_first = sorted(self._forms, key=len, reverse=True)
        self._pattern = re.compile("|".join(map(re.escape, longest_first)), re.IGNORECASE)

    def __call__(self, text: str) -> str:
        """The text without secrets; phone numbers keep first three and last four digits (S23)."""
        known = self._pattern.sub(MASK, text) if self._pattern else text
        named = _NAMED.sub(_masked, known)
        return PHONE.sub(r"\1****\3", named)


SECRETS = Redactor()
"""The process's one redactor: credentials are learned where they are read, logs are cleaned where they are written."""


def _masked(found: re.Match[str]) -> str:
    """A whole sentence of ours is no value; whatever else stands there might be."""
    ours = _our_sentences().match(found.string, found.start("value"))
    return found[0] if ours else f"{found[1]}={MASK}"


@cache
def _our_sentences() -> re.Pattern[str]:
    told = (texts(language)[code] for language in Language for code in _OURS)
    return re.compile("|".join(".{0,200}?".join(map(re.escape, _literals(text))) for text in told))


def _literals(text: str) -> Iterator[str]:
    """The parts of a text between its placeholders."""
    start = 0
    for found in PLACEHOLDER.finditer(text):
        yield text[start : found.start()]
        start = found.end()
    yield text[start:]


def _spellings(value: str) -> Iterator[str]:
    raw = value.encode()
    yield from (value, quote(value, safe=""), quote_plus(value), json.dumps(value)[1:-1], raw.hex())
    yield from _base64(raw)


def _base64(raw: bytes) -> Iterator[str]:
    """The value inside a longer base64 text looks different at each of three offsets; the edges depend on neighbours."""
    for pad in range(3):
        text = base64.b64encode(b"\0" * pad + raw).decode()
        inner = text[(0, 2, 3)[pad] :].rstrip("=")
        core = inner if (len(raw) + pad) % 3 == 0 else inner[:-1]
        if len(core) >= LEAST_LENGTH:
            yield core
