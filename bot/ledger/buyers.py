"""Buyers by token: the name stands in one row, so that it can be erased while sums and chain stay (S22)."""

from __future__ import annotations

from sqlalchemy import Connection, select

from bot.domain.ids import ShopKey
from bot.ledger.schema import buyers
from bot.ledger.statements import SHOP, of, shop_values, where
from bot.ledger.store import Tx

_TOKEN = select(buyers.c.token).where(where(buyers, *SHOP, "name"))
_NAME = select(buyers.c.name).where(where(buyers, "token"))


def token_of(tx: Tx, shop: ShopKey, name: str) -> str:
    """The buyer's token in this shop, made at the first meeting."""
    known = find(tx.db, shop, name)
    if known is not None:
        return known
    token = tx.ids.fresh("buyer")
    tx.add(buyers, {"token": token, "name": name, **shop_values(shop)})
    return token


def find(db: Connection, shop: ShopKey, name: str) -> str | None:
    """The buyer's token in this shop, if there is one."""
    return db.execute(_TOKEN, of({**shop_values(shop), "name": name})).scalar_one_or_none()


def name_of(db: Connection, token: str) -> str:
    """The buyer's name; the token itself once the name is erased."""
    return db.execute(_NAME, of({"token": token})).scalar_one_or_none() or token
