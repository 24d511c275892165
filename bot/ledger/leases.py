"""Leases: who may write for a shop. The epoch only rises, so a writer that was paused and replaced is found out (F33, F35)."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any, NoReturn

from sqlalchemy import bindparam, exists, select

from bot.domain.ids import ShopKey
from bot.errors import LeaseLost
from bot.ledger.events import About, Kind, append
from bot.ledger.schema import leases
from bot.ledger.statements import SHOP, of, shop_values, where
from bot.ledger.store import Tx
from bot.ports.ledger import Lease

_OWN = ("platform", "shop_id", "owner", "epoch")
_OF_SHOP = select(leases).where(where(leases, *SHOP)).with_for_update()

HELD = exists().where(where(leases, *_OWN))
"""The condition that nobody has taken the shop since: enough to write down what became of an action."""

ALIVE = exists().where(where(leases, *_OWN), leases.c.expires_at > bindparam("now", type_=leases.c.expires_at.type))
"""The condition that the lease is held and has not run out: what every step towards a click needs."""


def acquire(tx: Tx, shop: ShopKey, owner: str, ttl_s: int) -> Lease:
    """Take the shop under a new epoch. The same owner takes its own lease over at once: its former process is fenced by the epoch.

    Raises:
        LeaseLost: another owner's lease is still alive.
    """
    found = _row(tx, shop)
    if found is not None and found.owner != owner and found.expires_at > tx.now:
        _lost(shop, f"held by {found.owner} until {found.expires_at.isoformat(timespec='seconds')}")
    epoch = found.epoch + 1 if found is not None else 1
    lease = Lease(shop, owner, epoch, tx.now + timedelta(seconds=ttl_s))
    tx.put(leases, shop_values(shop), {"owner": owner, "epoch": epoch, "expires_at": lease.expires_at})
    append(tx, Kind.LEASED, About.shop(shop), {"epoch": epoch, "owner": owner})
    return lease


def renew(tx: Tx, lease: Lease, ttl_s: int) -> Lease:
    """The same lease for longer; also one that ran out, as long as nobody took it. Raises LeaseLost."""
    expires_at = tx.now + timedelta(seconds=ttl_s)
    if not _extend(tx, lease, expires_at):
        _lost(lease.shop, f"epoch {lease.epoch} of {lease.owner} is over")
    return Lease(lease.shop, lease.owner, lease.epoch, expires_at)


def release(tx: Tx, lease: Lease) -> None:
    """Free the shop for others at once. A lease that was lost already is none to give back: nothing happens."""
    if _extend(tx, lease, tx.now):
        append(tx, Kind.RELEASED, About.shop(lease.shop), {"epoch": lease.epoch, "owner": lease.owner})


def fence(tx: Tx, lease: Lease) -> dict[str, object]:
    """Parameters for HELD and ALIVE."""
    return {**of(_key(lease)), "now": tx.now}


def demand(tx: Tx, lease: Lease) -> None:
    """Lock the shop's lease until the transaction ends, or raise LeaseLost: lost, or run out."""
    found = _row(tx, lease.shop)
    if found is None or (found.owner, found.epoch) != (lease.owner, lease.epoch):
        _lost(lease.shop, f"epoch {lease.epoch} of {lease.owner} is over")
    if found.expires_at <= tx.now:
        _lost(lease.shop, f"epoch {lease.epoch} ran out at {found.expires_at.isoformat(timespec='seconds')}")


def _key(lease: Lease) -> dict[str, object]:
    return {**shop_values(lease.shop), "owner": lease.owner, "epoch": lease.epoch}


def _row(tx: Tx, shop: ShopKey) -> Any:
    return tx.db.execute(_OF_SHOP, of(shop_values(shop))).one_or_none()


def _extend(tx: Tx, lease: Lease, expires_at: datetime) -> bool:
    return tx.change(leases, _key(lease), {"expires_at": expires_at})


def _lost(shop: ShopKey, why: str) -> NoReturn:
    raise LeaseLost(f"the lease of {shop}: {why}", target=str(shop), raw=why)
