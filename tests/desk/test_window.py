"""The protocol at a window, on a screen in memory: what stands there is what was decided, or nothing is pressed."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from bot.desktop.fake import FakeWindow
from bot.desktop.lock import ScreenLock
from bot.domain.action import Intercept, Verb
from bot.domain.case import InterceptState
from bot.domain.facts import Known, Unknown
from bot.domain.ids import CaseKey, IntentId
from bot.domain.lines import Box
from bot.domain.money import Money
from bot.errors import NotAvailable, NotSent, OutcomeUnknown, PageError, RefundPilotError, Stopped, TooLate
from bot.ports.desks import Permit
from bot.ports.desktop import Point, Ready
from tests.desk.courier import MAIN, PASSWORD, TITLE, Place, place
from tests.simulation.model_world import VirtualClock

CASE = CaseKey(platform="model", shop_id="s1", aftersale_id="1")
WAYBILL, TWIN = "W100203", "W100283"
ACTION = Intercept(waybill=WAYBILL, fee=Money(800), desk="played")


@pytest.fixture
def clock() -> VirtualClock:
    return VirtualClock()


@pytest.fixture
def here(clock: VirtualClock, tmp_path: Path) -> Place:
    return place(clock, ScreenLock(tmp_path / "screen.lock"), {WAYBILL: 800, TWIN: 800})


def permit(
    clock: VirtualClock, sent: list[str], life_s: float = 60, on_send: Callable[[], None] | None = None
) -> Permit:
    return Permit(
        intent=IntentId("in-1"),
        verb=Verb.INTERCEPT,
        case=CASE,
        amount=ACTION.fee,
        expires_at=clock.monotonic() + life_s,
        on_send=on_send or (lambda: sent.append("sent")),
    )


async def refused(here: Place, clock: VirtualClock, kind: type[RefundPilotError]) -> RefundPilotError:
    """Nothing was ordered and nothing let go; the question, if it came, was answered by no."""
    sent: list[str] = []
    with pytest.raises(kind) as caught:
        await here.desk.perform(ACTION, permit(clock, sent))
    assert (sent, here.courier.orders) == ([], [])
    assert set(here.client.presses) <= {"否"}
    assert here.client.dialog is None
    return caught.value


async def test_a_twin_in_the_last_question_is_answered_by_no(here: Place, clock: VirtualClock) -> None:
    here.client.dialog_says = lambda _, fee: (TWIN, fee)
    error = await refused(here, clock, NotSent)
    assert error.reason_code == "intercept.other_question"
    assert here.client.presses == ["否"]


async def test_another_fee_in_the_last_question_is_answered_by_no(here: Place, clock: VirtualClock) -> None:
    here.client.dialog_says = lambda waybill, fee: (waybill, fee + 100)
    assert (await refused(here, clock, NotSent)).reason_code == "intercept.other_question"


async def test_a_question_that_no_two_readings_agree_on_is_answered_by_no(here: Place, clock: VirtualClock) -> None:
    reads = iter(range(10_000))
    here.reader.garble = lambda text: f"{text}{next(reads)}" if text.startswith("确认") else text
    await refused(here, clock, NotSent)


async def test_a_number_that_is_misread_once_is_not_believed(here: Place, clock: VirtualClock) -> None:
    """One reading turns the twin into the number that was asked for; the others do not."""
    here.client.dialog_says = lambda _, fee: (TWIN, fee)
    first = iter([True])
    here.reader.garble = lambda text: text.replace(TWIN, WAYBILL) if "确认" in text and next(first, False) else text
    assert (await refused(here, clock, NotSent)).reason_code == "intercept.other_question"


async def test_a_twin_beside_the_result_is_never_taken_for_it(here: Place) -> None:
    here.client.twin = TWIN
    here.courier.states[TWIN] = "拦截中"
    quote = await here.desk.quote(CASE, WAYBILL)
    assert (quote.waybill, quote.feasible, quote.fee) == (WAYBILL, True, Money(800))
    told = await here.desk.follow(WAYBILL)
    assert isinstance(told, Known)
    assert told.value is InterceptState.NONE


async def test_a_permit_that_ran_out_is_answered_by_no(here: Place, clock: VirtualClock) -> None:
    sent: list[str] = []
    with pytest.raises(TooLate):
        await here.desk.perform(ACTION, permit(clock, sent, life_s=0))
    assert (sent, here.courier.orders, here.client.presses) == ([], [], ["否"])


async def test_brakes_that_refuse_at_the_last_moment_are_answered_by_no(here: Place, clock: VirtualClock) -> None:
    def braked() -> None:
        raise Stopped("the kill switch is engaged", code="brake.kill")

    with pytest.raises(Stopped):
        await here.desk.perform(ACTION, permit(clock, [], on_send=braked))
    assert (here.courier.orders, here.client.presses) == ([], ["否"])


async def test_yes_is_pressed_once_even_where_the_answer_is_lost(here: Place, clock: VirtualClock) -> None:
    here.courier.answers = False
    sent: list[str] = []
    with pytest.raises(OutcomeUnknown):
        await here.desk.perform(ACTION, permit(clock, sent))
    assert (sent, here.client.presses, here.courier.orders) == (["sent"], ["是"], [(WAYBILL, 800)])
    told = await here.desk.follow(WAYBILL)
    assert isinstance(told, Known)
    assert told.value is InterceptState.ACCEPTED


@pytest.mark.parametrize("act", range(0, 24, 3))
async def test_a_window_that_steals_the_focus_gets_no_key_and_no_click_of_ours(
    here: Place, clock: VirtualClock, act: int
) -> None:
    acts = iter(range(1_000))
    stolen: list[FakeWindow] = []

    def steal(_: str) -> None:
        if next(acts) == act:
            stolen.append(here.client.news())

    here.driver.before_act = steal
    await here.desk.perform(ACTION, permit(clock, []))
    assert here.courier.orders == [(WAYBILL, 800)]
    strange = [line for line in here.driver.log if line.endswith("快递资讯") and not line.startswith("click 关闭")]
    # the one act that was under way when it opened had passed its check: a click may land on it, and does nothing there
    assert len(strange) <= 1
    assert here.client.presses == ["是"]


async def test_a_window_that_has_the_keys_and_lies_under_another_is_raised_and_sent_away(here: Place) -> None:
    """It was neither seen nor ever raised: every case after it was held."""
    news = here.client.news()
    here.driver.stack.reverse()
    here.driver.keys = news
    assert (await here.desk.quote(CASE, WAYBILL)).feasible
    assert news not in here.driver.stack


async def test_nothing_is_clicked_where_a_window_of_the_program_lies_over_the_place(
    here: Place, clock: VirtualClock
) -> None:
    """The keys are where they should be, and the click would go elsewhere; here the question lets nobody raise what lies over it."""

    def cover() -> None:
        question = here.driver.stack[-1]
        here.client.news().box = question.box
        here.driver.keys = question

    here.client.on_dialog = cover
    await refused_without_window(here, clock)
    assert not [line for line in here.driver.log if line.endswith("in 快递资讯")]


async def test_a_window_of_another_program_is_never_touched(here: Place, clock: VirtualClock) -> None:
    here.client.window.process = "notepad.exe"
    error = await refused(here, clock, NotAvailable)
    assert error.reason_code == "desktop.no_window"
    assert here.driver.log == []


async def test_a_program_that_stands_there_twice_is_left_alone(here: Place, clock: VirtualClock) -> None:
    here.driver.open(FakeWindow(TITLE, MAIN, pid=8))
    assert (await refused(here, clock, NotAvailable)).reason_code == "desktop.two_windows"


async def test_a_window_that_nobody_knows_holds_the_case(here: Place, clock: VirtualClock) -> None:
    here.driver.open(FakeWindow("对账提醒", Box(120, 60, 420, 140)))
    assert (await refused(here, clock, NotAvailable)).reason_code == "desktop.popup"


async def test_a_window_that_goes_away_in_the_middle_holds_the_case(here: Place, clock: VirtualClock) -> None:
    here.client.on_dialog = lambda: setattr(here.driver, "stack", [])
    await refused_without_window(here, clock)


async def refused_without_window(here: Place, clock: VirtualClock) -> None:
    sent: list[str] = []
    with pytest.raises(RefundPilotError):
        await here.desk.perform(ACTION, permit(clock, sent))
    assert (sent, here.courier.orders) == ([], [])


async def test_a_question_left_open_by_a_crash_is_answered_by_no_before_anything_else(here: Place) -> None:
    await here.desk.quote(CASE, WAYBILL)
    here.client.ask(WAYBILL)
    told = await here.desk.follow(WAYBILL)
    assert isinstance(told, Known)
    assert told.value is InterceptState.NONE
    assert (here.client.presses, here.courier.orders) == (["否"], [])


@pytest.mark.parametrize(
    ("state", "code"),
    [
        (Ready.LOCKED, "desktop.locked"),
        (Ready.NO_SCREEN, "desktop.no_screen"),
        (Ready.NO_EXTRA, "desktop.no_extra"),
        (Ready.NO_CLIPBOARD, "desktop.no_clipboard"),
    ],
)
async def test_without_a_desktop_nothing_is_guessed(here: Place, clock: VirtualClock, state: Ready, code: str) -> None:
    here.driver.state = state
    assert (await refused(here, clock, NotAvailable)).reason_code == code
    assert isinstance(await here.desk.follow(WAYBILL), Unknown)
    assert here.driver.log == []


async def test_a_persons_hand_is_waited_for_until_the_desk_is_quiet(here: Place, clock: VirtualClock) -> None:
    acts = iter(range(1_000))

    def nudge(_: str) -> None:
        if next(acts) == 6:
            here.driver.person_moves(Point(200, 200))

    here.driver.before_act = nudge
    here.driver.person_moves(Point(300, 200))
    await here.desk.perform(ACTION, permit(clock, []))
    assert here.courier.orders == [(WAYBILL, 800)]
    assert clock.monotonic() >= 5, "the quiet time was kept before the first act"


async def test_a_person_who_goes_on_working_keeps_the_desk(
    here: Place, clock: VirtualClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    sleep = clock.sleep

    async def work_on(seconds: float) -> None:
        await sleep(seconds)
        here.driver.person_moves(Point(100 + round(clock.monotonic() * 4) % 300, 200))

    monkeypatch.setattr(clock, "sleep", work_on)
    here.driver.person_moves(Point(300, 200))
    assert (await refused(here, clock, NotAvailable)).reason_code == "desktop.hand"
    assert here.driver.log == []


async def test_a_pointer_in_the_corner_pulls_the_kill_switch(here: Place, clock: VirtualClock) -> None:
    here.client.on_dialog = lambda: here.driver.person_moves(Point(0, 0))

    def in_corner(_: str) -> None:
        if here.client.dialog is not None:
            here.driver.at = Point(0, 0)

    here.driver.before_act = in_corner
    sent: list[str] = []
    with pytest.raises(RefundPilotError) as caught:
        await here.desk.perform(ACTION, permit(clock, sent))
    assert isinstance(caught.value, Stopped)
    assert caught.value.reason_code == "brake.corner"
    assert here.corners
    assert here.courier.orders == []


async def test_another_robot_at_this_screen_is_waited_for_and_then_named(
    here: Place, clock: VirtualClock, tmp_path: Path
) -> None:
    other = ScreenLock(tmp_path / "screen.lock")
    assert other.take()
    try:
        error = await refused(here, clock, NotAvailable)
        assert error.reason_code == "desktop.busy"
        assert error.raw
    finally:
        other.give()


@pytest.mark.parametrize("words", ["账号或密码错误", "请联系网点"])
async def test_a_sign_in_that_does_not_come_through_is_tried_twice_and_never_again(here: Place, words: str) -> None:
    """In words that nobody knows it may have been a refusal as well."""
    signed: list[str] = []
    sign_in = here.client.sign_in
    here.client.search = lambda *_args, **_more: sign_in(words)  # type: ignore[method-assign] # a door that lets nobody in

    def count(_: str) -> None:
        signed.append(here.driver.text)

    here.driver.before_act = count
    for _ in range(4):
        with pytest.raises((NotAvailable, PageError)):
            await here.desk.quote(CASE, WAYBILL)
    assert sum(line.startswith("click 登录") for line in here.driver.log) == 2
    assert PASSWORD not in signed, "the password was on the clipboard"
