"""Ends a service that hangs: by its process id, and only when that is provably still the process of the heartbeat."""

from __future__ import annotations

from enum import StrEnum

import psutil

from bot.service.heartbeat import Heartbeat

SAME_START_S = 5.0
"""How far two readings of one process's start may lie apart: the clock is set now and then."""

WAIT_S = 15.0


class Ended(StrEnum):
    """What became of it."""

    ENDED = "ended"
    NOT_THERE = "not_there"
    NOT_OURS = "not_ours"
    REFUSED = "refused"


def ours(beat: Heartbeat) -> psutil.Process | None:
    """The process that wrote the heartbeat, while it is there: same id, same start, same command line."""
    try:
        process = psutil.Process(beat.pid)
        if process.status() == psutil.STATUS_ZOMBIE:
            return None
        same = beat.created is not None and abs(process.create_time() - beat.created) < SAME_START_S
        return process if same and beat.command and tuple(process.cmdline()) == beat.command else None
    except psutil.Error:
        return None


def alive(beat: Heartbeat) -> bool:
    """Whether a process of that id is there; where the heartbeat can prove it, the very same one."""
    return ours(beat) is not None if beat.created is not None else psutil.pid_exists(beat.pid)


def end(beat: Heartbeat) -> Ended:
    """Kill the service with what it started. No request to stop comes first: it did not react for far longer than that takes."""
    if not psutil.pid_exists(beat.pid):
        return Ended.NOT_THERE
    process = ours(beat)
    if process is None:
        return Ended.NOT_OURS
    try:
        family = [process, *process.children(recursive=True)]
        for member in family:
            _kill(member)
    except psutil.NoSuchProcess:
        return Ended.NOT_THERE
    except psutil.AccessDenied:
        return Ended.REFUSED
    _, left = psutil.wait_procs(family, timeout=WAIT_S)
    return Ended.REFUSED if left else Ended.ENDED


def _kill(member: psutil.Process) -> None:
    """Kill one; psutil looks again that the id was not given to somebody else meanwhile."""
    try:
        member.kill()
    except psutil.NoSuchProcess:
        return
