"""How everything stands: shops, budgets, the service and its runs, as `status`, `run` and the console tell it."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum

from pydantic import Field

from bot.domain.base import Frozen
from bot.domain.decision import Reason
from bot.ports.exits import ExitCode
from bot.ports.results import ShadowResult


class AutonomyStatus(Frozen):
    """What a strategy that has to earn its autonomy has earned: `bound` in percent, cut off; it acts once `promoted`.

    `wanted` is the bound that promotes, in percent; `needed` how many agreements in a row would, at the fewest.
    """

    strategy: str
    name: str
    promoted: bool
    agreed: int
    asked: int
    bound: str
    wanted: int
    cases: int
    needed: int


class LiabilityStatus(Frozen):
    """售后有责率 in percent, and how many more liable cases start the platform's takeover: 0 when it is on (domain.md 37, 38).

    Both are None for a shop without orders. `near`: few enough for a warning.
    """

    rate: str | None
    cases: int
    cases_left: int | None
    near: bool


class ShopStatus(Frozen):
    """Where the ledger has a shop: cases by state, and what keeps it from working.

    `resting`: cases that the newest sweep of the schedule left unread, since they wait for somebody and did not change.
    """

    shop: str
    name: str
    posture: str
    verbs: tuple[str, ...]
    cases: dict[str, int]
    breaker: str = ""
    open_intents: int = 0
    resting: int = 0
    shadow: ShadowResult | None = None
    liability: LiabilityStatus | None = None


class BudgetStatus(Frozen):
    """One budget of today in fen; `cap_fen` is None where the line has no cap of its own."""

    shop: str
    scope: str
    posted_fen: int
    pending_fen: int
    cap_fen: int | None = None


class Cause(StrEnum):
    """Why runs of the schedule did not take place."""

    ASLEEP = "asleep"
    DOWN = "down"
    OVERRUN = "overrun"
    BRAKE = "brake"


class MissedRun(Frozen):
    """Times of one duty that passed without it, told as one: `count` of them from `first` to `last` (Asia/Shanghai)."""

    duty: str
    count: int
    first: datetime
    last: datetime
    cause: Cause

    def told(self) -> Reason:
        """One line of a list; the catalogue has the duty in words."""
        told = {"count": str(self.count), "first": f"{self.first:%m-%d %H:%M}", "last": f"{self.last:%m-%d %H:%M}"}
        return Reason(code=f"missed_run.{self.cause}", params={"what": self.duty, **told})


class NextRun(Frozen):
    """What the running service does next; `shop` is empty for a chore of the whole home."""

    at: datetime
    job: str
    shop: str = ""


class ServiceStatus(Frozen):
    """The service by its newest sign of life; `alive`: its process is there and was heard of lately. `age_s`: since then.

    `signed_in`: since when, by shop.
    """

    alive: bool
    pid: int
    phase: str
    phase_since: datetime
    at: datetime
    age_s: float
    shop: str = ""
    signed_in: dict[str, datetime] = Field(default_factory=dict)


class RunOptions(Frozen):
    """What `refundpilot run` was asked for: how long it runs, in seconds; None until it is stopped.

    `tray`: with an icon on the desktop, or without one; None where the desktop has a place for it, and no word where not.
    """

    for_s: float | None = Field(default=None, gt=0)
    until_idle: bool = False
    tray: bool | None = False


class RunResult(Frozen):
    """What a service did from its start to its end; sums over all its sweeps. `why` it ended: stopped, time or idle.

    `rested` counts each case as often as a sweep left it unread.
    """

    home: str
    started_at: datetime
    ended_at: datetime
    why: str
    sweeps: int = 0
    seen: int = 0
    rested: int = 0
    acted: dict[str, int] = Field(default_factory=dict)
    held: int = 0
    failed: int = 0
    unknown: int = 0
    refunded_fen: int = 0
    skipped: int = 0
    errors: int = 0
    restarts: int = 0
    chores: dict[str, int] = Field(default_factory=dict)
    missed: tuple[MissedRun, ...] = ()
    exit_code: ExitCode


class StatusResult(Frozen):
    """`refundpilot status`: cases by state, budgets, breaker, next runs; `service` None where none ever ran here."""

    home: str
    day: str
    stopped: bool
    shops: tuple[ShopStatus, ...]
    budgets: tuple[BudgetStatus, ...]
    autonomy: tuple[AutonomyStatus, ...] = ()
    last_runs: tuple[str, ...] = ()
    next_runs: tuple[NextRun, ...] = ()
    missed_runs: tuple[MissedRun, ...] = ()
    service: ServiceStatus | None = None
    exit_code: ExitCode = ExitCode.DONE
