"""What became of an action: the receipt read back from the server, or why there is none."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum

from bot.domain.action import Mark
from bot.domain.base import Frozen, Sha256
from bot.domain.case import CaseState
from bot.domain.decision import Reason
from bot.domain.ids import CaseKey, IntentId
from bot.domain.money import Money


class Outcome(StrEnum):
    """Result of reading the server after an action may have left (reliability.md 3.2)."""

    APPLIED = "applied"
    NOT_APPLIED = "not_applied"
    FOREIGN = "foreign"
    UNREADABLE = "unreadable"


UNPROVEN = ("settle.unknown", "error.action.unknown")
"""First reasons of holds where nobody knows whether the click landed."""


class Receipt(Frozen):
    """Proof of an effect, read on a fresh page; `amount` as the server shows it, `presumed` when the last mark was SENT and nothing names the actor."""

    intent: IntentId
    case: CaseKey
    state: CaseState
    amount: Money
    version: str
    proven_at: datetime
    before: Sha256 | None
    after: Sha256 | None
    presumed: bool = False


class CaseStatus(StrEnum):
    """Where the ledger has a case."""

    SEEN = "seen"
    DECIDED = "decided"
    ACTING = "acting"
    WAITING = "waiting"
    DONE = "done"
    FOREIGN = "foreign"
    HELD = "held"
    FAILED = "failed"


class Hold(Frozen):
    """A case waiting for a person; never without reason, owner and a moment to look again (I8)."""

    case: CaseKey
    reasons: tuple[Reason, ...]
    owner: str
    deadline: datetime | None


class OpenIntent(Frozen):
    """What recovery finds: the intent's id, case and last durable mark."""

    id: IntentId
    case: CaseKey
    mark: Mark
