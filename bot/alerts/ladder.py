"""The ladder: from one alarm and what was tried so far, who is told next and when; pure, so that its laws can be tested.

Rungs climb from a message to a phone call, `wait` apart, faster where little time is left. The last rung is for high amounts with little
time left, and for calls that nobody can put a sum or a time to; warnings never get there. What was answered is silent; what was not is said again and again.
Quiet hours hold back what can still be mended in the morning, and nothing else.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, time, timedelta
from itertools import takewhile

from bot.alerts.subjects import PASSING
from bot.config.settings import Settings
from bot.domain.base import SHANGHAI
from bot.domain.money import Money
from bot.engine.moments import Window
from bot.ports.alarms import AlarmEntry, Sending
from bot.ports.notifier import Urgency

REMIND = timedelta(days=1)
"""What is no call is said again once a day."""

DOUBLINGS = 3
"""A call that nobody answers is said again after one, two, four and then every eight times `repeat`."""

TRIES = 2
"""Rounds in which no channel of a rung works, before the next rung is climbed."""

HIGH = Money(50_000)
"""500 元; the seeds say "high amount" and give no figure."""

AHEAD = timedelta(minutes=5)
"""A clock is put right by seconds all the time. What lies further ahead of now was written down before it was set back by more."""

LONG_AGO = timedelta(days=30)
"""How long ago that counts as: taken at its word, it would silence everybody until the clock is there again."""

BACK_OFF = timedelta(minutes=1)
LONGEST_BACK_OFF = timedelta(minutes=10)


@dataclass(frozen=True, slots=True)
class Rung:
    """Channels of one loudness, in order of preference; one that works is enough."""

    channels: tuple[str, ...]
    wait: timedelta


@dataclass(frozen=True, slots=True)
class Ladder:
    """The settings `[alarms]`, ready to climb."""

    rungs: tuple[Rung, ...] = ()
    quiet: Window | None = None
    high: Money = HIGH
    short: timedelta = timedelta(hours=2)
    repeat: timedelta = timedelta(minutes=30)
    digest: timedelta = timedelta(minutes=5)


@dataclass(frozen=True, slots=True)
class Step:
    """What is to be done for an alarm, and from when on: these channels are tried in order until one works."""

    rung: int
    channels: tuple[str, ...]
    at: datetime


def ladder_of(settings: Settings) -> Ladder:
    """By the settings; without `[[alarms.rung]]` each channel is a rung, in the order of the file."""
    said = settings.alarms
    steps = [(rung.channels, rung.wait_minutes) for rung in said.rung]
    each = [((channel.name,), None) for channel in settings.channel]
    rungs = [
        Rung(channels, timedelta(minutes=_wait(n, minutes))) for n, (channels, minutes) in enumerate(steps or each)
    ]
    return Ladder(
        rungs=tuple(rungs),
        quiet=said.quiet_hours,
        high=said.high_amount,
        short=timedelta(minutes=said.short_minutes),
        repeat=timedelta(minutes=said.repeat_minutes),
        digest=timedelta(minutes=said.digest_minutes),
    )


def _wait(rung: int, minutes: int | None) -> int:
    """Unless somebody says otherwise a person hears at once, and the next rung is climbed after ten minutes."""
    return minutes if minutes is not None else 10 if rung else 0


def next_step(entry: AlarmEntry, ladder: Ladder) -> Step | None:
    """None for an alarm that was answered, and where there is no rung; else there always is a next step (never silent)."""
    if entry.acknowledged_at is not None or not ladder.rungs:
        return None
    step = _after_failures(entry, ladder, min(_climb(entry, ladder), _again(entry, ladder), key=lambda one: one.at))
    return Step(step.rung, step.channels, _out_of_quiet(entry, ladder, step.at))


def _said(entry: AlarmEntry) -> Sequence[Sending]:
    return [sending for sending in entry.sendings if sending.ok]


def _first(entry: AlarmEntry, ladder: Ladder) -> Step:
    return _step(ladder, 0, entry.raised_at + _hurried(entry, entry.raised_at, ladder.rungs[0].wait))


def _climb(entry: AlarmEntry, ladder: Ladder) -> Step:
    """One rung up, as soon as it is due; beyond the top there is only saying it again."""
    said = _said(entry)
    if not said:
        return _first(entry, ladder)
    reached = _reached(said, ladder)
    opens = _opens(entry, ladder, reached + 1)
    if opens is None:
        return _again(entry, ladder)
    # from when the rung was reached: saying it again there must not put off the next one
    since = min(sending.at for sending in said if sending.rung >= reached)
    wait = _hurried(entry, since, ladder.rungs[reached + 1].wait)
    return _step(ladder, reached + 1, max(opens, since + wait))


def _reached(said: Sequence[Sending], ladder: Ladder) -> int:
    """The highest rung so far; the ladder may have been taller then."""
    return min(max(sending.rung for sending in said), len(ladder.rungs) - 1)


def _opens(entry: AlarmEntry, ladder: Ladder, rung: int) -> datetime | None:
    """From when on the alarm may reach the rung; None: never. The rungs below the last are open to all, the last one to calls."""
    alarm, top = entry.alarm, len(ladder.rungs) - 1
    if rung > top or (entry.case_over and alarm.reason.code in PASSING):
        return None
    if rung < top:
        return entry.raised_at
    too_late = alarm.deadline is not None and alarm.deadline <= entry.raised_at
    if alarm.urgency is not Urgency.CALL or too_late or (alarm.amount is not None and alarm.amount < ladder.high):
        return None
    if alarm.deadline is not None:
        return alarm.deadline - ladder.short
    return entry.raised_at


def _hurried(entry: AlarmEntry, since: datetime, wait: timedelta) -> timedelta:
    """Half of the time left, where that is less: the whole ladder is climbed before the deadline."""
    deadline = entry.alarm.deadline
    return min(wait, (deadline - since) / 2) if deadline is not None and deadline > since else wait


def _again(entry: AlarmEntry, ladder: Ladder) -> Step:
    """The rung that was reached, once more; less and less often, until somebody answers."""
    said = _said(entry)
    if not said:
        return _first(entry, ladder)
    rung = _reached(said, ladder)
    repeats = sum(sending.rung >= rung for sending in said) - 1
    call = entry.alarm.urgency is Urgency.CALL
    return _step(ladder, rung, said[-1].at + (ladder.repeat * 2 ** min(repeats, DOUBLINGS) if call else REMIND))


def _step(ladder: Ladder, rung: int, at: datetime) -> Step:
    return Step(rung, ladder.rungs[rung].channels, at)


def _after_failures(entry: AlarmEntry, ladder: Ladder, step: Step) -> Step:
    """Where no channel of the rung worked: the same after a pause, then the next rung, at last whatever there is."""
    failed = list(takewhile(lambda sending: not sending.ok, reversed(entry.sendings)))[::-1]
    rung = step.rung
    while (rounds := _rounds(failed, rung)) and len(rounds) >= TRIES:
        opens = _opens(entry, ladder, rung + 1)
        if opens is None or opens > rounds[-1]:
            break
        rung += 1
    if not rounds:
        return step if rung == step.rung else _step(ladder, rung, failed[-1].at)
    at = max(step.at, rounds[-1] + min(BACK_OFF * 2 ** min(len(rounds) - 1, 10), LONGEST_BACK_OFF))
    if len(rounds) < TRIES:
        return _step(ladder, rung, at)
    others = (name for other in reversed(ladder.rungs[: rung + 1]) for name in other.channels)
    return Step(rung, tuple(dict.fromkeys(others)), at)


def _rounds(failed: Iterable[Sending], rung: int) -> list[datetime]:
    """Moments at which the rung was tried in vain."""
    return sorted({sending.at for sending in failed if sending.rung == rung})


def _out_of_quiet(entry: AlarmEntry, ladder: Ladder, at: datetime) -> datetime:
    """The end of the quiet hours, where the moment lies in them and the alarm can wait until then."""
    if ladder.quiet is None or not _is_quiet(ladder, at):
        return at
    morning = _morning(at.astimezone(SHANGHAI), ladder.quiet)
    return morning if can_wait(entry, ladder, at, morning) else at


def _is_quiet(ladder: Ladder, at: datetime) -> bool:
    here = at.astimezone(SHANGHAI)
    return ladder.quiet is not None and here.hour * 60 + here.minute in ladder.quiet


def _morning(here: datetime, quiet: Window) -> datetime:
    """The next moment at which the quiet hours end."""
    midnight = datetime.combine(here.date(), time(), SHANGHAI)
    end = midnight + timedelta(minutes=quiet.end)
    return end if end > here else end + timedelta(days=1)


def can_wait(entry: AlarmEntry, ladder: Ladder, at: datetime, morning: datetime) -> bool:
    """Whether nothing is lost by waiting: there is time enough after it, or it is too late already; a bare call is never held back."""
    deadline = entry.alarm.deadline
    if deadline is None:
        return entry.alarm.urgency is not Urgency.CALL
    return deadline <= at or deadline - ladder.short >= morning


@dataclass(frozen=True, slots=True)
class Bundle:
    """One message: the alarms that it tells of, each with the rung that it is on, and the channels to try."""

    channels: tuple[str, ...]
    told: tuple[tuple[AlarmEntry, int], ...]


def bundles(
    entries: Iterable[AlarmEntry], ladder: Ladder, last: Mapping[str, datetime], now: datetime
) -> tuple[tuple[Bundle, ...], datetime | None]:
    """The messages that are due, one for all that goes the same way, and when to look again.

    A channel that spoke just now is left alone for `digest`, so that fifty alarms are two messages, not fifty; nobody waits for
    that longer than a quarter of the time that is left.
    """
    steps = [(entry, step) for entry in entries if (step := _step_by(entry, ladder, now)) is not None]
    later = [step.at for _, step in steps if step.at > now]
    ways: dict[tuple[str, ...], list[tuple[AlarmEntry, Step]]] = {}
    for entry, step in steps:
        if step.at <= now:
            ways.setdefault(step.channels, []).append((entry, step))
    ready: list[Bundle] = []
    for channels, due in ways.items():
        at = min(_patience(entry, step, ladder, last.get(channels[0])) for entry, step in due)
        if at > now:
            later.append(at)
        else:
            ready.append(Bundle(channels, tuple((entry, step.rung) for entry, step in due)))
    return tuple(ready), min(later, default=None)


def _step_by(entry: AlarmEntry, ladder: Ladder, now: datetime) -> Step | None:
    """By the clock as it stands now. What was due before the quiet hours began, and can wait, is not said in them; it waits once."""
    step = next_step(_by_this_clock(entry, now), ladder)
    if step is None or step.at > now or _is_quiet(ladder, step.at):
        return step
    until = _out_of_quiet(entry, ladder, now)
    return step if until == now else replace(step, at=until)


def _by_this_clock(entry: AlarmEntry, now: datetime) -> AlarmEntry:
    latest = now + AHEAD
    if entry.raised_at <= latest and all(one.at <= latest for one in entry.sendings):
        return entry
    sendings = tuple(one.model_copy(update={"at": _past(one.at, now)}) for one in entry.sendings)
    return entry.model_copy(update={"raised_at": _past(entry.raised_at, now), "sendings": sendings})


def _past(at: datetime, now: datetime) -> datetime:
    return now - LONG_AGO if at > now + AHEAD else at


def _patience(entry: AlarmEntry, step: Step, ladder: Ladder, spoke: datetime | None) -> datetime:
    """Until when a due alarm waits for others to go with."""
    if spoke is None:
        return step.at
    deadline = entry.alarm.deadline
    free = spoke + ladder.digest
    return min(free, step.at + (deadline - step.at) / 4) if deadline is not None and deadline > step.at else free
