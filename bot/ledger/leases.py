"""Leases: who may write for a shop. The epoch only rises, so a writer that was paused and replaced is found out (F33, F35)."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any, NoReturn

from sqlalchemy import ColumnElement, exists, select, update

from bot.domain.ids import ShopKey
from bot.errors import LeaseLost
from bot.ledger.events import About, Kind, append
from bot.ledger.schema import leases, same, shop_values
from bot.ledger.store import Tx
from bot.ports.ledger import Lease


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
    tx.put(leases, {**shop_values(shop)}, {"owner": owner, "epoch": epoch, "expires_at": lease.expires_at})
    append(tx, Kind.LEASED, About.shop(shop), {"epoch": epoch, "owner": owner})
    return lease


def renew(tx: Tx, lease: Lease, ttl_s: int) -> Lease:
    """The same lease for longer; also one that ran out, as long as nobody took it. Raises LeaseLost."""
    expires_at = tx.now + timedelta(seconds=ttl_s)
    _extend(tx, lease, expires_at)
    return Lease(lease.shop, lease.owner, lease.epoch, expires_at)


def release(tx: Tx, lease: Lease) -> None:
    """Free the shop for others at once. A lease that was lost already is none to give back: nothing happens."""
    if _row_if_held(tx, lease):
        _extend(tx, lease, tx.now)
        append(tx, Kind.RELEASED, About.shop(lease.shop), {"epoch": lease.epoch, "owner": lease.owner})


def held(lease: Lease) -> ColumnElement[bool]:
    """The condition that nobody has taken the shop since: enough to write down what became of an action."""
    return exists().where(_own(lease))


def alive(lease: Lease, now: datetime) -> ColumnElement[bool]:
    """The condition that the lease is held and has not run out: what every step towards a click needs."""
    return exists().where(_own(lease), leases.c.expires_at > now)


def demand(tx: Tx, lease: Lease) -> None:
    """Lock the shop's lease until the transaction ends, or raise LeaseLost: lost, or run out."""
    found = _row(tx, lease.shop)
    if found is None or (found.owner, found.epoch) != (lease.owner, lease.epoch):
        _lost(lease.shop, f"epoch {lease.epoch} of {lease.owner} is over")
    if found.expires_at <= tx.now:
        _lost(lease.shop, f"epoch {lease.epoch} ran out at {found.expires_at.isoformat(timespec='seconds')}")


def _own(lease: Lease) -> ColumnElement[bool]:
    return same(leases, {**shop_values(lease.shop), "owner": lease.owner, "epoch": lease.epoch})


def _row(tx: Tx, shop: ShopKey) -> Any:
    return tx.db.execute(select(leases).where(same(leases, shop_values(shop))).with_for_update()).one_or_none()


def _row_if_held(tx: Tx, lease: Lease) -> bool:
    return tx.db.execute(select(leases.c.epoch).where(_own(lease)).with_for_update()).one_or_none() is not None


def _extend(tx: Tx, lease: Lease, expires_at: datetime) -> None:
    if tx.db.execute(update(leases).where(_own(lease)).values(expires_at=expires_at)).rowcount == 0:
        _lost(lease.shop, f"epoch {lease.epoch} of {lease.owner} is over")


def _lost(shop: ShopKey, why: str) -> NoReturn:
    raise LeaseLost(f"the lease of {shop}: {why}", target=str(shop), raw=why)
