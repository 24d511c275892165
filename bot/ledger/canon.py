"""Canonical JSON and its hashes: the same value gives the same bytes in every process, and comes back whole."""

from __future__ import annotations

import hashlib
import json
from datetime import datetime
from typing import TypeVar

from pydantic import BaseModel, TypeAdapter, ValidationError

from bot.domain.courier import Trail
from bot.domain.decision import Reason
from bot.domain.facts import Fact
from bot.errors import LedgerError

T = TypeVar("T")

REASONS: TypeAdapter[tuple[Reason, ...]] = TypeAdapter(tuple[Reason, ...])
TRAILS: TypeAdapter[dict[str, Fact[Trail]]] = TypeAdapter(dict[str, Fact[Trail]])


def canonical(value: object) -> str:
    """JSON with sorted keys and no spaces; a set is written sorted, since its own order changes between processes."""
    return json.dumps(value, sort_keys=True, ensure_ascii=False, separators=(",", ":"), default=_plain)


def _plain(value: object) -> object:
    match value:
        case BaseModel():
            return value.model_dump()
        case frozenset():
            return sorted(value)
        case datetime():
            return value.isoformat()
        case _:
            raise TypeError(f"not for the ledger: {type(value).__name__}")


def sha256(text: str) -> str:
    """Hex digest of the text's UTF-8."""
    return hashlib.sha256(text.encode()).hexdigest()


def load(adapter: TypeAdapter[T], text: str, what: str) -> T:
    """Read back what `canonical` wrote. Raises LedgerError naming `what` when the stored text does not fit its type."""
    try:
        return adapter.validate_json(text)
    except ValidationError as error:
        raise LedgerError(f"{what} cannot be read back: {error}", code="error.ledger.corrupt", raw=what) from error
