"""Runs: one sweep each, opened before its first event and closed with its sums."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime

from pydantic import TypeAdapter
from sqlalchemy import Connection, select

from bot.domain.ids import RunId, ShopKey
from bot.errors import LedgerError
from bot.ledger.canon import canonical, load
from bot.ledger.events import About, Kind, append
from bot.ledger.schema import runs
from bot.ledger.statements import SHOP, of, shop_of, shop_values, where
from bot.ledger.store import Tx
from bot.ports.results import RESTING

_SUMMARY: TypeAdapter[Mapping[str, int]] = TypeAdapter(dict[str, int])
_OPEN = select(runs.c.platform, runs.c.shop_id).where(where(runs, "id"), runs.c.closed_at.is_(None))
_NEWEST_OPEN = (
    select(runs.c.id).where(where(runs, *SHOP), runs.c.closed_at.is_(None)).order_by(runs.c.opened_seq.desc()).limit(1)
)
_NEWEST_SPARING = (
    select(runs.c.summary)
    .where(where(runs, *SHOP), runs.c.summary.contains(f'"{RESTING}"'))
    .order_by(runs.c.opened_seq.desc())
    .limit(1)
)


@dataclass(frozen=True, slots=True)
class Under:
    """What a run works under: one configuration and one policy, named by hash (I11)."""

    posture: str
    config_hash: str
    policy_hash: str


@dataclass(frozen=True, slots=True)
class RunInfo:
    """A run's frame: when, in which posture, under what; `closed_at` None while it runs or where it was killed."""

    id: RunId
    shop: ShopKey
    posture: str
    config_hash: str
    policy_hash: str
    opened_at: datetime
    closed_at: datetime | None
    summary: Mapping[str, int]


def open_run(tx: Tx, run: RunId, shop: ShopKey, under: Under) -> None:
    """Begin a run. Raises LedgerError for an id that was used before (F45)."""
    values = {"posture": under.posture, "config_hash": under.config_hash, "policy_hash": under.policy_hash}
    seq = append(tx, Kind.RUN_OPENED, About.shop(shop, run), values)
    tx.add(runs, {"id": run, "opened_seq": seq, "opened_at": tx.now, **shop_values(shop), **values})


def close_run(tx: Tx, run: RunId, summary: Mapping[str, int]) -> None:
    """End a run. A summary with `stopped` says that it ended early and left cases untouched. Raises LedgerError: no open run."""
    shop = tx.db.execute(_OPEN, of({"id": run})).one_or_none()
    if shop is None:
        raise LedgerError(f"no open run {run}", code="error.ledger.conflict", raw=run)
    append(tx, Kind.RUN_CLOSED, About(*shop, run=run), dict(summary))
    tx.change(runs, {"id": run}, {"closed_at": tx.now, "summary": canonical(dict(summary))})


def resting(db: Connection, shop: ShopKey) -> int:
    """Cases that were left unread by the shop's newest run in which some might be."""
    found = db.execute(_NEWEST_SPARING, of(shop_values(shop))).scalar_one_or_none()
    return int(json.loads(found)[RESTING]) if found else 0


def is_open(tx: Tx, run: RunId) -> bool:
    """Whether the run goes on, or was killed before it could end."""
    return tx.db.execute(_OPEN, of({"id": run})).one_or_none() is not None


def current(tx: Tx, shop: ShopKey, otherwise: RunId) -> RunId:
    """The shop's newest open run: what is proven now is told by the run that found the proof."""
    found = tx.db.execute(_NEWEST_OPEN, of(shop_values(shop))).scalar_one_or_none()
    return RunId(found) if found is not None else otherwise


def newest(db: Connection, limit: int) -> Iterator[RunId]:
    """The newest runs first."""
    return (
        RunId(run) for run in db.execute(select(runs.c.id).order_by(runs.c.opened_seq.desc()).limit(limit)).scalars()
    )


def frame(db: Connection, run: RunId) -> RunInfo:
    """One run's frame. Raises LedgerError: no such run."""
    row = db.execute(select(runs).where(runs.c.id == run)).one_or_none()
    if row is None:
        raise LedgerError(f"no run {run}", code="error.ledger.missing", raw=run)
    return RunInfo(
        id=run,
        shop=shop_of(row),
        posture=row.posture,
        config_hash=row.config_hash,
        policy_hash=row.policy_hash,
        opened_at=row.opened_at,
        closed_at=row.closed_at,
        summary=load(_SUMMARY, row.summary, f"the summary of {run}"),
    )
