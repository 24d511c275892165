"""Alarms in the ledger: one row for each that is open, every try to tell of it, and who answered; the chain has the turns of it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any

from pydantic import TypeAdapter
from sqlalchemy import Connection, Row, and_, bindparam, func, or_, select

from bot.domain.decision import Reason
from bot.domain.ids import ShopKey
from bot.domain.outcome import CaseStatus
from bot.ledger.canon import canonical, load
from bot.ledger.cases import IN_WORK
from bot.ledger.events import About, Kind, append
from bot.ledger.schema import alarm_sendings, alarms, cases, sightings
from bot.ledger.statements import CASE, SHOP, case_values, key_of, of, shop_of, shop_values, where
from bot.ledger.store import Tx
from bot.ports.alarms import BY_ITSELF, AlarmEntry, NearCase, NearHold, Sending, Subject
from bot.ports.notifier import LOUDNESS, Alarm, Urgency

_PARAMS: TypeAdapter[dict[str, str]] = TypeAdapter(dict[str, str])
_OPEN = alarms.c.acknowledged_at.is_(None)
_NEWEST = select(alarms).where(where(alarms, "subject")).order_by(alarms.c.number.desc()).limit(1)
_LAST = select(func.max(alarms.c.number))
_ALL_OPEN = select(alarms).where(_OPEN).order_by(alarms.c.number)
_OVER = (
    select(alarms.c.number)
    .join(cases, and_(*(cases.c[name] == alarms.c[name] for name in CASE)))
    .where(_OPEN, cases.c.status.in_((CaseStatus.DONE, CaseStatus.FOREIGN)))
)
_OPEN_OF = select(alarms.c.number, alarms.c.params).where(_OPEN, where(alarms, "code")).order_by(alarms.c.number)
_SENDINGS = (
    select(alarm_sendings)
    .where(alarm_sendings.c.alarm.in_(select(alarms.c.number).where(_OPEN)))
    .order_by(alarm_sendings.c.id)
)
_OF_MESSAGE = select(alarm_sendings.c.alarm).where(where(alarm_sendings, "message"), alarm_sendings.c.ok == 1)
_OPEN_AMONG = select(alarms).where(_OPEN, alarms.c.number.in_(bindparam("numbers", expanding=True)))
_HIGHEST = select(func.max(alarm_sendings.c.rung)).where(where(alarm_sendings, "alarm"), alarm_sendings.c.ok == 1)
_SAID = (
    select(alarm_sendings.c.channel, func.max(alarm_sendings.c.at).label("at"))
    .where(alarm_sendings.c.ok == 1, alarm_sendings.c.at <= bindparam("now"))
    .group_by(alarm_sendings.c.channel)
)
_OBSERVED = and_(
    cases.c.status == CaseStatus.DECIDED, cases.c.listed == 1, cases.c.reasons.startswith('[{"code":"would.observe"')
)
"""Canonical JSON begins so."""

_NEAR = (
    select(cases.c.platform, cases.c.shop_id, cases.c.aftersale_id, cases.c.deadline, _OBSERVED.label("observed"))
    .where(or_(cases.c.status == CaseStatus.HELD, _OBSERVED))
    .where(cases.c.deadline > bindparam("now"), cases.c.deadline <= bindparam("until"))
    .order_by(cases.c.deadline)
)
_NEAR_OURS = (
    select(cases)
    .where(cases.c.status.in_((*IN_WORK, CaseStatus.WAITING)), cases.c.listed == 1)
    .where(cases.c.deadline > bindparam("now"), cases.c.deadline <= bindparam("until"))
    .order_by(cases.c.deadline, cases.c.aftersale_id)
)
"""What was acted on left the list: its deadline is the buyer's."""

_OPEN_CASES = (*IN_WORK, CaseStatus.WAITING, CaseStatus.HELD)
_FIRST = select(func.min(cases.c.deadline)).where(
    where(cases, *SHOP), cases.c.status.in_(_OPEN_CASES), cases.c.deadline > bindparam("now")
)
_AMOUNT = select(sightings.c.amount).where(where(sightings, *CASE)).order_by(sightings.c.seq.desc()).limit(1)
_MOOT = (
    select(alarms.c.number)
    .join(cases, and_(*(cases.c[name] == alarms.c[name] for name in CASE)))
    .where(_OPEN, where(alarms, "code"), alarms.c.raised_at <= bindparam("before"))
    .where(cases.c.status.in_(bindparam("standings", expanding=True)))
)


def raise_(tx: Tx, alarm: Alarm, subject: Subject) -> bool:
    """Open it, or count it on the one that is open or was answered lately; True where a person has something new to know."""
    row = tx.db.execute(_NEWEST, of({"subject": subject.key})).one_or_none()
    if row is None or (row.acknowledged_at is not None and _is_news(alarm, row, subject, tx.now)):
        _open(tx, alarm, subject)
        return True
    changed = _merged(alarm, row, tx.now) if row.acknowledged_at is None else {}
    tx.change(alarms, {"number": row.number}, {**changed, "times": row.times + 1, "last_at": tx.now})
    return False


def _is_news(alarm: Alarm, row: Row[Any], subject: Subject, now: datetime) -> bool:
    """Of one that was answered: by nobody but its case, or its rest is over, or it is worse than what was answered."""
    return (
        row.acknowledged_by == BY_ITSELF
        or now - row.acknowledged_at >= subject.rest
        or LOUDNESS[alarm.urgency] > LOUDNESS[Urgency(row.urgency)]
        or (alarm.amount is not None and row.amount is not None and alarm.amount > row.amount)
        or (alarm.deadline is not None and row.deadline is not None and alarm.deadline < row.deadline)
    )


def _open(tx: Tx, alarm: Alarm, subject: Subject) -> None:
    number = (tx.db.execute(_LAST).scalar_one() or 0) + 1
    facts = {
        "alarm": number,
        "subject": subject.key,
        "urgency": alarm.urgency,
        "code": alarm.reason.code,
        "amount": alarm.amount.fen if alarm.amount else None,
        "deadline": alarm.deadline,
    }
    case = {"platform": alarm.shop.platform, "shop_id": alarm.shop.shop_id, "aftersale_id": alarm.case_id}
    append(tx, Kind.ALARMED, About(**case), facts, {"reason": alarm.reason, "picture": alarm.picture})
    row = {
        **case,
        "number": number,
        "subject": subject.key,
        "urgency": alarm.urgency,
        "code": alarm.reason.code,
        "params": canonical(alarm.reason.params),
        "amount": alarm.amount,
        "deadline": alarm.deadline,
        "picture": alarm.picture,
        "times": 1,
        "raised_at": tx.now,
        "last_at": tx.now,
        "acknowledged_by": "",
        "note": "",
    }
    tx.add(alarms, row)


def _merged(alarm: Alarm, row: Row[Any], now: datetime) -> dict[str, object]:
    """The newest words and the gravest figures; a deadline that has passed gives way to the next one."""
    over = row.deadline is not None and row.deadline <= now
    amounts = [amount for amount in (alarm.amount, None if over else row.amount) if amount is not None]
    deadlines = [moment for moment in (alarm.deadline, None if over else row.deadline) if moment is not None]
    return {
        "urgency": max(alarm.urgency, Urgency(row.urgency), key=LOUDNESS.__getitem__),
        "params": canonical(alarm.reason.params),
        "amount": max(amounts, default=row.amount),
        "deadline": min(deadlines, default=row.deadline),
        "picture": alarm.picture or row.picture,
    }


def sent(tx: Tx, numbers: Sequence[int], sending: Sending) -> None:
    """Write down one try; a rung that is reached for the first time is a turn for the chain."""
    rows = {row.number: row for row in tx.db.execute(_OPEN_AMONG, {"numbers": list(numbers)})}
    for number in numbers:
        if sending.ok and number in rows:
            highest = tx.db.execute(_HIGHEST, of({"alarm": number})).scalar_one()
            if highest is None or sending.rung > highest:
                facts = {"alarm": number, "rung": sending.rung, "channel": sending.channel, "message": sending.message}
                append(tx, Kind.ESCALATED, _about(rows[number]), facts)
        tx.add(alarm_sendings, {**sending.model_dump(), "ok": int(sending.ok), "alarm": number})


def acknowledge(tx: Tx, wanted: int | str, by: str, note: str) -> tuple[int, ...]:
    """Close what is open of it. Who and what he says stand beside the chain, not in it."""
    message = of({"message": wanted})
    numbers = [wanted] if isinstance(wanted, int) else list(tx.db.execute(_OF_MESSAGE, message).scalars())
    closed = tx.db.execute(_OPEN_AMONG.order_by(alarms.c.number), {"numbers": numbers}).all()
    for row in closed:
        facts = {"alarm": row.number, "times": row.times}
        append(tx, Kind.ACKNOWLEDGED, _about(row), facts, {"by": by, "note": note})
        told = {"acknowledged_at": tx.now, "acknowledged_by": by, "note": note}
        tx.change(alarms, {"number": row.number}, told)
    return tuple(row.number for row in closed)


def close_moot(tx: Tx, code: str, standings: Collection[CaseStatus], before: datetime) -> tuple[int, ...]:
    """Answer the alarms of this code, raised before then, whose case stands so by now."""
    asked = {**of({"code": code}), "standings": list(standings), "before": before}
    numbers = tx.db.execute(_MOOT, asked).scalars().all()
    return tuple(closed for number in numbers for closed in acknowledge(tx, number, BY_ITSELF, ""))


def end(tx: Tx, code: str, **said: str) -> tuple[int, ...]:
    """Answer what is open of this code and says this: what it called for is done."""
    rows = tx.db.execute(_OPEN_OF, of({"code": code})).all()
    meant = [row.number for row in rows if said.items() <= load(_PARAMS, row.params, f"alarm {row.number}").items()]
    return tuple(closed for number in meant for closed in acknowledge(tx, number, BY_ITSELF, ""))


def open_ones(db: Connection) -> Iterator[AlarmEntry]:
    """All that nobody has answered, with every try to tell of them."""
    tries: dict[int, list[Sending]] = defaultdict(list)
    rows = db.execute(_ALL_OPEN).all()
    for one in db.execute(_SENDINGS) if rows else ():
        told = {name: getattr(one, name) for name in Sending.model_fields}
        tries[one.alarm].append(Sending(**{**told, "ok": bool(one.ok)}))
    over = frozenset(db.execute(_OVER).scalars()) if rows else frozenset()
    yield from (_entry(row, tries[row.number], case_over=row.number in over) for row in rows)


def raised_between(db: Connection, since: datetime, until: datetime) -> Iterator[AlarmEntry]:
    """All that were first raised then, answered or not, the oldest first; without the tries to tell of them."""
    query = select(alarms).where(alarms.c.raised_at >= since, alarms.c.raised_at < until).order_by(alarms.c.number)
    yield from (_entry(row, ()) for row in db.execute(query))


def answered(db: Connection, since: datetime, limit: int) -> Iterator[AlarmEntry]:
    """The newest that somebody answered, of those raised since then; without the tries to tell of them."""
    query = select(alarms).where(~_OPEN, alarms.c.raised_at >= since).order_by(alarms.c.number.desc()).limit(limit)
    yield from (_entry(row, ()) for row in db.execute(query))


def told_by(db: Connection, message: str) -> Iterator[AlarmEntry]:
    """What one message that came through told of."""
    numbers = list(db.execute(_OF_MESSAGE, of({"message": message})).scalars())
    query = select(alarms).where(alarms.c.number.in_(numbers)).order_by(alarms.c.number)
    yield from (_entry(row, ()) for row in db.execute(query))


def last_messages(db: Connection, now: datetime) -> Mapping[str, datetime]:
    """By channel: when something last came through by then. MAX over text: one width and one offset (`columns.moment`)."""
    return {row.channel: row.at for row in db.execute(_SAID, {"now": now})}


def next_deadline(db: Connection, shop: ShopKey, now: datetime) -> datetime | None:
    """Of the shop's cases without an end; MIN over text, as above."""
    found: datetime | None = db.execute(_FIRST, {**of(shop_values(shop)), "now": now}).scalar_one()
    return found


def near_holds(db: Connection, now: datetime, until: datetime) -> Iterator[NearHold]:
    """Cases with a person, or that nobody but an observer looks after, whose deadline is near."""
    for row in db.execute(_NEAR, {"now": now, "until": until}):
        case = key_of(row)
        amount = db.execute(_AMOUNT, of(case_values(case))).scalar_one_or_none()
        yield NearHold(case, amount, row.deadline, bool(row.observed))


def near_cases(db: Connection, now: datetime, until: datetime) -> Iterator[NearCase]:
    """Cases that are ours to work on, whose deadline is near; one that begins anew was read in another life."""
    for row in db.execute(_NEAR_OURS, {"now": now, "until": until}):
        read_at = None if row.status == CaseStatus.SEEN else row.read_at
        yield NearCase(key_of(row), row.claim, row.deadline, read_at or row.changed_at)


def _entry(row: Row[Any], tries: Iterable[Sending], *, case_over: bool = False) -> AlarmEntry:
    alarm = Alarm(
        urgency=Urgency(row.urgency),
        shop=shop_of(row),
        reason=Reason(code=row.code, params=load(_PARAMS, row.params, f"alarm {row.number}")),
        case_id=row.aftersale_id,
        amount=row.amount,
        deadline=row.deadline,
        picture=row.picture,
    )
    return AlarmEntry(
        number=row.number,
        alarm=alarm,
        raised_at=row.raised_at,
        last_at=row.last_at,
        times=row.times,
        sendings=tuple(tries),
        acknowledged_at=row.acknowledged_at,
        acknowledged_by=row.acknowledged_by,
        note=row.note,
        case_over=case_over,
    )


def _about(row: Row[Any]) -> About:
    return About(platform=row.platform, shop_id=row.shop_id, aftersale_id=row.aftersale_id)
