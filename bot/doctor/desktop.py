"""Checks of the desktop that couriers' programs are driven on: what is missing, and the one command that adds it."""

from __future__ import annotations

from collections.abc import Iterator

from bot.desktop.driver import PyautoguiDriver
from bot.desktop.program import Named
from bot.desktop.reading import plain
from bot.doctor.finding import Finding, found
from bot.doctor.patient import Patient
from bot.ocr import engine
from bot.ports.desktop import DesktopDriver, Ready

_MISSING = {
    Ready.NO_EXTRA: "desktop.no_extra",
    Ready.NO_SCREEN: "desktop.no_screen",
    Ready.LOCKED: "desktop.locked",
    Ready.NO_CLIPBOARD: "desktop.no_clipboard",
}


def desktop(patient: Patient, driver: DesktopDriver | None = None) -> Iterator[Finding]:
    """Only what the settings ask for; a screen that is not there is no trouble of a PC without a courier's program."""
    asked = patient.settings.courier_desk if patient.settings else ()
    if not asked:
        yield found("desktop.not_needed")
        return
    if not engine.installed():
        yield found("desktop.no_ocr")
    own = PyautoguiDriver()
    hands = driver or own
    ready = hands.ready()
    windows = hands.windows() if ready is Ready.YES else ()
    own.close()
    if ready is not Ready.YES:
        yield found(_MISSING[ready])
        return
    for desk in asked:
        named = Named(desk.title, desk.process)
        stands = any(named.fits(one) and plain(one.title) == plain(desk.title) for one in windows)
        told = {"title": desk.title, "process": desk.process}
        yield found("desktop.ok" if stands else "desktop.no_window", **told)
