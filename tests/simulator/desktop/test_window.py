"""Claims about the window itself, on a virtual screen of its own: what is pressed, typed, copied, scaled and held back."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from simulator.desktop.state import View
from simulator.desktop.traps import Traps
from tests.simulator.desktop.stage import NearDoor, Sitting
from tests.simulator.skins.visitor import client_of

tk = pytest.importorskip("tkinter", reason="tkinter is missing: apt-get install python3-tk", exc_type=ImportError)
LOOKS = 2_000
"""How often a test looks before it gives up: 20 s and more."""


class Seat:
    """Somebody before the real window, over a world without a server."""

    def __init__(self, display: str, scale: float = 1.0, at: tuple[int, int] = (60, 40)) -> None:
        from simulator.desktop.window import Window  # noqa: PLC0415 - only where tkinter is

        self.sitting = Sitting(signed_in=False)
        self.root = tk.Tk(screenName=display)
        door = NearDoor(client_of(self.sitting.simulator.courier))
        self.window = Window(self.root, door, Traps({}), scale, at)
        self.root.update()

    def close(self) -> None:
        for waiting in self.root.tk.splitlist(self.root.tk.call("after", "info")):
            self.root.after_cancel(waiting)
        self.root.destroy()

    def until(self, done: Callable[[], Any]) -> Any:
        for _ in range(LOOKS):
            self.root.update()
            if result := done():
                return result
            self.root.after(10)
        return pytest.fail("it never came")

    def widgets(self, kind: str, top: Any = None) -> list[Any]:
        """Everything of a class that can be seen, in the order in which it was made."""
        found, left = [], [top or self.root]
        while left:
            one = left.pop(0)
            left += one.winfo_children()
            if one.winfo_class() == kind and one.winfo_viewable():
                found.append(one)
        return found

    def texts(self) -> list[str]:
        return [str(one.cget("text")) for one in self.widgets("Label")]

    def press(self, words: str) -> None:
        (button,) = [one for one in self.widgets("TButton") if one.cget("text") == words]
        button.invoke()

    def sees(self, words: str) -> None:
        self.until(lambda: words in self.texts())

    def enter(self) -> None:
        account, password = self.widgets("TEntry")
        account.insert(0, self.sitting.account.name)
        password.insert(0, self.sitting.account.password)
        assert password.cget("show") == "●"
        self.press("登录")
        self.sees(f"已登录：{self.sitting.account.name}")

    def to_the_dialog(self, number: str) -> Any:
        (field,) = self.widgets("TEntry")
        field.delete(0, "end")
        field.insert(0, number)
        self.press("查询")
        self.sees(f"运单号：{number}")
        self.press("拦截快递")
        self.sees("拦截原因")
        self.press("查询费用")
        self.until(lambda: any(text.startswith("拦截费用：¥") for text in self.texts()))
        self.press("提交拦截")
        return self.until(self.dialog)

    def dialog(self) -> Any:
        held = self.root.tk.splitlist(self.root.tk.call("grab", "current"))
        return self.root.nametowidget(str(held[0])) if held else None


@pytest.fixture
def seat(display: str) -> Iterator[Seat]:
    one = Seat(display)
    yield one
    one.close()


def test_a_parcel_is_intercepted_by_pressing_and_enter_means_no(seat: Seat) -> None:
    number = seat.sitting.number()
    seat.enter()
    dialog = seat.to_the_dialog(number)
    assert dialog.title() == "拦截确认"
    assert any(number in text for text in (str(one.cget("text")) for one in seat.widgets("Label", dialog)))
    for key in ("<Return>", "<Escape>"):
        dialog.event_generate(key)
        seat.until(lambda: not seat.dialog())
        assert seat.sitting.intercepted() == []
        seat.press("提交拦截")
        dialog = seat.until(seat.dialog)
    seat.press("是")
    seat.sees(f"已提交拦截申请：{number}")
    assert seat.sitting.intercepted() == [number]
    seat.press("拦截管理")
    (table,) = seat.until(lambda: seat.widgets("Treeview"))
    seat.until(lambda: any(table.set(row, "0") == number for row in table.get_children()))
    table.selection_set([row for row in table.get_children() if table.set(row, "0") == number])
    seat.press("复制运单号")
    assert seat.root.clipboard_get() == number


def test_a_field_is_copied_after_shift_home_and_pasting_replaces_what_is_selected(seat: Seat) -> None:
    seat.enter()
    (field,) = seat.widgets("TEntry")
    field.insert(0, "YT123")
    field.focus_force()
    seat.root.update()
    field.event_generate("<End>")
    field.event_generate("<Shift-Home>")
    field.event_generate("<Control-c>")
    assert seat.root.clipboard_get() == "YT123"
    seat.root.clipboard_clear()
    seat.root.clipboard_append("中文7")
    field.event_generate("<Control-v>")
    seat.root.update()
    assert field.get() == "中文7"


def test_the_newest_window_holds_the_input_and_hands_it_back(seat: Seat) -> None:
    seat.enter()
    dialog, closed = seat.to_the_dialog(seat.sitting.number()), []
    seat.window.news("通知", lambda: closed.append(1))
    seat.until(lambda: seat.dialog() not in {None, dialog})
    seat.press("关闭")
    assert closed == [1]
    assert seat.until(seat.dialog) is dialog
    seat.window.close_popups()
    seat.root.update()
    assert (seat.dialog(), seat.sitting.intercepted()) == (None, [])


def test_a_scale_is_real_in_geometry_and_fonts_and_the_place_is_kept(display: str) -> None:
    sizes = []
    for scale in (1.0, 1.5):
        seat = Seat(display, scale, at=(70, 30))
        label = next(one for one in seat.widgets("Label") if one.cget("text") == "账号")
        sizes.append((seat.root.winfo_width(), seat.root.winfo_height(), label.winfo_reqwidth()))
        assert (seat.root.winfo_x(), seat.root.winfo_y()) == (70, 30)
        seat.close()
    (width, height, word), large = sizes
    assert (width, height) == (900, 640)
    assert large[:2] == (1350, 960)
    assert 1.35 < large[2] / word < 1.65


def test_the_window_stays_on_the_screen_wherever_it_is_moved(seat: Seat) -> None:
    for step in ((-5_000, -5_000), (5_000, 5_000)):
        seat.window.move(*step)
        seat.root.update()
        assert 0 <= seat.root.winfo_x() <= seat.root.winfo_screenwidth() - seat.root.winfo_width()
        assert 0 <= seat.root.winfo_y() <= seat.root.winfo_screenheight() - seat.root.winfo_height()
    seat.window.resize(0.88)
    seat.until(lambda: seat.root.winfo_width() == 792)


def test_a_trap_ends_at_the_sign_in_with_an_empty_password(seat: Seat) -> None:
    seat.enter()
    seat.window.client._leave(problem="登录已失效，请重新登录")
    seat.sees("登录已失效，请重新登录")
    assert seat.widgets("TEntry")[1].get() == ""
    assert seat.window.client.shown.view is View.SIGN_IN


def test_the_program_says_its_title_and_process_once_its_window_stands(display: str) -> None:
    env = {**os.environ, "DISPLAY": display}
    command = [sys.executable, "-m", "simulator.desktop", "--url", "http://127.0.0.1:9", "--traps", "0.2"]
    with subprocess.Popen(command, env=env, stdout=subprocess.PIPE, encoding="utf-8") as process:
        told = json.loads(process.stdout.readline())
        process.terminate()
    assert told == {"title": "天行快递 · 网点客户端", "pid": process.pid}
