"""The courier's client played on a screen in memory, with the courier's own log behind it; each kind of trouble is a switch."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from bot.desktop.desktop import Desktop, Manners
from bot.desktop.fake import FakeDriver, FakeReader, FakeWindow, TextBox
from bot.desktop.lock import ScreenLock
from bot.domain.lines import Box
from bot.ports.clock import Clock
from bot.ports.desks import InterceptDesk
from flows.registry import Counter, Login, Screen, courier_desk

TITLE = "天行快递 · 网点客户端"
ACCOUNT, PASSWORD = "wl1", "s3cret"
MAIN = Box(10, 10, 490, 330)


@dataclass
class Courier:
    """The courier's truth: fees in fen by waybill, states in its words, and what was ordered by whom."""

    fees: dict[str, int]
    states: dict[str, str] = field(default_factory=dict)
    orders: list[tuple[str, int]] = field(default_factory=list)
    applies: bool = True
    answers: bool = True

    def order(self, waybill: str, fee: int) -> None:
        if self.applies:
            self.orders.append((waybill, fee))
            self.states[waybill] = "已登记"


class PlayedClient:
    """Views as the real client's, one text a place; `dialog_says` is what the last question is made to say."""

    def __init__(self, driver: FakeDriver, courier: Courier) -> None:
        self.driver = driver
        self.courier = courier
        self.twin = ""
        self.dialog_says: Callable[[str, int], tuple[str, int]] = lambda waybill, fee: (waybill, fee)
        self.on_dialog: Callable[[], None] = lambda: None
        self.presses: list[str] = []
        self.window = driver.open(FakeWindow(TITLE, MAIN))
        self.dialog: FakeWindow | None = None
        self._entry = TextBox("", 10, 3, entry=True, columns=30)
        self.sign_in()

    # ---- views ----

    def sign_in(self, problem: str = "") -> None:
        account = TextBox("", 25, 6, entry=True, columns=20)
        password = TextBox("", 25, 8, entry=True, columns=20)

        def enter() -> None:
            if (account.text, password.text) == (ACCOUNT, PASSWORD):
                self.search()
            else:
                self.sign_in("账号或密码错误")

        self.window.texts = [
            TextBox("账号", 20, 6),
            account,
            TextBox("密码", 20, 8),
            password,
            TextBox("登录", 24, 12, press=enter),
            TextBox(problem, 20, 10),
        ]

    def search(self, found: str = "", note: str = "") -> None:
        self._entry = TextBox(self._entry.text, 10, 3, entry=True, columns=30)
        self.window.texts = [
            TextBox("运单查询", 2, 1, press=self.search),
            TextBox("运单号", 4, 3),
            self._entry,
            TextBox("查询", 50, 3, press=lambda: self.search(self._entry.text)),
            TextBox(note, 4, 5),
        ]
        if found and found not in self.courier.fees:
            self.window.texts.append(TextBox("查无此单", 4, 6))
        elif found:
            state = self.courier.states.get(found, "无")
            self.window.texts += [
                TextBox(f"运单号：{found}", 4, 7),
                TextBox(f"拦截状态：{state}", 4, 8),
                TextBox("拦截快递", 4, 10, press=(lambda: self.form(found)) if state == "无" else None),
            ]
            if state != "无":
                self.window.texts.append(TextBox("不可拦截：已拦截", 20, 10))
            if self.twin:
                self.window.texts += [TextBox(f"运单号：{self.twin}", 40, 7), TextBox("查询", 40, 9)]

    def form(self, waybill: str, *, priced: bool = False, note: str = "") -> None:
        self.window.texts = [
            TextBox("运单查询", 2, 1, press=self.search),
            TextBox(f"运单号：{waybill}", 4, 4),
            TextBox("退款拦截", 20, 6),
            TextBox("查询费用", 40, 6, press=lambda: self.form(waybill, priced=True)),
            TextBox("提交拦截", 4, 10, press=(lambda: self.ask(waybill)) if priced else None),
            TextBox(note, 4, 11),
        ]
        if priced:
            self.window.texts.append(TextBox(f"拦截费用：{yuan(self.courier.fees[waybill])}", 4, 8))

    def ask(self, waybill: str) -> None:
        fee = self.courier.fees[waybill]
        shown, at = self.dialog_says(waybill, fee)
        self.dialog = FakeWindow("拦截确认", Box(100, 100, 400, 180), holds_keys=True)
        self.dialog.texts = [
            TextBox(f"确认拦截运单{shown}，费用{yuan(at)}？", 2, 1),
            TextBox("是", 8, 3, press=lambda: self._answer(waybill, fee, yes=True)),
            TextBox("否", 24, 3, press=lambda: self._answer(waybill, fee, yes=False)),
        ]
        self.driver.open(self.dialog)
        self.on_dialog()

    def _answer(self, waybill: str, fee: int, *, yes: bool) -> None:
        self.presses.append("是" if yes else "否")
        if self.dialog is not None:
            self.driver.close(self.dialog)
            self.dialog = None
        if not yes:
            return
        self.courier.order(waybill, fee)
        if self.courier.answers:
            self.search(note=f"已提交拦截申请：{waybill}")
        else:
            self.form(waybill, priced=True, note="网络异常")

    def news(self) -> FakeWindow:
        """A window that nobody asked for, on top, with the keys."""
        window = FakeWindow("快递资讯", Box(120, 60, 420, 140))
        window.texts = [TextBox("关闭", 5, 2, press=lambda: self.driver.close(window))]
        return self.driver.open(window)


def yuan(fen: int) -> str:
    return f"¥{fen // 100}.{fen % 100:02d}"


@dataclass
class Place:
    """A PC in memory: screen, client, and the desk over them."""

    driver: FakeDriver
    reader: FakeReader
    client: PlayedClient
    courier: Courier
    desktop: Desktop
    desk: InterceptDesk
    corners: list[str]


def place(clock: Clock, lock: ScreenLock, fees: dict[str, int], couriers: tuple[str, ...] = ("顺达",)) -> Place:
    """`corners` grows when a pointer in the corner is told to the brakes."""
    driver, reader, courier, corners = FakeDriver(clock), FakeReader(), Courier(fees), list[str]()
    desktop = Desktop(
        driver, lambda: reader, clock, lock, on_corner=lambda: corners.append("corner"), manners=Manners(5.0, 60.0)
    )
    client = PlayedClient(driver, courier)
    counter = Counter("played", couriers, TITLE, "client.exe")
    desk = courier_desk().open_desk(Screen(desktop), counter, Login(ACCOUNT, PASSWORD))
    return Place(driver, reader, client, courier, desktop, desk, corners)
