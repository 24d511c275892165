"""What happens on a day beside its cases, at moments of the world: outages, challenges, lost sessions, colleagues, slow couriers.

| Kind | What it says beside `at` or `in_s`, `minutes`, `shop` | What happens |
|---|---|---|
| outage | `where`: shop (default), courier or both; `how`: 5xx (default) or closed | every request of the origin is answered 503, or its connection closed |
| challenge | `which`: slider (default) or sms | the sessions of the shop's accounts end, and their next sign-in asks for a person |
| session_loss | | the sessions of the shop's accounts end |
| colleague | `every_s`: 120 | somebody on shift settles the most urgent case that no verb is right for, every so often |
| courier_slow | `seconds`: 5 | every page of the courier's portal waits so long (real seconds, like every delay of the network) |
| note | `says` | nothing: what the probe's user did to the robot stands beside what the world did |

Events hang on the world's agenda, so they obey its rate and its jumps. `shop` empty = all of them.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from simulator.scenarios.build import Built
from simulator.scenarios.labels import NOBODY, right_verbs, sight_of
from simulator.scenarios.people import Person
from simulator.scenarios.playing import cases_of
from simulator.world.model import FOR_SELLER, SHANGHAI, Case, Challenge

KINDS: Final = ("outage", "challenge", "session_loss", "colleague", "courier_slow", "note")
LONGEST_MIN: Final = 7 * 24 * 60
SHOP, COURIER, BOTH = "shop", "courier", "both"
_CHOICES: Final[dict[str, tuple[str, ...]]] = {
    "where": (SHOP, COURIER, BOTH),
    "how": ("5xx", "closed"),
    "which": ("slider", "sms"),
}
_OF_KIND: Final[dict[str, frozenset[str]]] = {
    "outage": frozenset({"where", "how"}),
    "challenge": frozenset({"which"}),
    "colleague": frozenset({"every_s"}),
    "courier_slow": frozenset({"seconds"}),
    "note": frozenset({"says"}),
}
_ALWAYS: Final = frozenset({"kind", "at", "in_s", "minutes", "shop"})


@dataclass(slots=True)
class Event:
    """One line of the day's script; `ends_at` = `at` for what has no duration."""

    kind: str
    at: datetime
    ends_at: datetime
    shop: str = ""
    where: str = SHOP
    how: str = "5xx"
    which: str = "slider"
    every_s: float = 120
    seconds: float = 5
    says: str = ""
    state: str = "planned"
    done: int = 0
    """How many accounts, sessions or cases it has met."""

    def sheet(self) -> dict[str, Any]:
        """As the probe lists it: what its kind does not know is left out."""
        known = _OF_KIND.get(self.kind, frozenset()) | {"kind", "shop", "state", "done"}
        told = {key: value for key, value in asdict(self).items() if key in known}
        return {**told, "at": self.at.isoformat(), "ends_at": self.ends_at.isoformat()}


class Timeline:
    """The script of one world: takes events while it runs, and tells the transport what is down."""

    def __init__(self, built: Built) -> None:
        self._built = built
        self._world = built.world
        self._person = Person(built)
        self.events: list[Event] = []
        self._begin: dict[str, Callable[[Event], None]] = {
            "challenge": self._challenge,
            "session_loss": self._lose_sessions,
            "colleague": self._beat,
        }

    def add(self, told: Mapping[str, Any]) -> Event:
        """Put an event on the agenda. Raises ValueError that names the key which cannot be."""
        event = _event(told, self._world.now(), frozenset(self._world.store.shops))
        self.events.append(event)
        self._world.store.clock.at(event.at, lambda: self._starts(event))
        self._world.store.clock.at(event.ends_at, lambda: self._ends(event))
        return event

    def down(self, origin: str) -> str | None:
        """How an origin (shop or courier) is out now: 5xx, closed; None = it is up."""
        out = (one for one in self._running("outage") if one.where in {origin, BOTH})
        return next((one.how for one in out), None)

    def courier_delay_s(self) -> float:
        """How long the courier's portal makes wait now."""
        return max((one.seconds for one in self._running("courier_slow")), default=0.0)

    def settle(self, aftersale_id: str) -> Case:
        """A colleague finds out what is owed and settles a case. Raises ValueError: it does not wait for the shop."""
        self._world.now()
        case = self._world.store.cases.get(aftersale_id)
        if case is None or case.state not in FOR_SELLER:
            raise ValueError(f"aftersale_id: no case that waits for the shop: {aftersale_id!r}")
        self._person.settle(case)
        return case

    def _running(self, kind: str) -> list[Event]:
        return [event for event in self.events if event.kind == kind and event.state == "running"]

    # ---- what happens -------------------------------------------------------------------------------------------

    def _starts(self, event: Event) -> None:
        event.state = "running"
        if event.kind in self._begin:
            self._begin[event.kind](event)

    def _ends(self, event: Event) -> None:
        event.state = "over"

    def _challenge(self, event: Event) -> None:
        event.done = self._world.accounts.doubt(Challenge(event.which), event.shop)

    def _lose_sessions(self, event: Event) -> None:
        event.done = self._world.accounts.lose_all(shop_id=event.shop)

    def _beat(self, event: Event) -> None:
        """One case, and then the next after a while, as long as the shift lasts."""
        if event.state == "over":
            return
        waiting = [case for case in cases_of(self._built) if self._for_a_person(case, event.shop)]
        if waiting:
            self._person.settle(min(waiting, key=lambda case: (case.deadline_at or _FAR, case.aftersale_id)))
            event.done += 1
        self._world.store.clock.after(timedelta(seconds=event.every_s), lambda: self._beat(event))

    def _for_a_person(self, case: Case, shop_id: str) -> bool:
        here = case.state in FOR_SELLER and shop_id in {"", case.shop_id}
        return here and right_verbs(sight_of(self._world.store, case)) == NOBODY


_FAR: Final = datetime(9999, 1, 1, tzinfo=SHANGHAI)

# ---- what an event may say ----------------------------------------------------------------------------------------


def _event(told: Mapping[str, Any], now: datetime, shops: frozenset[str]) -> Event:
    kind = told.get("kind")
    _need("kind", kind, f"one of {', '.join(KINDS)}", fits=kind in KINDS)
    unknown = set(told) - _ALWAYS - _OF_KIND.get(str(kind), frozenset())
    for key in sorted(unknown):
        raise ValueError(f"{key}: not of {kind}")
    shop = told.get("shop", "")
    _need("shop", shop, "the id of a shop", fits=shop == "" or shop in shops)
    at = _moment(told, now)
    minutes = _number(told, "minutes", 0, LONGEST_MIN)
    event = Event(str(kind), at, at + timedelta(minutes=minutes), shop)
    for key, choices in _CHOICES.items():
        _need(key, told.get(key), f"one of {', '.join(choices)}", fits=told.get(key, choices[0]) in choices)
        setattr(event, key, told.get(key, choices[0]))
    event.every_s = max(1.0, _number(told, "every_s", event.every_s, 86_400))
    event.seconds = _number(told, "seconds", event.seconds, 3_600)
    event.says = str(told.get("says", ""))
    return event


def _moment(told: Mapping[str, Any], now: datetime) -> datetime:
    """`at` as an ISO moment (Asia/Shanghai where it names no zone), or `in_s` from now; at once without either."""
    if "at" not in told:
        return now + timedelta(seconds=_number(told, "in_s", 0, LONGEST_MIN * 60))
    try:
        at = datetime.fromisoformat(str(told["at"]))
    except ValueError:
        raise ValueError(f"at: an ISO moment, not {told['at']!r}") from None
    at = at if at.tzinfo else at.replace(tzinfo=SHANGHAI)
    _need("at", told["at"], "a moment that is not past", fits=at >= now)
    return at


def _number(told: Mapping[str, Any], key: str, default: float, most: float) -> float:
    value = told.get(key, default)
    number = isinstance(value, int | float) and not isinstance(value, bool) and 0 <= value <= most
    _need(key, value, f"a number from 0 to {most:,.0f}", fits=number)
    return float(value)


def _need(key: str, value: object, wanted: str, *, fits: bool) -> None:
    if not fits:
        raise ValueError(f"{key}: {wanted}, not {value!r}")
