"""What the use cases hand back to whoever started them; `model_dump(mode="json")` is what `--json` prints (design.md 8)."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from pathlib import Path

from pydantic import Field

from bot.domain.action import Verb
from bot.domain.base import Frozen
from bot.domain.decision import Reason
from bot.ports.alarms import AlarmEntry
from bot.ports.exits import ExitCode
from bot.ports.wanted import Wanted

RESTING = "resting"
"""Beside the counts by status in a run's summary: cases that wait for somebody and were left unread."""


class DemoOptions(Frozen):
    """What `refundpilot demo` was asked for."""

    cases: int = Field(default=60, ge=10, le=10_000)
    seed: int = 1
    headed: bool = False


class DemoResult(Frozen):
    """One demo run, checked against the simulator's probe; `report` is the path of the HTML file.

    `mismatches` counts the differences between ledger and probe, `differences` names them. `stopped`: why the sweep was left
    early, None when it came to its end.
    """

    cases: int
    effects: int
    mismatches: int
    held: int
    verbs: dict[str, int]
    report: str
    seconds: float
    differences: tuple[Reason, ...] = ()
    waiting: int = 0
    failed: int = 0
    unknown: int = 0
    foreign: int = 0
    refunded_fen: int = 0
    home: str = ""
    stopped: Reason | None = None
    exit_code: ExitCode


class ChannelTest(Frozen):
    """What came of a test message; `why` is empty where it got through."""

    channel: str
    why: str = ""


class AlarmsTested(Frozen):
    """`refundpilot alarms test`."""

    channels: tuple[ChannelTest, ...]
    exit_code: ExitCode


class AlarmsResult(Frozen):
    """`refundpilot alarms list`: what nobody has answered yet, the oldest first."""

    alarms: tuple[AlarmEntry, ...]
    exit_code: ExitCode = ExitCode.DONE


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


class ShadowResult(Frozen):
    """A candidate's word beside the live policy's, over one run: `turns` counts "live verb>candidate's verb"."""

    policy_hash: str
    judged: int
    differ: int
    turns: dict[str, int] = Field(default_factory=dict)
    cases: tuple[str, ...] = ()


class ShopSweep(Frozen):
    """What one sweep did in one shop.

    `acted`: proven actions by verb; in `observe` and `propose`, where nothing is done, `proposed` has what would be. `late`:
    cases whose deadline comes before they can be reached. `unreadable`: rows that the list shows and nobody can read.
    `stopped`: why the shop was left early, None when it was swept to its end. `notes`: what else somebody should know of it,
    such as a policy that could not be read. `resting`: cases that wait for somebody, did not change, and were therefore not read again.
    `whole_list`: the list was read to its end, and not only its newest pages. `by_hand`: it carried out what persons decided, whatever the posture. `run`: its name in
    the ledger. `missing`: ids that were asked for, and that neither the list nor what waits of earlier sweeps has.
    """

    shop: str
    name: str = ""
    run: str = ""
    posture: str = "observe"
    seen: int = 0
    acted: dict[str, int] = Field(default_factory=dict)
    proposed: dict[str, int] = Field(default_factory=dict)
    held: int = 0
    waiting: int = 0
    failed: int = 0
    unknown: int = 0
    foreign: int = 0
    late: int = 0
    resting: int = 0
    whole_list: bool = False
    unreadable: int = 0
    missing: tuple[str, ...] = ()
    refunded_fen: int = 0
    shadow: ShadowResult | None = None
    seconds: float = 0.0
    stopped: Reason | None = None
    notes: tuple[Reason, ...] = ()
    by_hand: bool = False

    @property
    def acting(self) -> bool:
        """Whether it acted, and did not only say what it would do."""
        return self.by_hand or self.posture == "act"


class SweepResult(Frozen):
    """One sweep over one or more shops; `report` is the path of the HTML file, empty when there is none.

    `not_found`: ids that were asked for and that no shop has.
    """

    run_id: str
    shops: tuple[ShopSweep, ...]
    report: str
    not_found: tuple[str, ...] = ()
    exit_code: ExitCode


class WouldDo(Frozen):
    """What a sweep would do to one case. `barred`: why it would not be done at once after all; None when it would."""

    case: str
    aftersale_id: str
    verb: Verb
    amount_fen: int
    deadline: datetime | None
    why: Reason
    barred: Reason | None = None


class DryRun(Frozen):
    """A sweep that only looked: `would` is what it would do, dearest first; `then` asks for exactly these cases, with hands."""

    sweep: SweepResult
    would: tuple[WouldDo, ...]
    then: Wanted
    exit_code: ExitCode


class TapedResult(Frozen):
    """What a person did, on a tape."""

    tape: str
    shop: str
    requests: int
    exit_code: ExitCode = ExitCode.DONE


class CaseFlip(Frozen):
    """A case that another policy, or the robot where a person did the work, decides otherwise, and why."""

    case: str
    was: Verb
    now: Verb
    why: tuple[Reason, ...] = ()


class ReplayOptions(Frozen):
    """What `refundpilot replay` was asked for.

    `policy`: another policy than the recorded one: then nothing is sent, and what it would decide otherwise is told.
    `selectors`: a folder of other selectors than the shipped ones. `altered`: also a tape that was changed since it was written.
    """

    tape: Path
    policy: Path | None = None
    selectors: Path | None = None
    altered: bool = False


class ReplayResult(Frozen):
    """A tape once more: `decisions` made and `calls` (writes and uploads) sent this time; `differences` from what is on it.

    `flips`: with another policy than the recorded one, what it would decide otherwise; nothing is sent then.
    """

    tape: str
    takes: int
    cases: int
    decisions: int
    calls: int
    differences: tuple[Reason, ...] = ()
    flips: tuple[CaseFlip, ...] = ()
    seconds: float = 0.0
    exit_code: ExitCode


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
    """What `refundpilot run` was asked for: how long it runs, in seconds; None until it is stopped. `tray`: with an icon on the desktop."""

    for_s: float | None = Field(default=None, gt=0)
    until_idle: bool = False
    tray: bool = False


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


class HitFilters(Frozen):
    """命中场景, 申请原因, 执行策略, 售后单号, 订单号 (domain.md 51); empty passes all."""

    scene: str = ""
    reason: str = ""
    strategy: str = ""
    case: str = ""
    order: str = ""


class HitLine(Frozen):
    """One strategy on one case on one business day; sums in fen. `mark` is the newest action's, empty where nothing was clicked.

    `strategy` is the id, `name` as the policy of today has it, `scene` empty for a strategy that is none of ATOM's.
    """

    day: str
    at: datetime
    shop: str
    aftersale_id: str
    order_id: str
    scene: str
    strategy: str
    name: str
    verb: str
    reason: str
    asked_fen: int
    posted_fen: int
    pending_fen: int
    mark: str = ""


class HitTotal(Frozen):
    """One strategy of one shop on one business day: cases, and fen posted and pending, as the ledger's budgets have them."""

    day: str
    shop: str
    scene: str
    strategy: str
    name: str
    cases: int
    posted_fen: int
    pending_fen: int


class MonitorResult(Frozen):
    """`refundpilot policy monitor`: hits that pass the filters, oldest first, and their sums (domain.md 51)."""

    since: str
    hits: tuple[HitLine, ...]
    totals: tuple[HitTotal, ...]
    exit_code: ExitCode = ExitCode.DONE


class Check(Frozen):
    """One check of the audit: its id (I2 …, reliability.md 3.6), and every breach in words."""

    id: str
    title: str = ""
    breaches: tuple[str, ...] = ()

    @property
    def ok(self) -> bool:
        return not self.breaches


class AuditResult(Frozen):
    """`refundpilot audit`: the hash chain and the invariants over the whole ledger."""

    ok: bool
    events: int
    head: str
    checks: tuple[Check, ...]
    notes: tuple[str, ...] = ()
    exit_code: ExitCode = ExitCode.DONE
