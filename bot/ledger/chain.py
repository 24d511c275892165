"""The hash of one event over its own content and the hash of the event before it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from bot.ledger.canon import canonical, sha256
from bot.ledger.columns import moment

GENESIS = "0" * 64
"""What the first event names as its forerunner."""

HASHED = ("kind", "run", "platform", "shop_id", "aftersale_id", "intent", "facts", "payload_hash", "prev")


@dataclass(frozen=True, slots=True)
class Anchor:
    """A place in the chain, to be sent off the machine: only with one can a cut tail or a full rewrite be seen (S21, F42)."""

    seq: int
    hash: str


def event_hash(event: Mapping[str, Any], seq: int | None = None) -> str:
    """Hash of an event's columns; `seq` asks what it would be at another place."""
    content = [event["seq"] if seq is None else seq, moment(event["at"]), *(event[name] for name in HASHED)]
    return sha256(canonical(content))


def payload_hash(salt: str, body: str) -> str:
    """Hash of a payload; the salt goes when the body is erased, so that nobody can try names against the hash."""
    return sha256(f"{salt}\n{body}")
