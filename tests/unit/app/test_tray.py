"""The icon beside a service: presses are the office's acts, the face follows, and no desktop is no trouble."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from bot.app import tray as tray_module
from bot.app.office import HomeOffice, open_office
from bot.app.tray import SOMEBODY, Presses, in_tray
from bot.config import load_home
from bot.console import Served, Sessions
from bot.domain.decision import Reason
from bot.ports.tray import Face, Press, Tone
from tests.unit.config.homes import spoil, trial_home

URL = "http://127.0.0.1:1/"


@pytest.fixture
def office(tmp_path: Path) -> Iterator[HomeOffice]:
    with open_office(load_home(trial_home(tmp_path / "home"), with_logins=False)) as made:
        yield made


def served() -> Served:
    return Served(URL, "", Sessions(lambda: 0.0, dict, "once", "operator"))


@dataclass
class FakeTray:
    """`bot.ports.tray.Tray` for eyes that are not there."""

    pressed: Callable[[Press], None]
    faces: list[Face] = field(default_factory=list)
    news: asyncio.Event = field(default_factory=asyncio.Event)
    closed: bool = False

    def show(self, face: Face) -> None:
        self.faces.append(face)
        self.news.set()

    def close(self) -> None:
        self.closed = True


async def test_a_stop_at_the_icon_is_written_down_and_shows_in_it(
    office: HomeOffice, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tray_module, "EVERY_S", 0.01)
    made: list[FakeTray] = []
    async with in_tray(office, served(), lambda _: None, lambda pressed: made.append(FakeTray(pressed)) or made[0]):
        (tray,) = made
        for press, tone in ((Press.STOP, Tone.STOPPED), (Press.RESUME, Tone.LOOKING)):
            await asyncio.to_thread(tray.pressed, press)
            async with asyncio.timeout(10):
                while not tray.faces or (tray.faces[-1].tone is Tone.STOPPED) is not (tone is Tone.STOPPED):
                    tray.news.clear()
                    await tray.news.wait()
            assert office.stopped() is (tone is Tone.STOPPED)
    assert tray.closed
    assert [(one.facts["did"], one.by) for one in office.doings(5)] == [
        ("resumed", SOMEBODY.name), ("stopped", SOMEBODY.name),
    ]  # fmt: skip


def test_the_console_opens_with_a_way_in_that_is_good_once(office: HomeOffice) -> None:
    opened: list[str] = []
    for at in (served(), None):
        Presses(office, at, opened.append)(Press.CONSOLE)
    assert len(opened) == 1
    assert opened[0].startswith(f"{URL}enter#")


def test_where_people_are_named_going_on_is_asked_of_one_of_them(tmp_path: Path) -> None:
    root = trial_home(tmp_path / "home")
    spoil(root / "refundpilot.toml", "[browser]", '[[console.person]]\nname = "Li"\nrole = "approver"\n\n[browser]')
    opened: list[str] = []
    with open_office(load_home(root, with_logins=False)) as office:
        presses = Presses(office, served(), opened.append)
        for press in (Press.STOP, Press.RESUME, Press.CONSOLE):
            presses(press)
        assert office.stopped()
    assert opened == [f"{URL}resume", URL]


@pytest.mark.parametrize("asked", [True, False])
@pytest.mark.parametrize("why", ["no_display", "not_installed", "refused"])
async def test_no_desktop_is_no_trouble_and_said_once_to_whoever_asked_for_the_icon(
    office: HomeOffice, monkeypatch: pytest.MonkeyPatch, why: str, *, asked: bool
) -> None:
    monkeypatch.setattr(tray_module, "cannot", lambda _: why)
    notes: list[Reason] = []
    async with in_tray(office, None, notes.append, asked=asked):
        assert [one.code for one in notes] == [f"tray.{why}"][:asked]
