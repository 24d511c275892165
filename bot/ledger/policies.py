"""The policies that decided, each kept once by its hash: what a decision rested on can be told after policy.toml has changed."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Connection, select

from bot.ledger.schema import policies
from bot.ledger.statements import of, where
from bot.ledger.store import Tx

_TEXT = select(policies.c.body).where(where(policies, "hash"))
_HASHES = select(policies.c.hash).order_by(policies.c.kept_at.desc(), policies.c.hash)


def keep(tx: Tx, policy_hash: str, text: str) -> None:
    """Keep a policy's text (TOML); one that is known already stays as it is."""
    if tx.db.execute(_TEXT, of({"hash": policy_hash})).one_or_none() is None:
        tx.add(policies, {"hash": policy_hash, "body": text, "kept_at": tx.now})


def text_of(db: Connection, policy_hash: str) -> str:
    """What was kept; empty for a hash that nothing was kept under."""
    return db.execute(_TEXT, of({"hash": policy_hash})).scalar_one_or_none() or ""


def hashes(db: Connection) -> tuple[str, ...]:
    """All that are kept, the newest first."""
    return tuple(db.execute(_HASHES).scalars())


def ages(db: Connection) -> tuple[tuple[str, datetime], ...]:
    """All that are kept, and since when, the newest first."""
    query = select(policies.c.hash, policies.c.kept_at).order_by(policies.c.kept_at.desc(), policies.c.hash)
    return tuple((row.hash, row.kept_at) for row in db.execute(query))
