"""What recording and replaying a sweep are asked and come to."""

from __future__ import annotations

from pathlib import Path

from bot.domain.action import Verb
from bot.domain.base import Frozen
from bot.domain.decision import Reason
from bot.ports.exits import ExitCode


class TapedResult(Frozen):
    """What a person did, on a tape."""

    tape: str
    shop: str
    requests: int
    exit_code: ExitCode = ExitCode.DONE


class CaseFlip(Frozen):
    """A case that another policy, or the robot where a person did the work, decides otherwise, and why."""

    case: str
    was: Verb
    now: Verb
    why: tuple[Reason, ...] = ()


class ReplayOptions(Frozen):
    """What `refundpilot replay` was asked for.

    `policy`: another policy than the recorded one: then nothing is sent, and what it would decide otherwise is told.
    `selectors`: a folder of other selectors than the shipped ones. `altered`: also a tape that was changed since it was written.
    """

    tape: Path
    policy: Path | None = None
    selectors: Path | None = None
    altered: bool = False


class ReplayResult(Frozen):
    """A tape once more: `decisions` made and `calls` (writes and uploads) sent this time; `differences` from what is on it.

    `flips`: with another policy than the recorded one (`other_policy`), what it would decide otherwise; nothing is sent then, and
    what was not sent is no difference.
    """

    tape: str
    takes: int
    cases: int
    decisions: int
    calls: int
    differences: tuple[Reason, ...] = ()
    flips: tuple[CaseFlip, ...] = ()
    other_policy: bool = False
    seconds: float = 0.0
    exit_code: ExitCode
