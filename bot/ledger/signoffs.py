"""What people did at the console, and what waits for a second one of them: an event each, names and words beside the chain."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from sqlalchemy import Connection, select

from bot.domain.hand import HandVerdict, same_person
from bot.domain.ids import CaseKey
from bot.errors import CaseError
from bot.ledger import alarms
from bot.ledger.canon import sha256
from bot.ledger.events import About, Kind, append
from bot.ledger.schema import signoffs
from bot.ledger.statements import of, where
from bot.ledger.store import Tx
from bot.ports.alarms import Subject
from bot.ports.notifier import Alarm
from bot.ports.office_views import Signoff

CALLS = "signoff."
"""How the code of the alarm begins that calls for a second person; it ends in the kind of what is asked for."""

Call = Callable[[str], tuple[Alarm, Subject]]
"""The alarm that calls for a second person, by the request's id, which its words name as `signoff`."""

OPEN = "open"
_LATELY = 30
_ONE = select(signoffs).where(where(signoffs, "id"))
_OPEN = select(signoffs).where(signoffs.c.state == OPEN).order_by(signoffs.c.asked_at)
_ASKERS = select(signoffs.c.asked_by).where(signoffs.c.state == OPEN)
_DONE = select(signoffs).where(signoffs.c.state != OPEN).order_by(signoffs.c.answered_at.desc()).limit(_LATELY)


def did(
    tx: Tx, what: str, facts: Mapping[str, object], by: str, why: str, case: CaseKey | None = None, **beside: str
) -> int:
    """Write down what somebody did at the console; `facts` name no person, `beside` may. The event's number comes back."""
    about = About.case(case) if case else About()
    return append(tx, Kind.OFFICE, about, {"did": what, **facts}, {"by": by, "why": why, **beside})


def ask(
    tx: Tx,
    kind: str,
    about: str,
    body: str,
    by: str,
    why: str,
    case: CaseKey | None = None,
    call: Call | None = None,
) -> str:
    """Keep what somebody wants, and call for the second person who answers it; its id comes back. `case`: that of a verdict."""
    id_ = tx.ids.fresh("signoff")
    did(tx, "asked", {"signoff": id_, "kind": kind, "body": sha256(body)}, by, why, case)
    if call:
        alarms.raise_(tx, *call(id_))
    row = {"id": id_, "kind": kind, "about": about, "body": body, "why": why, "asked_by": by, "asked_at": tx.now}
    tx.add(signoffs, {**row, "state": OPEN})
    return id_


def answer(tx: Tx, id_: str, by: str, *, agrees: bool) -> Signoff:
    """A second person's word, once; what was asked comes back.

    Raises:
        CaseError: there is no such request any more, or it is one's own.
    """
    row = _open(tx, id_)
    if same_person(row.asked_by, by):
        raise CaseError("nobody signs off what they asked for", raw=id_, code="office.own_signoff")
    return _end(tx, row, "approved" if agrees else "declined", by)


def withdraw(tx: Tx, id_: str, by: str) -> Signoff:
    """Whoever asked thought better of it, before a second person answered.

    Raises:
        CaseError: there is no such request any more, or it is another person's.
    """
    row = _open(tx, id_)
    if not same_person(row.asked_by, by):
        raise CaseError("a request is its asker's to withdraw", raw=row.asked_by, code="office.others_signoff")
    return _end(tx, row, "withdrawn", by)


def _open(tx: Tx, id_: str) -> Any:
    row = tx.db.execute(_ONE, of({"id": id_})).one_or_none()
    if row is None or row.state != OPEN:
        raise CaseError(f"no open request {id_}", raw=id_, code="office.no_signoff")
    return row


def _end(tx: Tx, row: Any, state: str, by: str) -> Signoff:
    """Nobody is called for it any more; what was asked comes back."""
    did(tx, state, {"signoff": row.id, "kind": row.kind, "body": sha256(row.body)}, by, "", _case(row))
    alarms.end(tx, f"{CALLS}{row.kind}", signoff=row.id)
    tx.change(signoffs, {"id": row.id}, {"state": state, "answered_by": by, "answered_at": tx.now})
    return _signoff(tx.db.execute(_ONE, of({"id": row.id})).one())


def open_verdicts(db: Connection) -> Iterator[Signoff]:
    """Verdicts on cases that wait for a second person, the oldest first."""
    return (_signoff(row) for row in db.execute(_OPEN.where(signoffs.c.kind == "verdict")))


def listed(db: Connection) -> tuple[Signoff, ...]:
    """Open ones, the oldest first; then what was answered lately."""
    return tuple(_signoff(row) for query in (_OPEN, _DONE) for row in db.execute(query))


def askers(db: Connection) -> tuple[str, ...]:
    """Who asked, a name for each request that is open."""
    return tuple(db.execute(_ASKERS).scalars())


def _case(row: Any) -> CaseKey | None:
    return HandVerdict.model_validate_json(row.body).case if row.kind == "verdict" else None


def _signoff(row: Any) -> Signoff:
    return Signoff(**{name: getattr(row, name) for name in Signoff.model_fields})
