"""What can go wrong on purpose: the kinds of faults, and the dice that say when each strikes.

Who draws which kind, and where (`at` may name an after-sale id, an endpoint's path, or "*"):

| Kind | Drawn by | When | What happens |
|---|---|---|---|
| slow | transport | any page or XHR | the answer waits 1 to 8 s |
| http_5xx | transport | any page or XHR | 502, nothing applied (F12, F13) |
| rate_limited | transport | any page or XHR | 429 with Retry-After (F14) |
| dropped_after_apply | transport | writes | applied, then the connection is closed without an answer (F16, F17) |
| apply_then_502 | transport | writes | applied, then 502 (F13) |
| upload_broken | transport | uploadProof, uploadComplaint | the connection breaks, nothing is stored (F50) |
| half_page | taobao skin: detail; transport: courier's /track | pages | the body ends in the middle (F11) |
| session_loss | transport | any page or XHR of the shop | every session of the shop is forgotten (F19, F20) |
| challenge | transport | pages of the shop | slider or SMS (`which`, else by seed) before the next page (F21) |
| list_shift | transport | dispute/list | a row leaves the list, or jumps to its front, for a few requests (F26, F58) |
| buyer_edits | transport | after a detail page, before a write | the buyer lowers or raises the amount, or wants to return the goods (F23) |
| buyer_withdraws | transport | after a detail page, before a write | the buyer withdraws (F22) |
| colleague_acts | transport | after a detail page, before a write | a colleague does what is right, or leaves a remark (F24) |
| stale_detail | taobao skin | detail page | another case's page at this address (F28) |
| renamed_label | taobao skin | detail page | a label or button is worded differently (F29, F30) |
| changed_dialog | taobao skin | detail page | the dialog behind 同意退款 is of a new release: its button is renamed, a checkbox is new (F29); never by chance |
| lying_toast | taobao skin | writes | SUCCESS, but nothing applied (F61); `lost_toast` is the same kind |
| double_bound_handler | taobao skin | detail, refusal, complaint page | one click fires two POSTs (F18) |

Switching: `add(kind, at, times)` plans exact strikes; `set_rate(rate, seed)` lets every kind strike by chance. Chance is
drawn from (seed, kind, place, number of the draw), so it does not depend on the order of requests, and it is bounded so
that a sweep with retries can finish: no kind strikes twice running at one place, nor more than `MOST_AT_ONE_PLACE`
times there, and the kinds that need a person or end a case are rarer still (`MOST_IN_ALL`).
"""

from __future__ import annotations

import random
from collections import Counter
from contextvars import ContextVar
from dataclasses import dataclass
from typing import Any, Final, Literal, get_args

Kind = Literal[
    "slow",
    "http_5xx",
    "rate_limited",
    "dropped_after_apply",
    "apply_then_502",
    "upload_broken",
    "half_page",
    "session_loss",
    "challenge",
    "list_shift",
    "buyer_edits",
    "buyer_withdraws",
    "colleague_acts",
    "stale_detail",
    "renamed_label",
    "changed_dialog",
    "lying_toast",
    "double_bound_handler",
]
KINDS: Final[tuple[Kind, ...]] = get_args(Kind)
ALIASES: Final[dict[str, Kind]] = {"lost_toast": "lying_toast"}
ANYWHERE: Final = "*"
MOST_AT_ONE_PLACE: Final = 2
MOST_IN_ALL: Final[dict[str, int]] = {"changed_dialog": 0, "challenge": 3, "session_loss": 6, "rate_limited": 12}
ONCE_AT_ONE_PLACE: Final = frozenset({"buyer_edits", "buyer_withdraws", "colleague_acts"})
CHALLENGES: Final = ("slider", "sms")
"""What `which` may name."""
LONGEST_S: Final = 3600
"""Nothing is slower than an hour."""


@dataclass(frozen=True, slots=True)
class Place:
    """Where a request is: its path, and the case it is about if it names one."""

    path: str = ""
    aftersale_id: str = ""

    def answers_to(self, at: str) -> bool:
        """Is this the place that a plan means?"""
        return at == ANYWHERE or at in {self.path, self.aftersale_id}

    @property
    def key(self) -> str:
        """One name for the place, case before path."""
        return self.aftersale_id or self.path


NOWHERE: Final = Place()
HERE: ContextVar[Place] = ContextVar("HERE", default=NOWHERE)
"""The place of the request in hand; the transport sets it, pages draw without naming it."""


@dataclass(slots=True)
class Plan:
    """Strikes that were ordered exactly; `seconds` is for slow only, `which` for challenge only."""

    kind: str
    at: str
    times: int
    seconds: float | None = None
    which: str | None = None


class Faults:
    """The dice. Everything is off until the probe switches something on."""

    def __init__(self) -> None:
        self._plans: list[Plan] = []
        self._rate, self._seed = 0.0, 0
        self._draws: Counter[tuple[str, str]] = Counter()
        self._last: dict[tuple[str, str], int] = {}
        self._struck: Counter[tuple[str, str]] = Counter()
        self.fired: Counter[str] = Counter()

    # ---- switching --------------------------------------------------------------------------------------------

    def add(
        self, kind: str, at: str = ANYWHERE, times: int = 1, seconds: float | None = None, which: str | None = None
    ) -> None:
        """Plan strikes; raises ValueError that names the key for an unknown kind and for whatever a plan cannot be."""
        kind = ALIASES.get(kind, kind) if isinstance(kind, str) else kind
        if kind not in KINDS:
            raise ValueError(f"kind: no fault {kind!r}; there are: {', '.join(KINDS)}")
        _need("at", at, "an after-sale id, a path or *", fits=isinstance(at, str) and at != "")
        _need("times", times, "a whole number from 1 on", fits=_is_whole(times) and times >= 1)
        _need("seconds", seconds, f"a number from 0 to {LONGEST_S}", fits=seconds is None or _lies(seconds, LONGEST_S))
        fits = which is None or (kind == "challenge" and which in CHALLENGES)
        _need("which", which, f"for challenge only, {' or '.join(CHALLENGES)}", fits=fits)
        self._plans.append(Plan(kind, at, times, seconds, which))

    def set_rate(self, rate: float, seed: int = 0) -> None:
        """Let every kind strike by chance; 0 switches everything off, plans too. Raises ValueError that names the key."""
        _need("rate", rate, "a number from 0 to 1", fits=_lies(rate, 1))
        _need("seed", seed, "a whole number", fits=_is_whole(seed))
        self._rate, self._seed = rate, seed
        for memory in (self._draws, self._last, self._struck):
            memory.clear()
        if rate == 0:
            self._plans.clear()

    def status(self) -> dict[str, Any]:
        """What is on, and how often each kind struck since the start."""
        plans = [{"kind": plan.kind, "at": plan.at, "times": plan.times} for plan in self._plans]
        return {"rate": self._rate, "seed": self._seed, "plans": plans, "fired": dict(sorted(self.fired.items()))}

    # ---- drawing ----------------------------------------------------------------------------------------------

    def draw(self, kind: Kind, at: str | None = None) -> bool:
        """Does this kind strike here (the place of the request in hand, or `at`) and now?"""
        return self.strike(kind, at) is not None

    def strike(self, kind: Kind, at: str | None = None) -> Plan | None:
        """As `draw`, but with what was ordered of the strike; one that chance sent was ordered by nobody."""
        place = HERE.get() if at is None else Place(at, at)
        plan = self._planned(kind, place)
        return Plan(kind, place.key, 1) if plan is None and self._by_chance(kind, place) else plan

    def draw_delay(self) -> float:
        """As `draw("slow")`, but says how many seconds; 0 = not slow."""
        struck = self.strike("slow")
        if struck is None:
            return 0.0
        if struck.seconds is not None:
            return struck.seconds
        return random.Random(f"{self._seed}/slow/{HERE.get().key}/{self.fired['slow']}").uniform(1, 8)

    def _planned(self, kind: str, place: Place) -> Plan | None:
        plan = next((plan for plan in self._plans if plan.kind == kind and place.answers_to(plan.at)), None)
        if plan is not None:
            plan.times -= 1
            self._plans = [other for other in self._plans if other.times > 0]
            self.fired[kind] += 1
        return plan

    def _by_chance(self, kind: str, place: Place) -> bool:
        if self._rate == 0:
            return False
        spot = kind, place.key
        self._draws[spot] += 1
        number = self._draws[spot]
        if not self._may_strike(spot, number) or self._dice(spot, number) >= self._rate:
            return False
        self._last[spot] = number
        self._struck[spot] += 1
        self._struck[kind, ANYWHERE] += 1
        self.fired[kind] += 1
        return True

    def _may_strike(self, spot: tuple[str, str], number: int) -> bool:
        """The bounds that keep a sweep with retries able to finish."""
        kind, place = spot
        most = 1 if kind in ONCE_AT_ONE_PLACE else MOST_AT_ONE_PLACE
        busy_place = place.startswith("/")  # a path is many cases' place: only "not twice running" holds there
        return (
            (busy_place or self._struck[spot] < most)
            and self._last.get(spot, -1) != number - 1
            and self._struck[kind, ANYWHERE] < MOST_IN_ALL.get(kind, 10**9)
        )

    def _dice(self, spot: tuple[str, str], number: int) -> float:
        return random.Random(f"{self._seed}/{spot[0]}/{spot[1]}/{number}").random()


# ---- what a plan may say ------------------------------------------------------------------------------------------


def _need(key: str, value: object, wanted: str, *, fits: bool) -> None:
    if not fits:
        raise ValueError(f"{key}: {wanted}, not {value!r}")


def _is_whole(value: object) -> bool:
    return isinstance(value, int) and not isinstance(value, bool)


def _lies(value: object, most: float) -> bool:
    """A number from 0 to `most`; NaN is none."""
    return isinstance(value, int | float) and not isinstance(value, bool) and 0 <= value <= most
