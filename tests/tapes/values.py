"""Labels and takes for tapes that no sweep made."""

from __future__ import annotations

from bot.domain.history import UNASKED
from bot.ports.ledger import Judged
from bot.tape.tape import Label, Take
from tests.unit.engine.builders import NOW, Situation


def label(files: dict[str, str] | None = None) -> Label:
    """Of a tape that nobody recorded."""
    return Label(made_at=NOW, made_by="0", sites={}, files=files or {}, selectors={})


def take(situation: Situation) -> Take:
    """One decision of one sweep."""
    judged = Judged(
        snapshot=situation.page, trails=dict(situation.trails), history=UNASKED, decision=situation.judged()
    )
    return Take(shop=str(situation.page.key.shop), posture="act", began=NOW, judged=(judged,))
