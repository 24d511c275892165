"""What is said over a channel: one or many alarms in the operator's language, without what a page or a buyer wrote."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from bot.alerts.links import AckLinks
from bot.catalogue import Catalogue
from bot.config.logs import visible
from bot.domain.base import SHANGHAI
from bot.ports.alarms import AlarmEntry
from bot.ports.notifier import Alarm, Urgency

LONGEST: Final = 160
"""Characters of one parameter; what pages said may be long, and may be a buyer's."""

IN_FULL: Final = 40
"""Alarms that one message spells out, the most pressing; the others are counted in it, and answered with it."""

PRIVATE: Final = frozenset({"raw", "detail"})
"""Parameters that hold words of pages. They stand in the home's own log, and never leave the PC."""

OURS: Final = ("brake.",)
"""Codes whose details are words of this program."""


BARE: Final = "RefundPilot: refundpilot alarms list"
"""The title where there are no words."""


@dataclass(frozen=True, slots=True)
class Message:
    """`lines`: one or more for each alarm; `spoken`: for a voice; `body`: for programs; `picture`: PNG, for channels that take one."""

    id: str
    title: str
    lines: tuple[str, ...]
    spoken: str
    body: Mapping[str, object]
    picture: bytes = b""

    @property
    def text(self) -> str:
        """All of it."""
        return "\n".join((self.title, *self.lines))

    def parts(self, most: int) -> tuple[str, ...]:
        """The text in pieces of at most so many bytes, broken between lines; nothing is left out but the end of an overlong line."""
        pieces: list[str] = []
        for line in (self.title, *self.lines):
            cut = line.encode()[:most].decode(errors="ignore")
            if pieces and len(f"{pieces[-1]}\n{cut}".encode()) <= most:
                pieces[-1] = f"{pieces[-1]}\n{cut}"
            else:
                pieces.append(cut)
        return tuple(pieces)


@dataclass(frozen=True, slots=True)
class Writer:
    """Puts alarms into words. `shops`: how people call a shop, by its key; `picture`: reads one, empty where it is gone."""

    say: Catalogue
    shops: Mapping[str, str]
    links: AckLinks
    picture: Callable[[str], bytes] = lambda _: b""

    def write(self, id_: str, entries: Sequence[AlarmEntry], now: datetime) -> Message:
        """One message for all of them, the most pressing first, with one link that answers them all."""
        ordered = sorted(entries, key=lambda entry: pressing(entry, now))
        first, many = ordered[0], len(ordered) > 1
        title = self._say("digest", count=len(ordered)) if many else self._say("one", urgency=first.alarm.urgency)
        answer = self.links.link(id_, now)
        how = self._say("answer", link=answer) if answer else self._say("command", id=id_)
        return Message(
            id=id_,
            title=title,
            lines=(
                *(line for entry in ordered[:IN_FULL] for line in self._lines(entry, now)),
                *self._rest(ordered),
                how,
            ),
            spoken=self._spoken(first, len(ordered), now),
            body={
                "message": id_,
                "title": title,
                "answer": answer,
                "alarms": [self._body(entry, now) for entry in ordered],
            },
            picture=next(filter(None, (self.picture(entry.alarm.picture) for entry in ordered)), b""),
        )

    def unwritten(self, id_: str, alarm: Alarm, now: datetime) -> Message:
        """One alarm that the ledger did not take: it has no number, and there is nothing to answer."""
        entry = AlarmEntry(number=0, alarm=alarm, raised_at=now, last_at=now)
        title = self._say("one", urgency=alarm.urgency)
        body = {"message": id_, "title": title, "answer": "", "alarms": [self._body(entry, now)]}
        lines = (*self._lines(entry, now), self._say("unwritten"))
        return Message(id_, title, lines, self._spoken(entry, 1, now), body)

    def test(self, id_: str, channel: str) -> Message:
        """One that only shows that the channel works."""
        said = self._say("test", channel=channel)
        return Message(id_, said, (), said, {"message": id_, "title": said, "answer": "", "alarms": []})

    def _say(self, key: str, **params: object) -> str:
        return self.say.text_of(f"calls.message.{key}", **params)

    def _lines(self, entry: AlarmEntry, now: datetime) -> Iterator[str]:
        alarm = entry.alarm
        at_stake = self._at_stake(alarm, now)
        again = self._say("again", times=entry.times) if entry.times > 1 else ""
        number = f"#{entry.number}" if entry.number else ""
        head = " · ".join(filter(None, (number, self._place(alarm), at_stake, again)))
        yield f"【{self.say.name(alarm.urgency)}】{head}"
        yield f"    {self._sentence(alarm)}"

    def _rest(self, ordered: Sequence[AlarmEntry]) -> Iterator[str]:
        if len(ordered) > IN_FULL:
            yield self._say("more", count=len(ordered) - IN_FULL)

    def _place(self, alarm: Alarm) -> str:
        shop = self.shops.get(str(alarm.shop), "" if alarm.shop.platform == "*" else str(alarm.shop))
        return " ".join(filter(None, (shop, alarm.case_id)))

    def _at_stake(self, alarm: Alarm, now: datetime) -> str:
        money = str(alarm.amount) if alarm.amount is not None else ""
        if alarm.deadline is None:
            return money
        until = alarm.deadline.astimezone(SHANGHAI)
        left = self._say("left", time=_clock(alarm.deadline - now)) if alarm.deadline > now else self._say("over")
        return " · ".join(filter(None, (money, self._say("until", at=f"{until:%m-%d %H:%M}"), left)))

    def _sentence(self, alarm: Alarm) -> str:
        """Without the words of pages: the place in the home where they stand is enough."""
        private = PRIVATE if not alarm.reason.code.startswith(OURS) else frozenset()
        kept = {name: "…" if name in private else value[:LONGEST] for name, value in alarm.reason.params.items()}
        return visible(self.say.text(alarm.reason.model_copy(update={"params": kept})))

    def _spoken(self, entry: AlarmEntry, count: int, now: datetime) -> str:
        params = {"place": self._place(entry.alarm), "stake": self._at_stake(entry.alarm, now), "count": count}
        return self._say("spoken", what=self._sentence(entry.alarm), **params)

    def _body(self, entry: AlarmEntry, now: datetime) -> dict[str, object]:
        alarm = entry.alarm
        return {
            "number": entry.number,
            "urgency": alarm.urgency,
            "code": alarm.reason.code,
            "shop": str(alarm.shop),
            "case": alarm.case_id,
            "amount_fen": alarm.amount.fen if alarm.amount is not None else None,
            "deadline": alarm.deadline.isoformat() if alarm.deadline else None,
            "minutes_left": int((alarm.deadline - now).total_seconds() // 60) if alarm.deadline else None,
            "times": entry.times,
            "text": self._sentence(alarm),
        }


def bare(id_: str, entries: Sequence[AlarmEntry]) -> Message:
    """Numbers, codes and places alone, for words that cannot be had: nothing in it is looked up, read or reckoned."""
    lines = tuple(
        f"#{entry.number} {entry.alarm.urgency} {entry.alarm.reason.code} {entry.alarm.shop} {entry.alarm.case_id}".rstrip()
        for entry in entries[:IN_FULL]
    )
    body = {"message": id_, "title": BARE, "answer": "", "alarms": [{"number": entry.number} for entry in entries]}
    return Message(id_, BARE, (*lines, f"refundpilot alarms ack {id_}"), f"{BARE} {len(entries)}", body)


def pressing(entry: AlarmEntry, now: datetime) -> tuple[bool, bool, float, int, int]:
    """Calls first, then by the time that is left, then by the money."""
    alarm = entry.alarm
    left = (alarm.deadline - now).total_seconds() if alarm.deadline else 0.0
    fen = alarm.amount.fen if alarm.amount is not None else 0
    return alarm.urgency is not Urgency.CALL, alarm.deadline is None, left, -fen, entry.number


def _clock(left: timedelta) -> str:
    """`1:05` hours and minutes."""
    minutes = int(left.total_seconds() // 60)
    return f"{minutes // 60}:{minutes % 60:02d}"
