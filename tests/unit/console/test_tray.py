"""The tray's icon: what it shows and what a press does, without any desktop; the library is a made-up one."""

from __future__ import annotations

import logging
import sys
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from types import ModuleType
from typing import Any

import pytest

from bot.catalogue import Catalogue, Language
from bot.console.icon import Icon, NoTray, drawn
from bot.console.tray import LONGEST_TITLE, face_of
from bot.ports.tray import Face, MenuLine, Press, Tone
from tests.unit.console.fakes import FakeOffice


@dataclass
class Quiet(FakeOffice):
    """Breakers closed, nobody needed."""

    def shops(self) -> Any:
        return tuple(shop.model_copy(update={"breaker": ""}) for shop in super().shops())


@pytest.mark.parametrize("language", list(Language))
def test_every_line_of_the_menu_has_its_words(language: Language) -> None:
    office, say = FakeOffice(named="Shop"), Catalogue(language)
    running = face_of(office, say)
    office.acts.append(("stop",))
    stopped = face_of(office, say)
    for face in (running, stopped):
        assert all(line.text and "[" not in line.text and "{" not in line.text for line in face.lines)
        assert face.lines[0] == MenuLine(text=say.text_of("tray.console"), press=Press.CONSOLE)
        assert [line.text for line in face.lines if "Shop" in line.text], "posture of each shop"
    assert running.lines[-1] == MenuLine(text=say.text_of("tray.stop"), press=Press.STOP)
    assert stopped.lines[-1] == MenuLine(text=say.text_of("tray.resume"), press=Press.RESUME)


def test_the_gravest_thing_gives_the_icon_its_tone() -> None:
    say = Catalogue("en")
    needed = Quiet()
    assert face_of(needed, say).tone is Tone.NEEDED
    assert face_of(FakeOffice(left_s=None), say).tone is Tone.BREAKER
    assert face_of(Quiet(left_s=None), say).tone is Tone.ACTING
    assert face_of(Quiet(serves=False), say).tone is Tone.ACTING, "without a service nobody is waited for"
    needed.acts.append(("stop",))
    assert face_of(needed, say).tone is Tone.STOPPED


def test_a_long_home_and_a_hostile_name_do_not_break_the_menu() -> None:
    face = face_of(Quiet(named="\u202egpj.exe", home="/srv/" + "x" * 300), Catalogue("en"))
    assert len(face.title) <= LONGEST_TITLE
    assert not any("\u202e" in line.text for line in face.lines)


@pytest.mark.parametrize("tone", list(Tone))
def test_each_tone_is_drawn(tone: Tone) -> None:
    assert drawn(tone).getbbox() is not None


@dataclass
class MadeUp:
    """Plays pystray."""

    runs: threading.Event = field(default_factory=threading.Event)
    stopped: bool = False
    icon: object = None
    title: str = ""

    def module(self) -> ModuleType:
        made = ModuleType("pystray")
        vars(made).update(
            Menu=lambda items: items, MenuItem=lambda text, action, **told: (text, action, told), Icon=self
        )
        return made

    def __call__(self, name: str, icon: object, title: str, menu: Callable[[], Iterator[Any]]) -> MadeUp:
        self.icon, self.title, self.menu = icon, title, menu
        return self

    def run(self) -> None:
        self.runs.set()

    def update_menu(self) -> None:
        self.items = list(self.menu())

    def stop(self) -> None:
        self.stopped = True
        raise RuntimeError("the desktop is gone already")


def test_a_press_reaches_whoever_opened_the_icon(monkeypatch: pytest.MonkeyPatch) -> None:
    made, pressed = MadeUp(), []
    monkeypatch.setitem(sys.modules, "pystray", made.module())
    icon = Icon(pressed.append)
    assert made.runs.wait(5)
    before = made.icon
    icon.show(
        Face(tone=Tone.STOPPED, title="t", lines=(MenuLine(text="go", press=Press.RESUME), MenuLine(text="told")))
    )
    (go, press, on), (_, read, off) = made.items
    press()
    read()
    assert (go, pressed, on["enabled"], off["enabled"]) == ("go", [Press.RESUME], True, False)
    assert (made.title, made.icon is before) == ("t", False)
    icon.close()
    assert made.stopped


@dataclass
class Talkative(MadeUp):
    """As on an X11 screen without a tray: its library says so where the program's one JSON object goes, and in its log."""

    def __call__(self, name: str, icon: object, title: str, menu: Callable[[], Iterator[Any]]) -> MadeUp:
        print("warning, no xauthority details available")
        return super().__call__(name, icon, title, menu)

    def run(self) -> None:
        logging.getLogger("pystray._base").error("Failed to dock icon")
        super().run()


def test_a_screen_without_a_tray_is_passed_over_in_silence(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], caplog: pytest.LogCaptureFixture
) -> None:
    made = Talkative()
    monkeypatch.setitem(sys.modules, "pystray", made.module())
    Icon(lambda _: None)
    assert made.runs.wait(5)
    assert (capsys.readouterr().out, caplog.records) == ("", [])


def test_a_desktop_without_a_tray_is_told_in_its_own_words(monkeypatch: pytest.MonkeyPatch) -> None:
    broken = ModuleType("pystray")
    monkeypatch.setitem(sys.modules, "pystray", broken)
    with pytest.raises(NoTray, match="Menu"):
        Icon(lambda _: None)
