"""The composition root: the only place where ports meet their adapters; the use cases that a command line may call."""

from bot.app.autonomy import cast_vote
from bot.app.books import audit, status
from bot.app.brakes import close_breaker
from bot.app.by_hand import record_by_hand
from bot.app.checking import check_live, check_saved
from bot.app.consoling import make_console_token, run_console
from bot.app.demo import run_demo
from bot.app.explaining import explain_case
from bot.app.mending import accept_mend, propose_mend
from bot.app.monitoring import monitor
from bot.app.pages import accept_page, check_pages, keep_page, show_page
from bot.app.recording import sweep
from bot.app.rehearsing import backtest
from bot.app.replaying import replay
from bot.app.sweeping import run_sweep

__all__ = [
    "accept_mend",
    "accept_page",
    "audit",
    "backtest",
    "cast_vote",
    "check_live",
    "check_pages",
    "check_saved",
    "close_breaker",
    "explain_case",
    "keep_page",
    "make_console_token",
    "monitor",
    "propose_mend",
    "record_by_hand",
    "replay",
    "run_console",
    "run_demo",
    "run_sweep",
    "show_page",
    "status",
    "sweep",
]
