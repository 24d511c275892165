"""Runs: one sweep each, opened before its first event and closed with its sums."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from sqlalchemy import insert, select, update

from bot.domain.ids import RunId, ShopKey
from bot.errors import LedgerError
from bot.ledger.canon import canonical
from bot.ledger.events import About, Kind, append
from bot.ledger.schema import runs, same, shop_values
from bot.ledger.store import Tx


@dataclass(frozen=True, slots=True)
class Under:
    """What a run works under: one configuration and one policy, named by hash (I11)."""

    posture: str
    config_hash: str
    policy_hash: str


def open_run(tx: Tx, run: RunId, shop: ShopKey, under: Under) -> None:
    """Begin a run. Raises LedgerError for an id that was used before (F45)."""
    values = {"posture": under.posture, "config_hash": under.config_hash, "policy_hash": under.policy_hash}
    seq = append(tx, Kind.RUN_OPENED, About.shop(shop, run), values)
    tx.db.execute(insert(runs).values(id=run, opened_seq=seq, opened_at=tx.now, **shop_values(shop), **values))


def close_run(tx: Tx, run: RunId, summary: Mapping[str, int]) -> None:
    """End a run. A summary with `stopped` says that it ended early and left cases untouched. Raises LedgerError: no open run."""
    open_one = same(runs, {"id": run, "closed_at": None})
    shop = tx.db.execute(select(runs.c.platform, runs.c.shop_id).where(open_one)).one_or_none()
    if shop is None:
        raise LedgerError(f"no open run {run}", code="error.ledger.conflict", raw=run)
    append(tx, Kind.RUN_CLOSED, About(*shop, run=run), dict(summary))
    tx.db.execute(update(runs).where(runs.c.id == run).values(closed_at=tx.now, summary=canonical(dict(summary))))


def current(tx: Tx, shop: ShopKey, otherwise: RunId) -> RunId:
    """The shop's newest open run: what is proven now is told by the run that found the proof."""
    newest = select(runs.c.id).where(same(runs, {**shop_values(shop), "closed_at": None}))
    found = tx.db.execute(newest.order_by(runs.c.opened_seq.desc()).limit(1)).scalar_one_or_none()
    return RunId(found) if found is not None else otherwise
