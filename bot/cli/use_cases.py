"""What the command line asks of the composition root (`bot.app`), and nothing more."""

from __future__ import annotations

import importlib
from collections.abc import Callable, Sequence
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Protocol, cast

from bot.config import Home
from bot.domain.ids import ShopKey
from bot.ports.alarms import AlarmsResult, AlarmsTested
from bot.ports.deciding import HandAsk, HandPreview, HandResult
from bot.ports.figures import DailyResult, Span
from bot.ports.mending import MendResult, SelectorsResult
from bot.ports.monitor import HitFilters, MonitorResult
from bot.ports.notifier import Alarm
from bot.ports.pages import KeptPage, PageCheck, PageReading
from bot.ports.progress import Progress, StopSignal
from bot.ports.rehearsal import BacktestResult
from bot.ports.replays import ReplayOptions, ReplayResult, TapedResult
from bot.ports.results import AuditResult, DemoOptions, DemoResult, DryRun, SweepResult
from bot.ports.retention import ForgetResult, TidyResult
from bot.ports.status import RunOptions, RunResult, StatusResult
from bot.ports.wanted import HandVerdict, Wanted

if TYPE_CHECKING:
    from bot.report.explain import Explanation  # drags the engine along; `stop` cannot wait


class UseCases(Protocol):
    """The use cases as `bot.app` offers them; each raises RefundPilotError."""

    async def run_demo(self, options: DemoOptions, progress: Progress, stop: StopSignal) -> DemoResult: ...

    async def sweep(
        self,
        home: Home,
        wanted: Wanted,
        progress: Progress,
        stop: StopSignal,
        tape: Path | None = None,
    ) -> SweepResult: ...

    async def leave_running(
        self, home: Home, options: RunOptions, progress: Progress, stop: StopSignal
    ) -> RunResult: ...
    async def dry_run(self, home: Home, wanted: Wanted, progress: Progress, stop: StopSignal) -> DryRun: ...

    async def record_by_hand(
        self, home: Home, shop: ShopKey | None, progress: Progress, stop: StopSignal, tape: Path
    ) -> TapedResult: ...

    async def replay(self, options: ReplayOptions, progress: Progress, stop: StopSignal) -> ReplayResult: ...

    async def status(self, home: Home) -> StatusResult: ...

    async def audit(self, home: Home) -> AuditResult: ...

    async def monitor(self, home: Home, since: date, filters: HitFilters) -> MonitorResult: ...

    async def daily_report(self, home: Home, span: Span, out: Path | None = None) -> DailyResult: ...

    async def tidy(self, home: Home, *, dry_run: bool) -> TidyResult: ...

    async def forget(self, home: Home, shop: ShopKey, name: str, *, dry_run: bool) -> ForgetResult: ...

    async def close_breaker(self, home: Home, shop: ShopKey) -> str:
        """Why it was open; empty when it was not."""

    def raise_alarm(self, home: Home, alarm: Alarm) -> None: ...

    def end_alarms(self, home: Home, code: str, shop: ShopKey) -> None: ...

    async def send_due(self, home: Home) -> None: ...

    async def list_alarms(self, home: Home) -> AlarmsResult: ...

    async def answer_alarm(self, home: Home, wanted: str, by: str, note: str) -> tuple[int, ...]:
        """The numbers of those that were open."""

    async def try_channels(self, home: Home, channel: str) -> AlarmsTested: ...

    async def cast_vote(self, home: Home, wanted: str, *, agrees: bool) -> str:
        """The id of the strategy that it counts for."""

    async def preview_by_hand(self, home: Home, ask: HandAsk) -> HandPreview: ...

    async def decide_by_hand(
        self, home: Home, verdict: HandVerdict, progress: Progress, stop: StopSignal
    ) -> HandResult: ...

    async def explain_case(self, home: Home, wanted: str) -> Explanation: ...

    async def propose_mend(self, bundle: Path, home: Path, choice: int) -> MendResult: ...

    def accept_mend(self, bundle: Path, home: Path, choice: int, name: str) -> MendResult: ...

    async def check_saved(self, platform: str, pages: Sequence[Path], home: Path | None) -> SelectorsResult: ...

    async def check_live(self, home: Home, platform: str, stop: StopSignal) -> SelectorsResult: ...

    async def backtest(
        self, home: Home, candidate: Path, days: timedelta, html: Path | None, steps: Callable[[int, int], None]
    ) -> BacktestResult: ...

    async def show_page(self, folder: Path, picture: Path | None = None) -> PageReading: ...

    async def check_pages(self, places: Sequence[Path]) -> PageCheck: ...

    async def accept_page(self, reading: PageReading) -> None:
        """What was read is what is expected from now on."""

    async def run_console(
        self, home: Home, port: int, person: str, ready: Callable[[str, str], None], stop: StopSignal
    ) -> str:
        """Until `stop`; `ready` is told the address and the way in. Where one answers already, its address comes back at once."""

    def make_console_token(self, home: Home, name: str, *, revoke: bool) -> str:
        """The token, shown this once; of one that was revoked, its name, empty where there was none."""

    def way_into_console(self, home: Home, person: str) -> str:
        """A link that lets in once where a console answers; empty where people are named and nobody says which."""

    async def keep_page(self, bundle: Path, folder: Path, at: datetime | None = None) -> KeptPage: ...


def use_cases() -> UseCases:
    """Imported late: `stop` has to answer at once, and even when browser or database libraries are broken."""
    return cast("UseCases", importlib.import_module("bot.app"))
