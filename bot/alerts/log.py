"""Alarms without a channel yet: one line in the log and one JSON line in `alarms.jsonl`, so that none is lost."""

from __future__ import annotations

import json
from pathlib import Path

from loguru import logger

from bot.config.logs import one_line
from bot.config.redact import SECRETS
from bot.domain.ids import ShopKey
from bot.ports.clock import Clock
from bot.ports.notifier import Alarm, Urgency

LEVELS = {Urgency.INFO: "INFO", Urgency.WARN: "WARNING", Urgency.CALL: "ERROR"}


class LogNotifier:
    """Notifier for a PC with somebody in front of it; a full disk is said in the log and stops nothing."""

    def __init__(self, folder: Path, clock: Clock) -> None:
        self._file = folder / "alarms.jsonl"
        self._clock = clock

    def notify(self, alarm: Alarm) -> None:
        where = f"{alarm.shop} {alarm.case_id}".strip()
        logger.log(LEVELS[alarm.urgency], "alarm at {}: {} {}", where, alarm.reason.code, alarm.reason.params)
        line = {"at": self._clock.now().isoformat(), **alarm.model_dump(mode="json")}
        said = one_line(SECRETS(json.dumps(line, ensure_ascii=False)))
        try:
            with self._file.open("a", encoding="utf-8", newline="\n") as file:
                file.write(f"{said}\n")
        except OSError as error:
            logger.error("the alarm could not be written down: {}", error)


class AlarmBook:
    """Notifier that remembers: for tests, and for whoever wants to show the alarms of one sweep."""

    def __init__(self) -> None:
        self.alarms: list[Alarm] = []

    def notify(self, alarm: Alarm) -> None:
        self.alarms.append(alarm)

    def of(self, shop: ShopKey) -> tuple[Alarm, ...]:
        """The alarms of one shop, in order."""
        return tuple(alarm for alarm in self.alarms if alarm.shop == shop)
