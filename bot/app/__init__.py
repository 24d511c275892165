"""The composition root: the only place where ports meet their adapters; the use cases that a command line may call."""

from bot.app.answering import answer_alarm, end_alarms, list_alarms, raise_alarm, send_due, try_channels
from bot.app.autonomy import cast_vote
from bot.app.books import audit, status
from bot.app.brakes import close_breaker
from bot.app.by_hand import record_by_hand
from bot.app.checking import check_live, check_saved
from bot.app.consoling import leave_running, make_console_token, run_console, way_into_console
from bot.app.days import daily_report
from bot.app.deciding import decide_by_hand, preview_by_hand
from bot.app.demo import run_demo
from bot.app.explaining import explain_case
from bot.app.forgetting import forget
from bot.app.looking import dry_run
from bot.app.mending import accept_mend, propose_mend
from bot.app.monitoring import monitor
from bot.app.pages import accept_page, check_pages, keep_page, show_page
from bot.app.recording import sweep
from bot.app.rehearsing import backtest
from bot.app.replaying import replay
from bot.app.sweeping import run_sweep
from bot.app.tidying import tidy

__all__ = [
    "accept_mend",
    "accept_page",
    "answer_alarm",
    "audit",
    "backtest",
    "cast_vote",
    "check_live",
    "check_pages",
    "check_saved",
    "close_breaker",
    "daily_report",
    "decide_by_hand",
    "dry_run",
    "end_alarms",
    "explain_case",
    "forget",
    "keep_page",
    "leave_running",
    "list_alarms",
    "make_console_token",
    "monitor",
    "preview_by_hand",
    "propose_mend",
    "raise_alarm",
    "record_by_hand",
    "replay",
    "run_console",
    "run_demo",
    "run_sweep",
    "send_due",
    "show_page",
    "status",
    "sweep",
    "tidy",
    "try_channels",
    "way_into_console",
]
