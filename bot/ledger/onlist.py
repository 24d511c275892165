"""What a shop's list shows by all that the ledger knows, how each case of it was last read, and what that look ended in (ADR 0022)."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterator, Mapping
from typing import Any

from pydantic import TypeAdapter
from sqlalchemy import Connection, and_, literal_column, select, update

from bot.domain.action import Mark, Verb
from bot.domain.case import PENDING, Row, Snapshot
from bot.domain.facts import Known
from bot.domain.ids import CaseKey, RunId, ShopKey
from bot.domain.outcome import CaseStatus
from bot.ledger.canon import canonical, load
from bot.ledger.events import Kind
from bot.ledger.schema import LIVE, cases, events, intents, run_cases, runs
from bot.ledger.statements import CASE, SHOP, of, shop_values, updating, where
from bot.ledger.store import Tx
from bot.ports.ledger import Look, OnList

_ROW = TypeAdapter(Row)
_LEAVES = frozenset({Verb.AGREE_REFUND, Verb.AGREE_RETURN, Verb.REFUSE, Verb.NEGOTIATE})
"""Acts after which it is somebody else's turn, so that the list shows the case no more."""

_RESTS = (CaseStatus.HELD, CaseStatus.WAITING)
_AFTERWARDS = (Kind.HAND, Kind.VOTED, Kind.ARMED)
"""What happens to a case that makes an earlier look at it an old one: a person's word, and an act of ours."""

_listed = cases.c.listed == literal_column("1")
"""Spelled out, since the index over the listed ones is found by it."""

_LISTED = select(cases.c.aftersale_id).where(where(cases, *SHOP), _listed)
_OF_SHOP = select(cases.c.aftersale_id, cases.c.listed, cases.c.row).where(where(cases, *SHOP))
_SHOP_OF_RUN = select(*(runs.c[name] for name in SHOP)).where(where(runs, "id"))
_LEFT = update(cases).where(where(cases, *CASE)).values(listed=0)

_of_run = and_(run_cases.c.run == cases.c.run, *(run_cases.c[name] == cases.c[name] for name in CASE))
_later = events.alias()
_since = (
    select(_later.c.seq)
    .where(*(_later.c[name] == cases.c[name] for name in CASE), _later.c.seq > events.c.seq)
    .where(_later.c.kind.in_(_AFTERWARDS))
    .exists()
)
_open = (
    select(intents.c.id).where(*(intents.c[name] == cases.c[name] for name in CASE), intents.c.mark.in_(LIVE)).exists()
)
_called_back = (
    select(intents.c.id)
    .where(*(intents.c[name] == cases.c[name] for name in CASE))
    .where(intents.c.verb == Verb.INTERCEPT, intents.c.mark == Mark.SETTLED)
    .exists()
)
_NOW = (
    select(
        *(
            cases.c[name]
            for name in ("aftersale_id", "status", "reasons", "claim", "deadline", "row", "read_at", "run")
        ),
        *(runs.c[name] for name in ("posture", "config_hash")),
        events.c.facts,
        (_since | _open).label("woken"),
        _called_back.label("called_back"),
    )
    .select_from(cases)
    .outerjoin(runs, runs.c.id == cases.c.run)
    .outerjoin(run_cases, _of_run)
    .outerjoin(events, events.c.seq == run_cases.c.decided_seq)
    .where(where(cases, *SHOP), _listed)
    .order_by(cases.c.aftersale_id)
)


def shown(tx: Tx, shop: ShopKey, rows: Mapping[str, Row], picked: Collection[str]) -> None:
    """The list shows these rows; of those that are worked on it is kept how they stand."""
    known = tx.db.execute(_OF_SHOP, of(shop_values(shop)))
    told = [
        {**of(shop_values(shop)), "of_aftersale_id": row.aftersale_id, "listed": 1, "row": text}
        for row in known
        if row.aftersale_id in rows
        for text in [canonical(rows[row.aftersale_id]) if row.aftersale_id in picked or row.row is None else row.row]
        if not row.listed or text != row.row
    ]
    if told:
        tx.db.execute(updating(cases, *CASE), told)


def nothing_else(tx: Tx, run: RunId, rows: Collection[CaseKey]) -> None:
    """The run's shop shows these rows and no others."""
    shop = tx.db.execute(_SHOP_OF_RUN, of({"id": run})).one_or_none()
    if shop is None:
        return
    place = dict(zip(SHOP, shop, strict=True))
    shows = {row.aftersale_id for row in rows}
    gone = [id_ for id_ in tx.db.execute(_LISTED, of(place)).scalars() if id_ not in shows]
    if gone:
        tx.db.execute(_LEFT, [of({**place, "aftersale_id": id_}) for id_ in gone])


def ended(verb: Verb) -> dict[str, object]:
    """Columns of a case on which this was proven."""
    return {"listed": 0} if verb in _LEAVES else {}


def gone(snapshot: Snapshot) -> dict[str, object]:
    """Columns of a case whose page says that it is not the seller's turn."""
    state = snapshot.state
    return {"listed": 0} if isinstance(state, Known) and state.value not in PENDING else {}


def on_list(db: Connection, shop: ShopKey) -> Iterator[tuple[CaseKey, OnList]]:
    """Every case that the list shows by what is known, by id."""
    for row in db.execute(_NOW, of(shop_values(shop))):
        case = CaseKey(platform=shop.platform, shop_id=shop.shop_id, aftersale_id=row.aftersale_id)
        stood = load(_ROW, row.row, f"the row of {case}") if row.row else None
        decided = json.loads(row.facts) if row.facts is not None else None
        yield (
            case,
            OnList(
                amount=row.claim,
                deadline=row.deadline,
                row=stood,
                look=_look(row, decided),
                called_back=bool(row.called_back),
                verb=Verb(decided["verb"]) if decided else None,
                judged_in=_judged_in(row),
            ),
        )


def _judged_in(row: Any) -> str:
    return row.run if row.status == CaseStatus.DECIDED and not row.woken else ""


def _look(row: Any, decided: Mapping[str, Any] | None) -> Look | None:
    """A look that ended as its own decision says: its reasons close the case's, whatever a posture or a person put before them."""
    if row.read_at is None or decided is None or row.woken or CaseStatus(row.status) not in _RESTS:
        return None
    codes = [reason["code"] for reason in json.loads(row.reasons)]
    own = decided["reasons"]
    if not own or codes[-len(own) :] != own:
        return None
    return Look(
        read_at=row.read_at,
        posture=row.posture,
        config_hash=row.config_hash,
        policy_hash=decided["policy_hash"],
        why=codes[0],
        strategy=decided["strategy"],
        earned=decided.get("earned", ""),
    )
