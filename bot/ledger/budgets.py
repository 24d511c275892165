"""Budgets: reserved before the click, posted at the receipt's amount, given back when nothing happened.

A cap is a sum over reservations by day key; there is no counter to reset at midnight (F38). Pending and posted both
count, so neither a crash nor an unknown outcome can free money that may have gone (reliability.md 3.1 rule 10).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from sqlalchemy import ColumnElement, Connection, bindparam, func, or_, select

from bot.domain.action import Action, AgreeRefund, AgreeReturn, Intent, Intercept, Negotiate, spends
from bot.domain.ids import IntentId, ShopKey
from bot.domain.money import ZERO, Money
from bot.errors import OverCap
from bot.ledger import statements
from bot.ledger.schema import buyers, reservations
from bot.ledger.statements import inserting, of, shop_values, where
from bot.ledger.store import Tx
from bot.ports.ledger import BudgetLine, Caps


class State(StrEnum):
    """What became of a reservation; each is resolved once."""

    PENDING = "pending"
    POSTED = "posted"
    VOID = "void"


AGREED = "agreed"
"""The scope of what a strategy agreed to pay once the goods are back (domain.md 42: scene 3 has a cap of the day too)."""

SHOP = "shop"
"""The scope of everything that a shop spends on a day."""

_BUYER = "buyer:"
_C = reservations.c
_DAILY = _C.scope.in_(bindparam("daily", expanding=True)) & where(reservations, "day")
_WHOLE = _C.scope.in_(bindparam("whole", expanding=True))
_SPENT = (
    select(_C.scope, func.sum(_C.amount).label("total"))
    .where(where(reservations, *statements.SHOP), or_(_DAILY, _WHOLE))
    .group_by(_C.scope)
)


@dataclass(frozen=True, slots=True)
class Limit:
    """One bound that an intent's spending is under; `whole_life`: over all days, not one (I6)."""

    scope: str
    cap: Money
    code: str
    whole_life: bool = False


def limits(intent: Intent, caps: Caps, buyer: str) -> Iterator[Limit]:
    """Every bound of the intent. A courier's fee is no refund: the order's paid amount does not bound it.

    A return that is agreed moves nothing yet: it is bounded by what its strategy may agree to on a day, and by nothing else.
    """
    if isinstance(intent.action, AgreeReturn):
        yield Limit(f"{AGREED}:{intent.strategy}", caps.strategy_day, "error.case.over_cap.strategy")
        return
    yield Limit(f"strategy:{intent.strategy}", caps.strategy_day, "error.case.over_cap.strategy")
    yield Limit(SHOP, caps.shop_day, "error.case.over_cap.shop")
    yield Limit(f"{_BUYER}{buyer}", caps.buyer_day, "error.case.over_cap.buyer")
    if isinstance(intent.action, AgreeRefund | Negotiate):
        yield Limit(f"order:{intent.order_id}", intent.paid, "error.case.over_cap.order", whole_life=True)


def reserve(tx: Tx, intent: Intent, caps: Caps, buyer: str) -> None:
    """Count the intent's spending against all its bounds (`buyer` is his token); for actions that spend nothing, do nothing.

    Raises:
        OverCap: spent + pending + this would pass a bound (equal is allowed, domain.md 52), or the amount is no amount to
            spend (F56). Nothing stays written: the caller's transaction ends with it.
    """
    if not isinstance(intent.action, AgreeRefund | AgreeReturn | Intercept | Negotiate):
        return
    amount = counts(intent.action, spends(intent.action))
    _demand_plausible(intent, amount)
    bounds = tuple(limits(intent, caps, buyer))
    spent = _spent(tx.db, intent.case.shop, intent.day, bounds)
    for bound in bounds:
        _demand_room(intent, bound, spent.get(bound.scope, ZERO), amount)
    tx.db.execute(inserting(reservations), [_row(intent, bound, amount) for bound in bounds])


def counts(action: Action, moved: Money) -> Money:
    """What an action counts in the books: what it moves, or for a return that is agreed the sum that it promises."""
    return action.amount if isinstance(action, AgreeReturn) else moved


def _demand_plausible(intent: Intent, amount: Money) -> None:
    floor = ZERO if isinstance(intent.action, Intercept) else Money(1)
    if amount < floor:
        raise OverCap(
            f"{amount} is no amount to spend", case=str(intent.case), code="error.case.amount", raw=str(amount)
        )


def _demand_room(intent: Intent, bound: Limit, spent: Money, amount: Money) -> None:
    if spent + amount > bound.cap:
        sum_up = f"{spent} + {amount} > {bound.cap}"
        scope = intent.buyer if bound.scope.startswith(_BUYER) else bound.scope.partition(":")[2]
        raise OverCap(f"{bound.scope}: {sum_up}", case=str(intent.case), code=bound.code, target=scope, raw=sum_up)


def _spent(db: Connection, shop: ShopKey, day: str, bounds: tuple[Limit, ...]) -> dict[str, Money]:
    """Posted and pending by scope: of the day, or of all days for what is bounded over its whole life."""
    daily = [bound.scope for bound in bounds if not bound.whole_life]
    whole = [bound.scope for bound in bounds if bound.whole_life]
    found = db.execute(_SPENT, of({**shop_values(shop), "day": day}) | {"daily": daily, "whole": whole})
    return {row.scope: row.total for row in found}


def _row(intent: Intent, bound: Limit, amount: Money) -> dict[str, object]:
    return {
        "intent": intent.id,
        **shop_values(intent.case.shop),
        "scope": bound.scope,
        "day": intent.day,
        "state": State.PENDING,
        "reserved": amount,
        "amount": amount,
        "since": intent.armed_at,
    }


def post(tx: Tx, intent: IntentId, amount: Money, at: datetime) -> None:
    """The money went: count what the receipt shows, also where it is not what was reserved. `at`: on the shop's clock."""
    _resolve(tx, intent, {"state": State.POSTED, "amount": amount, "resolved_at": at})


def give_back(tx: Tx, intent: IntentId, at: datetime) -> None:
    """Nothing went: the reservation counts zero from here on (I17). `at`: on the shop's clock."""
    _resolve(tx, intent, {"state": State.VOID, "amount": ZERO, "resolved_at": at})


def take_back(tx: Tx, intent: IntentId, at: datetime) -> None:
    """What was promised is not owed any more: from here on it counts zero. `at`: on the shop's clock."""
    ended = {"state": State.VOID, "amount": ZERO, "resolved_at": at}
    tx.change(reservations, {"intent": intent, "state": State.POSTED}, ended)


def _resolve(tx: Tx, intent: IntentId, outcome: Mapping[str, object]) -> None:
    tx.change(reservations, {"intent": intent, "state": State.PENDING}, outcome)


def lines(db: Connection, day: str) -> tuple[BudgetLine, ...]:
    """Posted and pending of one day by shop and scope; orders are bounded over their whole life and not among them."""
    keys = (_C.platform, _C.shop_id, _C.scope)
    counted = (_C.day == day, _C.state != State.VOID, _C.scope.not_like("order:%"))
    query = select(*keys, _C.state, func.sum(_C.amount)).where(*counted)
    spoken = _spoken(db, counted)
    sums: dict[tuple[str, str, str], dict[str, Money]] = {}
    for platform, shop_id, scope, state, total in db.execute(query.group_by(*keys, _C.state).order_by(*keys)):
        sums.setdefault((platform, shop_id, scope), {})[state] = total
    return tuple(_line(day, key, found, spoken) for key, found in sums.items())


def _line(day: str, key: tuple[str, str, str], found: dict[str, Money], spoken: Mapping[str, str]) -> BudgetLine:
    platform, shop_id, scope = key
    return BudgetLine(
        day=day,
        shop=ShopKey(platform=platform, shop_id=shop_id),
        scope=spoken.get(scope, scope),
        posted=found.get(State.POSTED, ZERO),
        pending=found.get(State.PENDING, ZERO),
    )


def _spoken(db: Connection, counted: Iterable[ColumnElement[bool]]) -> Mapping[str, str]:
    """Scopes of buyers with their names, where these are not erased; in one question, a large day has thousands of them."""
    named = buyers.c.token == func.substr(_C.scope, len(_BUYER) + 1)
    query = select(_C.scope, buyers.c.name).join(buyers, named).where(*counted, buyers.c.name.is_not(None))
    return {scope: f"{_BUYER}{name}" for scope, name in db.execute(query.where(_C.scope.startswith(_BUYER)).distinct())}
