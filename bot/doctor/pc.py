"""Checks of the PC itself: Python, system, time, display, keyring."""

from __future__ import annotations

import platform
import struct
import sys
from collections.abc import Iterator, Mapping
from datetime import datetime
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from bot.browser.find import has_display
from bot.config.credentials import UnprotectedKeyring, real_vault
from bot.console.icon import cannot
from bot.doctor.finding import Finding, found
from bot.doctor.patient import Patient
from flows.grammar import server_moment

OLDEST_PYTHON = (3, 11)
SKEW_WARN_S = 10
SKEW_BAD_S = 60
"""Half of a lease: beyond it a second robot may think the shop free. Deadlines go by the shop's own time (ADR 0008)."""

_LOCAL = frozenset({"127.0.0.1", "localhost", "::1"})


def python(_: Patient) -> Finding:
    key = "python.ok" if sys.version_info >= OLDEST_PYTHON else "python.old"
    return found(key, version=platform.python_version())


def system(_: Patient) -> Finding:
    key = "platform.ok" if struct.calcsize("P") == 8 else "platform.bits"
    return found(key, system=platform.platform())


def zone(patient: Patient) -> Finding:
    """Asia/Shanghai must be in the zone data and mean +08:00 today; the PC's own zone does not matter (F37)."""
    try:
        offset = patient.clock.now().astimezone(ZoneInfo("Asia/Shanghai")).strftime("%z")
    except ZoneInfoNotFoundError:
        return found("zone.wrong", offset="—")
    return found("zone.ok" if offset == "+0800" else "zone.wrong", offset=offset)


async def ticking(patient: Patient) -> Finding:
    """The monotonic clock must go forward: permits and quiet waits are measured on it."""
    began = patient.clock.monotonic()
    await patient.clock.sleep(0.02)
    passed = patient.clock.monotonic() - began
    return found("ticking.ok" if passed > 0 else "ticking.backwards", seconds=f"{passed:.3f}")


def skew(patient: Patient) -> Iterator[Finding]:
    """The PC's clock against the Date header of each shop and courier."""
    for url in patient.urls:
        yield _skew_of(patient, url)


def _skew_of(patient: Patient, url: str) -> Finding:
    host = urlsplit(url).netloc
    try:
        there = _date(patient.fetch(url))
    except (OSError, ValueError, KeyError) as error:
        return found("skew.unreachable", host=host, detail=error)
    seconds = round((patient.clock.now() - there).total_seconds())
    if urlsplit(url).hostname in _LOCAL:
        return found("skew.own_clock", host=host)
    key = "ok" if abs(seconds) <= SKEW_WARN_S else "off" if abs(seconds) <= SKEW_BAD_S else "far_off"
    return found(f"skew.{key}", host=host, seconds=seconds)


def _date(headers: Mapping[str, str]) -> datetime:
    """Raises KeyError without a Date header, ValueError for one that is no date."""
    return server_moment(headers["date"])


def display(patient: Patient) -> Finding:
    """A window needs a display; without windows none is needed."""
    if not patient.headed:
        return found("display.not_needed")
    return found("display.ok" if has_display(patient.machine) else "display.missing")


def tray(patient: Patient) -> Finding:
    """An icon in the desktop's tray is a comfort: none is no trouble, and how to have one is said."""
    return found(f"tray.{cannot(patient.machine) or 'ok'}")


def keyring(_: Patient) -> Finding:
    """A keyring that the system protects, or none (then credentials.toml serves); never one in plain text (S1)."""
    try:
        vault = real_vault()
    except UnprotectedKeyring as plain:
        return found("keyring.plaintext", backend=plain)
    return found("keyring.ok", backend=type(vault).__module__) if vault else found("keyring.none")
