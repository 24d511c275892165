"""A composition root that does what a test tells it to."""

from __future__ import annotations

import asyncio
from datetime import datetime, timedelta
from pathlib import Path

from bot.config import Home
from bot.domain.action import Verb
from bot.domain.base import SHANGHAI
from bot.domain.decision import Reason
from bot.domain.ids import CaseKey, ShopKey
from bot.domain.outcome import CaseStatus
from bot.ports.exits import ExitCode
from bot.ports.progress import Progress, Stage, StopSignal
from bot.ports.replays import ReplayOptions, ReplayResult
from bot.ports.results import AuditResult, Check, DemoOptions, DemoResult, ShopSweep, SweepResult
from bot.ports.status import (
    BudgetStatus,
    Cause,
    LiabilityStatus,
    MissedRun,
    RunOptions,
    RunResult,
    ServiceStatus,
    ShopStatus,
    StatusResult,
)
from bot.ports.wanted import Wanted

AT = datetime(2026, 11, 28, 9, 0, tzinfo=SHANGHAI)
SHOP = ShopKey(platform="taobao", shop_id="1001")
VERBS = {Verb.AGREE_REFUND.value: 31, Verb.REFUSE.value: 4, Verb.INTERCEPT.value: 7, Verb.REMARK.value: 3}

DEMO = DemoResult(
    cases=60, effects=45, mismatches=0, held=12, verbs=VERBS, report="/r/report.html", seconds=48.2, waiting=7,
    refunded_fen=412_345, exit_code=ExitCode.DONE,
)  # fmt: skip
BAD_DEMO = DEMO.model_copy(
    update={
        "mismatches": 1,
        "differences": (
            Reason(code="demo.twice", params={"case": "[red]7[/red]", "verb": "refuse", "amount": "¥1.00"}),
        ),
        "exit_code": ExitCode.LEDGER,
    }
)
ACTED = ShopSweep(
    shop=str(SHOP), name="示例旗舰店", posture="act", seen=60, acted=VERBS, held=12, waiting=7, failed=1, unknown=1,
    foreign=2, late=3, unreadable=1, refunded_fen=412_345, seconds=48.2,
)  # fmt: skip
STOPPED = ACTED.model_copy(update={"stopped": Reason(code="error.session.challenge"), "seconds": 3.0})
LOOKED = ShopSweep(shop=str(SHOP), posture="observe", seen=60, proposed=VERBS, held=12, seconds=9.0)
REPLAYED = ReplayResult(
    tape="/t/mixed.tar.xz", takes=1, cases=12, decisions=14, calls=9, seconds=6.2, exit_code=ExitCode.HELD,
    differences=(
        Reason(code="tape.twice", params={"request": "POST http://shop/agree", "body": "amount=12900"}),
        Reason(code="tape.other", params={"request": "PUT http://shop/agree", "difference": "amount: 100 → 9999"}),
    ),
)  # fmt: skip
SWEEP = SweepResult(run_id="run-1", shops=(ACTED, LOOKED), report="/r/report.html", exit_code=ExitCode.HELD)
STATUS = StatusResult(
    home="/h",
    day="2026-11-22",
    stopped=True,
    shops=(
        ShopStatus(
            shop=str(SHOP), name="示例旗舰店", posture="act", verbs=("refuse",), cases={"done": 40, "held": 12},
            breaker="page", open_intents=2,
            liability=LiabilityStatus(rate="0.450", cases=9, cases_left=2, near=True),
        ),
    ),
    budgets=(BudgetStatus(shop=str(SHOP), scope="shop", posted_fen=412_345, pending_fen=900, cap_fen=20_000_000),),
)  # fmt: skip
AUDIT = AuditResult(
    ok=False,
    events=812,
    head="ab" * 32,
    checks=(
        Check(id="chain", title="hash chain"),
        Check(id="I1", title="one effect an intent", breaches=("case 7 has two",)),
    ),
    notes=("a picture nobody names",),
    exit_code=ExitCode.LEDGER,
)


MISSED = MissedRun(duty="sweep taobao/1001", count=24, first=AT, last=AT + timedelta(hours=2), cause=Cause.ASLEEP)
RAN = RunResult(
    home="/h", started_at=AT, ended_at=AT + timedelta(hours=9), why="stopped", sweeps=108, seen=60, acted=VERBS, held=12,
    refunded_fen=412_345, skipped=3, errors=1, missed=(MISSED,), exit_code=ExitCode.DONE,
)  # fmt: skip
ALIVE = ServiceStatus(alive=True, pid=4711, phase="sweeping", phase_since=AT, at=AT, age_s=3.2, shop="taobao/1001")


class FakeApp:
    """Hands back prepared results, or raises; remembers what it was asked."""

    def __init__(self) -> None:
        self.error: BaseException | None = None
        self.demo = DEMO
        self.swept = SWEEP
        self.replayed = REPLAYED
        self.asked: dict[str, object] = {}

    def _raise(self) -> None:
        if self.error:
            raise self.error

    async def run_demo(self, options: DemoOptions, progress: Progress, stop: StopSignal) -> DemoResult:
        self.asked = {"options": options}
        self._raise()
        return self.demo

    async def sweep(
        self,
        home: Home,
        wanted: Wanted,
        progress: Progress,
        stop: StopSignal,
        tape: Path | None = None,
    ) -> SweepResult:
        self.asked = {"home": home.path, "wanted": wanted, "tape": tape}
        self._raise()
        await asyncio.to_thread(tape.write_bytes, b"x" * 4096) if tape else None
        walk(progress)
        return self.swept

    async def leave_running(self, home: Home, options: RunOptions, progress: Progress, stop: StopSignal) -> RunResult:
        self.asked = {"home": home.path, "options": options}
        self._raise()
        progress.waiting(RAN.ended_at, SHOP)
        return RAN

    async def replay(self, options: ReplayOptions, progress: Progress, stop: StopSignal) -> ReplayResult:
        self.asked = options.model_dump()
        self._raise()
        return self.replayed

    async def status(self, home: Home) -> StatusResult:
        self._raise()
        return STATUS

    async def close_breaker(self, home: Home, shop: ShopKey) -> str:
        self.asked = {"closed": shop}
        return "page" if shop == SHOP else ""

    async def audit(self, home: Home) -> AuditResult:
        self._raise()
        return AUDIT


def walk(progress: Progress, cases: int = 3) -> None:
    """One shop's sweep as the runner tells it."""
    progress.shop(SHOP, "示例 [旗舰] 店")
    progress.listed(20, cases)
    progress.planned(cases)
    ends = [(CaseStatus.DONE, Verb.AGREE_REFUND), (CaseStatus.HELD, Verb.HOLD), (CaseStatus.FAILED, Verb.REFUSE)]
    for n in range(cases):
        case = CaseKey(platform="taobao", shop_id="1001", aftersale_id=f"913812345678123{n:02d}")
        for stage in Stage:
            progress.case(case, stage)
        progress.done(case, *ends[n % len(ends)])
    progress.note(Reason(code="error.session.challenge"))
