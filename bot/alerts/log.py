"""Alarms for a PC with somebody in front of it: said on stderr in the operator's language, and one JSON line in `alarms.jsonl`, so that none is lost."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from filelock import FileLock, Timeout
from loguru import logger

from bot.catalogue import Catalogue
from bot.config.logs import FILE_ONLY, one_line, tell
from bot.config.redact import SECRETS
from bot.domain.decision import Reason
from bot.domain.ids import ShopKey
from bot.ports.clock import Clock
from bot.ports.notifier import Alarm, Urgency

FILE: Final = "alarms.jsonl"
PATIENCE_S: Final = 2.0
"""How long an alarm waits for whoever tidies the file, which takes a moment."""

LEVELS = {Urgency.INFO: "INFO", Urgency.WARN: "WARNING", Urgency.CALL: "ERROR"}


@contextmanager
def alone_with(file: Path) -> Iterator[bool]:
    """Nobody else, in this process or in the watch's, writes to the alarms' log meanwhile; False where that cannot be had in time.

    An alarm is written down all the same then: that it may be lost to the tidying is better than that it is not written.
    """
    lock = FileLock(file.with_suffix(".lock"))
    try:
        lock.acquire(timeout=PATIENCE_S)
    except (Timeout, OSError):
        yield False
        return
    try:
        yield True
    finally:
        lock.release()


class LogNotifier:
    """Notifier for a PC with somebody in front of it; a full disk is said in the log and stops nothing.

    Files have codes and what fills them, for machines; stderr has sentences. Without a catalogue nothing is said on stderr:
    the caller tells the person.
    """

    def __init__(self, folder: Path, clock: Clock, say: Catalogue | None = None) -> None:
        self._file = folder / FILE
        self._clock = clock
        self._say = say
        self._last: Alarm | None = None

    def notify(self, alarm: Alarm, *, aloud: bool = True) -> None:
        where, reason = _place(alarm), alarm.reason
        logger.bind(**FILE_ONLY).log(LEVELS[alarm.urgency], "alarm at {}: {} {}", where, reason.code, reason.params)
        self._write(alarm)
        if self._say and aloud and alarm.urgency is not Urgency.INFO:
            self._tell(alarm, self._say)

    def has_just_told(self, reason: Reason) -> bool:
        """Whether this was the last that a person read here: who would say it again on the same screen need not."""
        return self._last is not None and reason == self._last.reason

    def _tell(self, alarm: Alarm, say: Catalogue) -> None:
        """The same alarm twice in a row is one line: a challenge is raised when it is met, and again when nobody came."""
        again, self._last = self._last, alarm
        if again and (again.urgency, again.shop, again.reason, again.case_id) == (
            alarm.urgency,
            alarm.shop,
            alarm.reason,
            alarm.case_id,
        ):
            return
        for line in told(alarm, say):
            tell(line)

    def _write(self, alarm: Alarm) -> None:
        line = {"at": self._clock.now().isoformat(), **alarm.model_dump(mode="json")}
        said = one_line(SECRETS(json.dumps(line, ensure_ascii=False)))
        try:
            with alone_with(self._file), self._file.open("a", encoding="utf-8", newline="\n") as file:
                file.write(f"{said}\n")
        except OSError as error:
            logger.error("the alarm could not be written down: {}", error)


class AlarmBook:
    """Notifier that remembers: for tests, and for whoever wants to show the alarms of one sweep."""

    def __init__(self) -> None:
        self.alarms: list[Alarm] = []
        self.over: list[tuple[str, ShopKey]] = []

    def notify(self, alarm: Alarm) -> None:
        self.alarms.append(alarm)

    def passed(self, code: str, shop: ShopKey) -> None:
        self.over.append((code, shop))

    def of(self, shop: ShopKey) -> tuple[Alarm, ...]:
        """The alarms of one shop, in order."""
        return tuple(alarm for alarm in self.alarms if alarm.shop == shop)


def told(alarm: Alarm, say: Catalogue) -> Iterator[str]:
    """Where and what; then what a person can do about it, where somebody wrote that down."""
    yield f"! {_place(alarm)}: {say.text(alarm.reason)}"
    if cure := say.cure(alarm.reason):
        yield f"  → {cure}"


def _place(alarm: Alarm) -> str:
    return f"{alarm.shop} {alarm.case_id}".strip()
