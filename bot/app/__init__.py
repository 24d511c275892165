"""The composition root: the only place where ports meet their adapters; the use cases that a command line may call."""

from bot.app.autonomy import cast_vote
from bot.app.books import audit, status
from bot.app.brakes import close_breaker
from bot.app.checking import check_live, check_pages
from bot.app.demo import run_demo
from bot.app.explaining import explain_case
from bot.app.mending import accept_mend, propose_mend
from bot.app.monitoring import monitor
from bot.app.rehearsing import backtest
from bot.app.sweeping import run_sweep

__all__ = [
    "accept_mend",
    "audit",
    "backtest",
    "cast_vote",
    "check_live",
    "check_pages",
    "close_breaker",
    "explain_case",
    "monitor",
    "propose_mend",
    "run_demo",
    "run_sweep",
    "status",
]
