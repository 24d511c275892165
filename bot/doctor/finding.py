"""What the doctor finds: one table of all findings and how serious each is; the words are in the message catalogue."""

from __future__ import annotations

from enum import StrEnum

from bot.domain.base import Frozen
from bot.domain.decision import Reason
from bot.errors import RefundPilotError


class Level(StrEnum):
    """BAD: the robot cannot or must not work. WARN: it works, less well or less safely than it could."""

    OK = "ok"
    WARN = "warn"
    BAD = "bad"


class Finding(Frozen):
    """The result of one check. `cure` is None when all is well."""

    name: str
    level: Level
    what: Reason
    cure: Reason | None = None


LEVELS = {
    "python.ok": Level.OK,
    "python.old": Level.BAD,
    "platform.ok": Level.OK,
    "platform.bits": Level.WARN,
    "browser.ok": Level.OK,
    "browser.no_sandbox": Level.WARN,
    "browser.broken": Level.BAD,
    "rejected.ok": Level.OK,
    "font.ok": Level.OK,
    "font.boxes": Level.BAD,
    "font.unknown": Level.WARN,
    "display.ok": Level.OK,
    "display.not_needed": Level.OK,
    "display.missing": Level.BAD,
    "tray.ok": Level.OK,
    "tray.not_installed": Level.OK,
    "tray.no_display": Level.OK,
    "tray.refused": Level.OK,
    "zone.ok": Level.OK,
    "zone.wrong": Level.BAD,
    "ticking.ok": Level.OK,
    "ticking.backwards": Level.BAD,
    "skew.ok": Level.OK,
    "skew.own_clock": Level.OK,
    "skew.off": Level.WARN,
    "skew.far_off": Level.BAD,
    "skew.unreachable": Level.WARN,
    "keyring.ok": Level.OK,
    "keyring.none": Level.OK,
    "keyring.plaintext": Level.BAD,
    "reading.ok": Level.OK,
    "reading.off": Level.OK,
    "reading.missing": Level.WARN,
    "reading.needed": Level.BAD,
    "reading.broken": Level.BAD,
    "settings.ok": Level.OK,
    "settings.bad": Level.BAD,
    "writable.ok": Level.OK,
    "writable.no": Level.BAD,
    "disk.ok": Level.OK,
    "disk.low": Level.WARN,
    "disk.full": Level.BAD,
    "modes.ok": Level.OK,
    "modes.credentials_open": Level.BAD,
    "modes.state_open": Level.WARN,
    "modes.unknown": Level.WARN,
    "tracked.ok": Level.OK,
    "tracked.yes": Level.BAD,
    "instance.ok": Level.OK,
    "instance.running": Level.WARN,
    "stop.ok": Level.OK,
    "stop.pressed": Level.WARN,
    "people.ok": Level.OK,
    "people.one_is_enough": Level.OK,
    "people.alone": Level.WARN,
    "selectors.shipped": Level.OK,
    "selectors.mended": Level.WARN,
    "selectors.bad": Level.BAD,
    "unit.ok": Level.OK,
    "unit.by_hand": Level.OK,
    "unit.missing": Level.BAD,
    "unit.changed": Level.WARN,
    "heartbeat.ok": Level.OK,
    "heartbeat.old": Level.BAD,
    "heartbeat.none": Level.BAD,
    "sessions.ok": Level.OK,
    "sessions.old": Level.WARN,
    "awake.ok": Level.OK,
    "awake.sleeps": Level.WARN,
    "awake.unknown": Level.WARN,
    "sync.ok": Level.OK,
    "sync.off": Level.WARN,
    "linger.ok": Level.OK,
    "linger.off": Level.WARN,
    "channels.ok": Level.OK,
    "channels.none": Level.WARN,
    "channels.odd": Level.WARN,
    "channels.silent": Level.WARN,
    "channels.no_link": Level.WARN,
    "desktop.not_needed": Level.OK,
    "desktop.ok": Level.OK,
    "desktop.no_extra": Level.BAD,
    "desktop.no_ocr": Level.BAD,
    "desktop.no_screen": Level.BAD,
    "desktop.locked": Level.WARN,
    "desktop.no_clipboard": Level.BAD,
    "desktop.no_window": Level.WARN,
    "check.broken": Level.WARN,
}
"""Every finding that is the doctor's own, as `check.state`: texts `doctor.<check>.<state>`, cures `cure.doctor.<check>.<state>`."""


def found(key: str, /, **params: object) -> Finding:
    """The finding `key` of LEVELS, with what its texts name."""
    level = LEVELS[key]
    filled = {name: str(value) for name, value in params.items()}
    cure = None if level is Level.OK else Reason(code=f"cure.doctor.{key}", params=filled)
    return Finding(name=key.partition(".")[0], level=level, what=Reason(code=f"doctor.{key}", params=filled), cure=cure)


def of_error(name: str, error: RefundPilotError) -> Finding:
    """An error that some part of the robot would end with, told by its own code: text and cure are the same everywhere."""
    what = Reason(code=error.reason_code, params=error.params)
    return Finding(name=name, level=Level.BAD, what=what, cure=what.model_copy(update={"code": f"cure.{what.code}"}))
