"""What each strategy hit: the filters of the monitor, its lines and its sums."""

from __future__ import annotations

from datetime import datetime

from bot.domain.base import Frozen
from bot.ports.exits import ExitCode


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
