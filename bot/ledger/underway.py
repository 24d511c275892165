"""Verdicts of the console that nobody answered yet: handed to the robot, or kept for a second person; a case has one at a time."""

from __future__ import annotations

from collections.abc import Collection, Mapping

from pydantic import TypeAdapter
from sqlalchemy import Connection

from bot.domain.hand import HandVerdict
from bot.domain.ids import CaseKey
from bot.errors import CaseError
from bot.ledger import events, handed, signoffs
from bot.ledger.canon import load
from bot.ledger.store import Tx
from bot.ports.office_views import Signoff, UnderWay

_VERDICT = TypeAdapter(HandVerdict)


def of_cases(db: Connection, cases: Collection[CaseKey]) -> Mapping[CaseKey, UnderWay]:
    """What is under way on these cases; what the robot has goes before what waits for a second person."""
    asked = {
        verdict.case: _told("second", verdict, one) for one in signoffs.open_verdicts(db) for verdict in [_of(one)]
    }
    given = {verdict.case: _told("robot", verdict) for _, verdict in handed.waiting_on(db, cases)}
    return {case: way for case, way in {**asked, **given}.items() if case in cases}


def refuse_second(tx: Tx, case: CaseKey, agreed: str = "") -> None:
    """A verdict on a case with one under way is not taken, whatever it says; `agreed`: the request that it answers.

    Raises:
        CaseError: somebody was first.
    """
    events.head(tx.db, lock=True)
    way = of_cases(tx.db, [case]).get(case)
    if way is not None and (not agreed or way.signoff != agreed):
        raise CaseError(f"{way.by} decided on {case} already", target=way.verb, raw=way.by, code=way.code)


def _of(one: Signoff) -> HandVerdict:
    return load(_VERDICT, one.body, f"the request {one.id}")


def _told(waits_for: str, verdict: HandVerdict, asked: Signoff | None = None) -> UnderWay:
    since = asked.asked_at if asked else verdict.decided_at
    return UnderWay(
        waits_for=waits_for, verb=verdict.verb, by=verdict.by, since=since, signoff=asked.id if asked else ""
    )
