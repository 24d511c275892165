"""What `mend` and `selectors check` hand back; `model_dump(mode="json")` is what `--json` prints."""

from __future__ import annotations

from enum import StrEnum

from bot.domain.base import Frozen
from bot.ports.exits import ExitCode


class Ranked(Frozen):
    """An element that may be the target: its score out of 100 and what each part gave to it."""

    role: str
    name: str
    within: str
    title: str
    score: int
    parts: dict[str, int]


class MendResult(Frozen):
    """What would mend the target of one bundle, or did, once a person accepted it.

    `name`: what a person has to have seen on the page; empty where nothing can be proposed. `writes`: the target is pressed
    or filled. `differences`: how the page differs from its contract; `left`: what no edit can cure. `places`: file and line of
    each change, below the selectors' folder. `pictures`: the page before and after, in the bundle.
    """

    bundle: str
    target: str
    name: str
    writes: bool
    differences: tuple[str, ...] = ()
    candidates: tuple[Ranked, ...] = ()
    places: tuple[str, ...] = ()
    diff: str = ""
    left: tuple[str, ...] = ()
    pictures: tuple[str, ...] = ()
    selectors: str = ""
    accepted: bool = False
    exit_code: ExitCode = ExitCode.DONE


class Look(StrEnum):
    """What became of one target on one page; only MISSING, AMBIGUOUS and DRIFTED want a person."""

    FOUND = "found"
    HEALED = "healed"
    AMBIGUOUS = "ambiguous"
    MISSING = "missing"
    DRIFTED = "drifted"
    NOT_SHOWN = "not_shown"


class TargetLook(Frozen):
    """One target: how it stands best on the pages looked at, and on which of them; `candidate` counts from 1, 0 for none."""

    target: str
    use: str
    look: Look
    page: str = ""
    candidate: int = 0
    detail: str = ""


class SelectorsResult(Frozen):
    """`refundpilot selectors check`: every target of a platform on the pages that were looked at."""

    platform: str
    selectors: str
    pages: tuple[str, ...]
    targets: tuple[TargetLook, ...]
    exit_code: ExitCode
