"""One look of the dead-man watch at one home: read, judge, tell, remember; needs neither ledger nor the home's lock."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Protocol

from loguru import logger
from pydantic import AwareDatetime, ValidationError

from bot.config.settings import Run
from bot.config.swapping import swap_in
from bot.domain.base import Frozen
from bot.domain.decision import Reason
from bot.domain.ids import ShopKey
from bot.ports.exits import ExitCode
from bot.ports.notifier import Alarm, Urgency
from bot.service import killing
from bot.service.heartbeat import Heartbeat, read_heartbeat
from bot.service.killing import Ended
from bot.service.phases import limit_of
from bot.service.watch import Look, Memory, Verdict, judge

FILE = "watch.json"
EVERY = ShopKey(platform="*", shop_id="*")
OVER = "watch.over"

End = Callable[[Heartbeat], Ended]


class Caller(Protocol):
    """How a person is called."""

    def call(self, alarm: Alarm, *, again: bool = False) -> bool:
        """Whether the call went out; `again`: an earlier one for the same thing did not."""

    def passed(self, code: str, shop: ShopKey) -> None:
        """What was called about is over: nobody is called about it any more. Raises nothing."""


class WatchResult(Frozen):
    """What one look found. `state`: `well`, `not_yet` (none was heard so far) or the trouble; `killed`: what became of an attempt to end it, empty without one."""

    state: str
    since: AwareDatetime
    told: bool
    killed: str
    what: Reason
    exit_code: ExitCode


def look_at(
    home: Path, now: datetime, caller: Caller, run: Run, *, kill: bool = False, end: End = killing.end
) -> WatchResult:
    """Look once, and call a person where there is reason to. Raises OSError: what was seen cannot be remembered.

    Args:
        home: the home's folder.
        now: the moment.
        caller: how a person is called.
        run: the waits of the home; its defaults where the settings cannot be read.
        kill: end a service that hangs.
        end: how that is done.
    """
    beat = read_heartbeat(home)
    verdict = judge(
        Look(now=now, beat=beat, alive=beat is not None and killing.alive(beat)),
        _recall(home),
        lambda phase: limit_of(phase, run),
    )
    killed = end(beat) if kill and verdict.may_kill and beat else None
    if killed:
        logger.warning("the service (process {}) hung in {}: {}", beat.pid if beat else 0, beat and beat.phase, killed)
    reason = _reason(home, now, verdict, beat)
    reached = _tell(caller, home, now, verdict, reason)
    # told first: a person called twice is better than one never called
    _remember(home / FILE, _memory(verdict, reached=reached))
    return WatchResult(
        state=reason.code.removeprefix("watch."),
        since=verdict.since,
        told=reached,
        killed=killed or "",
        what=reason,
        exit_code=ExitCode.PERSON if verdict.trouble else ExitCode.DONE,
    )


def _remember(file: Path, memory: Memory) -> None:
    """Swapped in whole; a full disk has no room for a second file, but the old one's own. A watch that forgets takes every look for a wake-up."""
    said = memory.model_dump_json() + "\n"
    try:
        swap_in(file, said)
    except OSError:
        with file.open("r+b") as old:
            old.write(said.encode())
            old.truncate()


def _recall(home: Path) -> Memory | None:
    try:
        return Memory.model_validate_json((home / FILE).read_bytes())
    except (OSError, ValidationError):
        return None


def _reason(home: Path, now: datetime, verdict: Verdict, beat: Heartbeat | None) -> Reason:
    params = {
        "home": str(home),
        "minutes": str(_minutes(now, verdict.since)),
        "phase": beat.phase if beat else "",
        "shop": beat.shop if beat else "",
        "pid": str(beat.pid) if beat else "",
    }
    well = "well" if beat else "not_yet"
    return Reason(code=f"watch.{verdict.trouble or well}", params=params)


def _tell(caller: Caller, home: Path, now: datetime, verdict: Verdict, reason: Reason) -> bool:
    """Whether somebody was called at this look. The end of an incident is told once, whoever hears it."""
    reached = False
    if verdict.begins:
        # an end that nobody has answered is no news any more, and would swallow the next one
        caller.passed(OVER, EVERY)
    if verdict.begins or verdict.again:
        reached = caller.call(Alarm(urgency=Urgency.CALL, shop=EVERY, reason=reason), again=verdict.again)
    if verdict.ended:
        caller.passed(f"watch.{verdict.ended.trouble}", EVERY)
        over = {"home": str(home), "minutes": str(_minutes(now, verdict.ended.since))}
        reached = caller.call(Alarm(urgency=Urgency.WARN, shop=EVERY, reason=Reason(code=OVER, params=over)))
    return reached


def _memory(verdict: Verdict, *, reached: bool) -> Memory:
    """A call that reached nobody is made again at the next look."""
    incident = verdict.memory.incident
    if incident is None or not (verdict.begins or verdict.again):
        return verdict.memory
    return verdict.memory.model_copy(update={"incident": incident.model_copy(update={"reached": reached})})


def _minutes(now: datetime, since: datetime) -> int:
    return int((now - since).total_seconds()) // 60
