"""Buyers by token: the name stands in one row, so that it can be erased while sums and chain stay (S22)."""

from __future__ import annotations

from sqlalchemy import Connection, insert, select

from bot.domain.ids import ShopKey
from bot.ledger.schema import buyers, same, shop_values
from bot.ledger.store import Tx


def token_of(tx: Tx, shop: ShopKey, name: str) -> str:
    """The buyer's token in this shop, made at the first meeting."""
    known = find(tx.db, shop, name)
    if known is not None:
        return known
    token = tx.ids.fresh("buyer")
    tx.db.execute(insert(buyers).values(token=token, name=name, **shop_values(shop)))
    return token


def find(db: Connection, shop: ShopKey, name: str) -> str | None:
    """The buyer's token in this shop, if there is one."""
    query = select(buyers.c.token).where(same(buyers, {**shop_values(shop), "name": name}))
    return db.execute(query).scalar_one_or_none()


def name_of(db: Connection, token: str) -> str:
    """The buyer's name; the token itself once the name is erased."""
    return db.execute(select(buyers.c.name).where(buyers.c.token == token)).scalar_one_or_none() or token
