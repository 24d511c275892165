"""People's word on what strategies would have done, read off the ledger: what became of a case, and explicit votes.

A word counts for a strategy that has to earn its autonomy, for the newest decision that it made on a case. It is, first
found first taken:

- an explicit vote on the case since then (`policy vote`), or what a person had the robot do instead, or just so
  (`refundpilot decide`): the same verb, for the same sum where it is an offer;
- after an act of ours: only what undoes it, an override. The shop shows a refund or a return where we had refused, a refusal or
  a return where we had paid or intercepted, a refund without any parcel back where we had agreed to a return. Once we have
  acted on the case anew, nobody can tell whose work a later state is;
- else the state in which the case left our hands, where it tells the verb (refunded, return agreed, refused, offered) and was
  seen before its deadline: behind it the platform may have acted alone.

What tells no verb (the buyer withdrew, an intercept, a note) is no word at all.
"""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from pydantic import TypeAdapter
from sqlalchemy import Connection, Row, and_, bindparam, select

from bot.domain.action import Verb
from bot.domain.case import CaseState
from bot.domain.ids import CaseKey
from bot.engine.autonomy import Word
from bot.errors import CaseError
from bot.ledger.canon import load
from bot.ledger.events import About, Kind, append
from bot.ledger.schema import events, payloads
from bot.ledger.statements import CASE, case_values, of, where
from bot.ledger.store import Tx
from bot.ports.past import Kept

SHOWN: Mapping[str, Verb] = {
    CaseState.SUCCESS: Verb.AGREE_REFUND,
    CaseState.REFUNDING: Verb.AGREE_REFUND,
    CaseState.WAIT_BUYER_RETURN: Verb.AGREE_RETURN,
    CaseState.SELLER_REFUSED: Verb.REFUSE,
    CaseState.WAIT_BUYER_ANSWER: Verb.NEGOTIATE,
}
"""What the seller has done where a case stands so (domain.md 2.2); any other state tells nothing."""

UNDONE: Mapping[str, frozenset[CaseState]] = {
    Verb.REFUSE: frozenset({CaseState.SUCCESS, CaseState.REFUNDING, CaseState.WAIT_BUYER_RETURN}),
    Verb.AGREE_REFUND: frozenset({CaseState.SELLER_REFUSED, CaseState.WAIT_BUYER_RETURN}),
    Verb.INTERCEPT: frozenset({CaseState.SELLER_REFUSED, CaseState.WAIT_BUYER_RETURN}),
}
"""States that undo what we did: a colleague or the platform has decided otherwise."""

BROUGHT_ABOUT: Mapping[str, CaseState] = {
    Verb.AGREE_REFUND: CaseState.SUCCESS,
    Verb.AGREE_RETURN: CaseState.WAIT_BUYER_RETURN,
    Verb.REFUSE: CaseState.SELLER_REFUSED,
}
"""Where a case stands once a person had this done."""

PAID = frozenset({CaseState.SUCCESS, CaseState.REFUNDING})
"""States that undo an agreed return, where no parcel came back."""

TELLING = frozenset(SHOWN.values())
"""Verbs that a state can tell; agreement on any other one is an explicit vote."""

_AT_ONCE = 200
_KEPT = TypeAdapter(Kept)
_EARNING = (
    select(*(events.c[name] for name in (*CASE, "seq", "facts")))
    .where(events.c.kind == Kind.DECIDED, events.c.facts.contains('"earned":'), events.c.seq < bindparam("before"))
    .order_by(events.c.seq.desc())
    .limit(_AT_ONCE)
)
_D, _L = events.alias(), events.alias()
_LATER = (
    select(_D.c.seq.label("of"), _L.c.seq, _L.c.kind, _L.c.facts)
    .join(_L, and_(*(_L.c[name] == _D.c[name] for name in CASE)))
    .where(_D.c.seq.in_(bindparam("numbers", expanding=True)), _L.c.seq > _D.c.seq)
    .where(_L.c.kind.in_((Kind.DECIDED, Kind.SETTLED, Kind.VOTED, Kind.HAND)))
    .order_by(_D.c.seq, _L.c.seq)
)
"""What followed each of some decisions on its case."""
_BODY = select(payloads.c.body).where(where(payloads, "seq"))
_NEWEST = (
    select(events)
    .where(where(events, *CASE), events.c.kind == Kind.DECIDED, events.c.facts.contains('"earned":'))
    .order_by(events.c.seq.desc())
    .limit(1)
)
_LAST = 2**62


@dataclass(frozen=True, slots=True)
class _After:
    """What followed a decision on its case."""

    acted: bool = False
    vote: str = ""
    state: str = ""
    seen_seq: int = 0
    since: tuple[tuple[str, int], ...] = ()
    """States in which the case was seen out of our hands after our act, each with its event."""


def words(db: Connection, versions: Mapping[str, str], most: int) -> dict[str, list[Word]]:
    """For each strategy the newest words on its present version, the newest first, `most` at the most."""
    found: dict[str, list[Word]] = {strategy: [] for strategy in versions}
    seen: set[tuple[str, ...]] = set()
    for page in _decided(db):
        made = [(tuple(getattr(row, name) for name in CASE), row.seq, json.loads(row.facts)) for row in page]
        mine = [one for one in made if one[0] not in seen and versions.get(one[2]["strategy"]) == one[2]["earned"]]
        later = _later(db, [seq for _, seq, _ in mine])
        for case, seq, facts in mine:
            told = found[facts["strategy"]]
            if case in seen or len(told) >= most:
                continue
            seen.add(case)
            if word := _word(db, seq, facts, later[seq]):
                told.append(word)
        if all(len(one) >= most for one in found.values()):
            break
    return found


def _decided(db: Connection) -> Iterator[Sequence[Row[Any]]]:
    """Decisions of such strategies, the newest first, some at once."""
    before = _LAST
    while rows := db.execute(_EARNING, {"before": before}).all():
        yield rows
        before = rows[-1].seq


def _later(db: Connection, numbers: Sequence[int]) -> Mapping[int, Sequence[Any]]:
    """By decision what followed it, all in one question: one for each was most of the work."""
    found: dict[int, list[Any]] = defaultdict(list)
    for row in db.execute(_LATER, {"numbers": numbers}) if numbers else ():
        found[row.of].append(row)
    return found


def _word(db: Connection, seq: int, decided: Mapping[str, Any], later: Sequence[Any]) -> Word | None:
    after, verb = _after(seq, decided, later), decided["verb"]
    if after.vote:
        differs = Word.OVERRIDDEN if after.acted else Word.DIFFERED
        return Word.AGREED if after.vote == "agree" else differs
    if after.acted:
        return Word.OVERRIDDEN if any(_undoes(db, verb, *seen) for seen in after.since) else None
    if after.state not in SHOWN or verb not in TELLING or not _in_time(db, seq, after.seen_seq):
        return None
    return Word.AGREED if SHOWN[after.state] == verb else Word.DIFFERED


def _undoes(db: Connection, verb: str, state: str, seq: int) -> bool:
    if verb != Verb.AGREE_RETURN or state not in PAID:
        return state in UNDONE.get(verb, frozenset())
    body = db.execute(_BODY, of({"seq": seq})).scalar_one_or_none()
    return body is not None and load(_KEPT, body, "a decision").snapshot.returned is None


def _after(seq: int, decided: Mapping[str, Any], later: Sequence[Any]) -> _After:
    found, anew, by_hand, read = _After(), False, False, seq
    for event in later:
        facts = json.loads(event.facts)
        match event.kind:
            case kind if by_hand and kind != Kind.VOTED:
                continue  # from here on it is the person's doing
            case Kind.SETTLED if anew:
                break
            case Kind.SETTLED:
                found = replace(found, acted=True)
            case Kind.VOTED:
                found = replace(found, vote=facts["word"])
            case Kind.HAND if facts["verb"] == Verb.HOLD:
                pass  # nothing was done by it: the page tells what became of the case
            case Kind.HAND if found.acted:
                found, by_hand = _seen(found, BROUGHT_ABOUT.get(facts["verb"], ""), read), True
            case Kind.HAND:
                found, by_hand = replace(found, vote="agree" if _same_deed(decided, facts) else "differ"), True
            case _ if state := _state(facts):
                found, read = _seen(found, state, event.seq), event.seq
            case _:
                anew, read = anew or facts["verb"] != Verb.HOLD, event.seq
    return found


def _same_deed(decided: Mapping[str, Any], done: Mapping[str, Any]) -> bool:
    """The verb makes it, and of an offer its sum; what a refusal says is for people to word."""
    if decided["verb"] != Verb.NEGOTIATE:
        return bool(decided["verb"] == done["verb"])
    return (decided["verb"], decided["amount"]) == (done["verb"], done["amount"])


def _seen(found: _After, state: str, seq: int) -> _After:
    first = found if found.state else replace(found, state=state, seen_seq=seq)
    return replace(first, since=(*first.since, (state, seq))) if first.acted else first


def _state(facts: Mapping[str, Any]) -> str:
    """Where the case stood when it was out of the shop's hands; empty while it was not."""
    head, _, state = (facts["reasons"] or [""])[0].partition(".")
    return state if head == "not_pending" else ""


def _in_time(db: Connection, decided: int, seen: int) -> bool:
    """Seen out of our hands before the deadline that the decision knew; where that was erased, nobody can tell."""
    bodies = [body for seq in (decided, seen) if (body := db.execute(_BODY, of({"seq": seq})).scalar_one_or_none())]
    if len(bodies) < 2:
        return False
    before, after = (load(_KEPT, body, "a decision") for body in bodies)
    deadline = before.snapshot.deadline
    return deadline is None or after.decision.decided_at < deadline.at


def vote(tx: Tx, case: CaseKey, *, agrees: bool) -> str:
    """Write down what a person says of the newest decision on a case; the strategy's id comes back.

    Raises:
        CaseError: no strategy that has to earn its autonomy ever decided on the case.
    """
    row = tx.db.execute(_NEWEST, of(case_values(case))).one_or_none()
    if row is None:
        raise CaseError("nothing to vote on", case=str(case), code="error.case.no_vote", raw=str(case))
    decided = json.loads(row.facts)
    facts = {"word": "agree" if agrees else "differ", "strategy": decided["strategy"], "decided": row.seq}
    append(tx, Kind.VOTED, About.case(case), facts)
    return str(decided["strategy"])
