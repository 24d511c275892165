"""How often a candidate in the shadow would have done something else, run by run; read off the events, without a payload."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator

from sqlalchemy import Connection, select

from bot.domain.decision import Shadow
from bot.domain.ids import RunId, ShopKey
from bot.ledger.events import Kind
from bot.ledger.schema import events, runs
from bot.ledger.statements import SHOP, of, shop_values, where
from bot.ports.results import ShadowResult

NAMED = 50
"""Cases that a result names; more are counted."""

KEPT = {"policy_hash", "verb", "agrees", "strategy", "day", "takes"}
"""What the event itself holds of a shadow; the rest is in its payload."""

_OF_RUN = (
    select(events.c.aftersale_id, events.c.facts)
    .where(where(events, "run"), events.c.kind == Kind.DECIDED, events.c.facts.contains('"shadow":'))
    .order_by(events.c.seq)
)
_OF_SHOP = (
    select(events.c.aftersale_id, events.c.facts)
    .where(where(events, *SHOP), events.c.kind == Kind.DECIDED, events.c.facts.contains('"shadow":'))
    .order_by(events.c.seq)
)
_NEWEST = select(runs.c.id).where(where(runs, *SHOP)).order_by(runs.c.opened_seq.desc()).limit(1)


def told(db: Connection, shop: ShopKey, policy_hash: str) -> Iterator[tuple[str, Shadow]]:
    """All that a candidate said of a shop's cases, by after-sale id, in its order: its sums of the day are made of it."""
    for row in db.execute(_OF_SHOP, of(shop_values(shop))):
        facts = json.loads(row.facts)["shadow"]
        if facts["policy_hash"] == policy_hash:
            yield row.aftersale_id, Shadow.model_validate(facts)


def of_run(db: Connection, run: RunId) -> ShadowResult | None:
    """The newest word on each case of the run; None where no candidate was in the shadow."""
    newest = {row.aftersale_id: json.loads(row.facts) for row in db.execute(_OF_RUN, of({"run": run}))}
    if not newest:
        return None
    parted = {case: facts for case, facts in newest.items() if not facts["shadow"]["agrees"]}
    turns = Counter(f"{facts['verb']}>{facts['shadow']['verb']}" for facts in parted.values())
    return ShadowResult(
        policy_hash=next(reversed(newest.values()))["shadow"]["policy_hash"],
        judged=len(newest),
        differ=len(parted),
        turns=dict(turns.most_common()),
        cases=tuple(parted)[:NAMED],
    )


def of_shop(db: Connection, shop: ShopKey) -> ShadowResult | None:
    """Of the shop's newest run."""
    run = db.execute(_NEWEST, of(shop_values(shop))).scalar_one_or_none()
    return of_run(db, RunId(run)) if run else None
