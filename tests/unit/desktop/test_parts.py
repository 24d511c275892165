"""The parts that a window is driven with: targets, pictures of buttons, the eye for lines, the lock, what the doctor says."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
from PIL import Image, ImageDraw, ImageFont

from bot.clock import SystemClock
from bot.config import HomeFiles, Settings
from bot.desktop import anchors, segment, vision
from bot.desktop.album import KEPT, Album
from bot.desktop.fake import FakeDriver, FakeReader, FakeWindow, TextBox
from bot.desktop.lock import ScreenLock
from bot.desktop.reading import Reading
from bot.desktop.targets import ScreenTarget, load_screen_targets
from bot.doctor.desktop import desktop
from bot.doctor.patient import Patient
from bot.domain.lines import Box, Line
from bot.errors import ConfigError, TargetAmbiguous, TargetMissing
from bot.ports.desktop import Ready
from tests.simulation.model_world import VirtualClock

SEES = pytest.mark.skipif(not vision.installed(), reason="the extra `ocr` is not installed")
DESK = {"name": "d", "couriers": ["顺达"], "title": "客户端", "process": "client", "account": "a"}
WINDOWS = Path(__file__).with_name("windows")
"""The client's own windows, pictured at three scales while it was driven."""
SHOP = {"platform": "taobao", "shop_id": "s", "name": "n", "url": "https://x.example", "account": "a", "courier": ""}


@pytest.mark.parametrize(
    "body",
    [
        'use = "press"\ntext = "是"\nanchr = "x.png"',
        'use = "press"\ntext = "是"\nregion = [0.5, 0.0, 0.2, 1.0]',
        'use = "press"\ntext = "是"\nanchor = "none.png"',
        'use = "read"\ntext = "费用"\nanchor = "none.png"',
        'use = "press"\ntext = ""',
    ],
)
def test_a_target_that_cannot_be_meant_so_is_refused_with_its_key(tmp_path: Path, body: str) -> None:
    (tmp_path / "courier_desk").mkdir()
    (tmp_path / "courier_desk" / "client.toml").write_text(f"[confirm.yes]\n{body}\n", encoding="utf-8")
    with pytest.raises(ConfigError, match=r"confirm\.yes"):
        load_screen_targets("courier_desk", tmp_path)


def test_what_commits_is_never_found_by_a_picture() -> None:
    assert load_screen_targets("courier_desk")["confirm.yes"].anchor == ""


def striped(places: list[int]) -> Image.Image:
    picture = Image.new("RGB", (200, 60), "white")
    for left in places:
        draw = ImageDraw.Draw(picture)
        draw.rectangle((left, 20, left + 23, 39), fill="navy")
        draw.ellipse((left + 4, 23, left + 18, 36), fill="orange")
    return picture


@SEES
def test_an_anchor_is_matched_once_or_not_at_all(tmp_path: Path) -> None:
    striped([60]).crop((58, 18, 86, 42)).save(tmp_path / "button.png")
    target = ScreenTarget(key="a.b", use="press", text="?", anchor="button.png", folder=tmp_path)
    assert anchors.anchored(striped([100]), target) == Box(98, 18, 126, 42)
    with pytest.raises(TargetMissing):
        anchors.anchored(striped([]), target)
    with pytest.raises(TargetAmbiguous):
        anchors.anchored(striped([20, 120]), target)
    with pytest.raises(TargetMissing):
        anchors.anchored(striped([100]).crop((0, 0, 20, 20)), target)


@SEES
@pytest.mark.parametrize("scale", ["1.0", "1.25", "1.5"])
@pytest.mark.parametrize(("key", "other"), [("news.close", "update"), ("update.later", "news")])
def test_windows_that_bar_everything_are_sent_away_by_a_picture_at_every_scale_and_by_no_other_button(
    key: str, other: str, scale: str
) -> None:
    target = load_screen_targets("courier_desk")[key]
    with Image.open(WINDOWS / f"{key.partition('.')[0]}@{scale}.png") as window:
        found = anchors.anchored(window.convert("RGB"), target)
        assert found.bottom > window.height * 0.6
        assert (found.left > window.width * 0.5) == (key == "update.later"), "left of it stands what updates at once"
    with Image.open(WINDOWS / f"{other}@{scale}.png") as window, pytest.raises(TargetMissing):
        anchors.anchored(window.convert("RGB"), target)


@SEES
def test_a_row_of_zeros_is_no_border_and_a_frame_no_part_of_its_text() -> None:
    picture = Image.new("RGB", (400, 80), "white")
    draw = ImageDraw.Draw(picture)
    draw.text((20, 30), "434584409000000000008", fill="black", font=ImageFont.load_default(16))
    draw.rectangle((260, 20, 360, 60), outline="gray")
    draw.text((290, 30), "OK?", fill="black", font=ImageFont.load_default(16))
    found = segment.text_boxes(picture)
    assert len(found) == 2, found
    assert found[0].right - found[0].left > 150
    assert (found[1].left > 280, found[1].right < 340) == (True, True)


def test_only_two_readings_that_agree_are_believed() -> None:
    class Wavering:
        def __init__(self, *texts: str) -> None:
            self.texts = iter(texts)

        def lines(self, image: Image.Image) -> tuple[Line, ...]:
            return ()

        def line(self, image: Image.Image) -> Line:
            return Line(next(self.texts), Box(0, 0, *image.size), 1.0)

    picture, first = Image.new("RGB", (90, 30)), Line("单号：100203", Box(10, 10, 60, 20), 1.0)
    assert Reading(Wavering("单号: 100203"), None).certain(picture, first) == "单号:100203"
    assert (
        Reading(Wavering("单号：1002033", "单号：100283", "单号：100283"), None).certain(picture, first)
        == "单号:100283"
    )
    assert Reading(Wavering("a", "b", "c"), None).certain(picture, first) == ""


def test_the_screens_lock_names_its_owner_and_goes_with_its_process(tmp_path: Path) -> None:
    path = tmp_path / "screen.lock"
    code = f"from pathlib import Path; from bot.desktop.lock import ScreenLock; lock = ScreenLock(Path({str(path)!r})); assert lock.take(); print('taken', flush=True); input()"
    with subprocess.Popen([sys.executable, "-c", code], stdin=subprocess.PIPE, stdout=subprocess.PIPE) as other:
        assert other.stdout is not None
        assert other.stdout.readline().strip() == b"taken"
        mine = ScreenLock(path)
        assert not mine.take()
        assert mine.owner().startswith(f"{other.pid} ")
        other.kill()
        other.wait()
    assert mine.owner() == ""
    assert mine.take()
    assert mine.owner().startswith(f"{os.getpid()} ")
    mine.give()


def test_the_album_keeps_the_newest_and_never_raises(tmp_path: Path) -> None:
    clock = VirtualClock()
    album = Album(tmp_path / "desk", clock)
    for number in range(KEPT + 3):
        clock.pass_time(1)
        album.begin(f"quote ../{number}")
    album.keep("confirm.yes", "before", Image.new("RGB", (4, 4)))
    kept = sorted(tmp_path.joinpath("desk").iterdir())
    assert len(kept) == KEPT
    assert [one.name for one in kept[-1].iterdir()] == ["001-confirm.yes-before.jpg"]
    (tmp_path / "file").write_text("", encoding="utf-8")
    Album(tmp_path / "file" / "desk", clock).begin("nowhere")


@pytest.mark.parametrize(
    ("state", "title", "told"),
    [
        (Ready.YES, "客户端", "desktop.ok"),
        (Ready.YES, "别的", "desktop.no_window"),
        (Ready.LOCKED, "客户端", "desktop.locked"),
        (Ready.NO_EXTRA, "客户端", "desktop.no_extra"),
        (Ready.NO_SCREEN, "客户端", "desktop.no_screen"),
        (Ready.NO_CLIPBOARD, "客户端", "desktop.no_clipboard"),
    ],
)
def test_the_doctor_says_what_a_couriers_program_lacks(tmp_path: Path, state: Ready, title: str, told: str) -> None:
    driver = FakeDriver(VirtualClock())
    driver.state = state
    driver.open(FakeWindow(title, Box(0, 0, 10, 10)))
    settings = Settings.model_validate({"shop": [SHOP], "courier_desk": [DESK]})
    asked = Patient(SystemClock(), lambda _: {}, lambda _: None, HomeFiles(tmp_path), settings)
    found = [one for one in desktop(asked, driver) if one.what.code != "doctor.desktop.no_ocr"]
    assert [one.what.code for one in found] == [f"doctor.{told}"]
    assert (found[0].cure is None) == (told == "desktop.ok")


def test_the_doctor_asks_for_no_desktop_that_the_settings_do_not_need() -> None:
    bare = Patient(SystemClock(), lambda _: {}, lambda _: None)
    assert [one.what.code for one in desktop(bare)] == ["doctor.desktop.not_needed"]


def test_the_library_is_not_loaded_before_it_is_needed() -> None:
    code = (
        "import sys; import bot.app.sweeping, bot.doctor, flows.registry; "
        "print([one for one in ('pyautogui', 'pyperclip', 'Xlib', 'cv2', 'rapidocr') if one in sys.modules])"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, env={**os.environ, "DISPLAY": ""}
    )
    assert done.stdout.strip() == "[]"


def test_what_the_fake_paints_its_reader_reads() -> None:
    driver = FakeDriver(VirtualClock())
    window = driver.open(FakeWindow("w", Box(10, 10, 300, 100)))
    window.texts = [TextBox("运单号：W1", 2, 1)]
    assert [one.text for one in FakeReader().lines(driver.screenshot(window.box))] == ["运单号：W1"]
