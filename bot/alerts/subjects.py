"""What an alarm is about: which of its words make it another one, and how long an answer to it holds."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from datetime import timedelta
from types import MappingProxyType
from typing import Final

from bot.ports.alarms import Subject
from bot.ports.notifier import Alarm, Urgency

WORDS: Final[Mapping[str, tuple[str, ...]]] = MappingProxyType(
    {
        "budget.near": ("scope", "day"),
        "risk.found": ("detectors",),
        "brake.breaker": ("detail",),
        "error.action.drifted": ("screen",),
        "guard.refused": ("path", "why"),
        "incident.dialog": ("page",),
        "incident.crash": ("page",),
        "settle.unknown": ("verb",),
        "hold.near": ("until",),
        "signoff.verdict": ("signoff",),
        "signoff.policy": ("signoff",),
    }
)
"""By code; the words of any other alarm (amounts, counts, what a page said) differ each time and mean the same."""

CALLED: Final = timedelta(hours=1)
"""A call that was answered: what still stands after it is said again."""

DAILY: Final = timedelta(hours=23)
"""Once a day; a little less, since sweeps are not on the second."""

FOR_GOOD: Final = timedelta(days=400)

REST: Final[Mapping[str, timedelta]] = MappingProxyType(
    {
        "risk.found": FOR_GOOD,
        "budget.near": DAILY,
        "error.action.drifted": DAILY,
        "disk.full": DAILY,
        "hold.near": FOR_GOOD,
        "cases.near": timedelta(),
    }
)

WATCHED: Final = frozenset({"disk.low", "disk.full", "hold.near", "cases.near", "risk.found"})
"""What is found again at every look: told where it is news, and not counted again for an hour."""

PASSING: Final = frozenset({"risk.found"})
"""About what may yet be done in a case: once that has come to its end, nobody need be told louder."""

WHICHEVER: Final = frozenset({"error.action.drifted", "guard.refused"})
"""About the page, whichever case it was met with."""

UNSAID: Final = frozenset({"risk.found"})
"""Not said in the terminal: there may be one at every third case, and the report has them."""


def subject_of(alarm: Alarm) -> Subject:
    """The same key for the same thing; a hash, so that no word of a page stands in the chain."""
    code = alarm.reason.code
    words = [alarm.reason.params.get(name, "") for name in WORDS.get(code, ())]
    case = "" if code in WHICHEVER else alarm.case_id
    said = json.dumps([str(alarm.shop), case, code, *words], ensure_ascii=False)
    rest = REST.get(code, CALLED if alarm.urgency is Urgency.CALL else DAILY)
    return Subject(hashlib.sha256(said.encode()).hexdigest()[:32], rest)
