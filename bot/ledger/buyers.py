"""Buyers by token: the name stands in one row, so that it can be erased while sums and chain stay (S22)."""

from __future__ import annotations

from collections.abc import Iterator

from sqlalchemy import Connection, select

from bot.domain.ids import CaseKey, ShopKey
from bot.domain.outcome import CaseStatus
from bot.ledger.schema import buyers, cases
from bot.ledger.statements import SHOP, key_of, of, shop_values, where
from bot.ledger.store import Tx

_TOKEN = select(buyers.c.token).where(where(buyers, *SHOP, "name"))
_CASES = (
    select(cases)
    .join(buyers, buyers.c.token == cases.c.buyer)
    .where(where(buyers, *SHOP, "name"))
    .order_by(cases.c.aftersale_id)
)
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


def cases_of(db: Connection, shop: ShopKey, name: str) -> Iterator[tuple[CaseKey, str, CaseStatus]]:
    """The buyer's cases in this shop by id, each with its order and how it stands."""
    for row in db.execute(_CASES, of({**shop_values(shop), "name": name})):
        yield key_of(row), row.order_id, CaseStatus(row.status)


def name_of(db: Connection, token: str) -> str:
    """The buyer's name; the token itself once the name is erased."""
    return db.execute(_NAME, of({"token": token})).scalar_one_or_none() or token
