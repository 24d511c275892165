"""Claims about the courier's desktop client without its window: what is shown, asked and applied, trap by trap."""

from __future__ import annotations

import pytest

from simulator.desktop.state import View
from simulator.desktop.traps import TRAPS
from tests.simulator.desktop.stage import Sitting


def test_a_wrong_password_is_said_in_red_and_a_right_one_opens_the_search() -> None:
    sitting = Sitting(signed_in=False)
    sitting.client.sign_in(sitting.account.name, "wrong")
    assert (sitting.seen.view, sitting.seen.problem) == (View.SIGN_IN, "账号或密码错误")
    sitting.sign_in()
    assert (sitting.seen.view, sitting.seen.account, sitting.seen.problem) == (View.SEARCH, sitting.account.name, "")


def test_tabs_lead_nowhere_before_signing_in() -> None:
    sitting = Sitting(signed_in=False)
    sitting.client.show(View.BOOK)
    assert sitting.seen.view is View.SIGN_IN


def test_a_result_is_told_line_by_line_with_its_trail_newest_first() -> None:
    sitting = Sitting()
    number = sitting.number()
    sitting.client.search(f" {number} ")
    found = sitting.seen.found
    assert found is not None
    assert found.lines[0] == f"运单号：{number}"
    assert [line.split("：")[0] for line in found.lines] == ["运单号", "状态", "揽收重量", "到站重量", "拦截状态"]
    assert found.lines[2].endswith("kg")
    times = [row[0] for row in found.trail]
    assert times == sorted(times, reverse=True)
    assert (found.obstacle, found.twin) == ("", None)


@pytest.mark.parametrize(("number", "words"), [("NOSUCH", "查无此单"), ("  ", "请输入运单号"), ("a/../b", "查无此单")])
def test_a_number_that_is_none_is_said_in_red(number: str, words: str) -> None:
    sitting = Sitting()
    sitting.client.search(sitting.number())
    sitting.client.search(number)
    assert sitting.seen.problem == words


def test_a_parcel_that_cannot_be_intercepted_says_why_and_opens_no_form() -> None:
    sitting = Sitting()
    number = next(
        n for n in map(sitting.number, range(9), 9 * ["transit_blocked"]) if sitting.world.counter.quote(n).reason
    )
    sitting.client.search(number)
    assert sitting.seen.found.obstacle == sitting.world.counter.quote(number).reason
    sitting.client.open_form()
    assert sitting.seen.view is View.SEARCH


def test_the_dialog_names_number_and_fee_and_no_applies_nothing() -> None:
    sitting = Sitting()
    number = sitting.number()
    sitting.to_the_dialog(number)
    fee = sitting.world.parcel(number).fee_fen
    assert [text for text, _ in sitting.stage.asked] == [f"确认拦截运单 {number}，费用 ¥{fee // 100}.{fee % 100:02d}？"]
    sitting.say(yes=False)
    assert (sitting.intercepted(), sitting.seen.view) == ([], View.FORM)


def test_yes_applies_it_once_and_says_so_for_two_seconds_only() -> None:
    sitting = Sitting()
    number = sitting.number()
    sitting.to_the_dialog(number)
    sitting.say(yes=True)
    assert sitting.intercepted() == [number]
    assert sitting.seen.note == f"已提交拦截申请：{number}"
    sitting.stage.passes(1_999)
    assert sitting.seen.note
    sitting.stage.passes(1)
    assert not sitting.seen.note


def test_submitting_needs_a_fee_and_opens_one_dialog_at_a_time() -> None:
    sitting = Sitting()
    sitting.to_the_form(sitting.number())
    sitting.client.submit("退款拦截")
    assert sitting.stage.asked == []
    sitting.client.ask_fee("退款拦截")
    sitting.client.submit("退款拦截")
    sitting.client.submit("退款拦截")
    assert len(sitting.stage.asked) == 1


def test_a_second_intercept_is_refused_in_words_and_wants_a_new_fee() -> None:
    sitting = Sitting()
    sitting.to_the_dialog(number := sitting.number())
    sitting.world.counter.order(
        sitting.world.sign_in(*_clerk(sitting)).actor, number, sitting.world.parcel(number).fee_fen
    )
    sitting.say(yes=True)
    assert sitting.seen.problem == "不可拦截：该运单已发起过拦截，不可重复拦截"
    assert sitting.seen.form.fee_fen is None
    assert sitting.intercepted() == [number]


def _clerk(sitting: Sitting) -> tuple[str, str]:
    account = sitting.world.accounts.all[0]
    return account.name, account.password


def test_the_book_turns_its_pages_and_follows_the_world() -> None:
    sitting = Sitting(cases=120)
    for place in range(12):
        sitting.to_the_dialog(sitting.number(place))
        sitting.say(yes=True)
        sitting.world.store.clock.advance(60)
    sitting.client.show(View.BOOK)
    book = sitting.seen.book
    assert (len(book.rows), book.page, book.rows[0].waybill) == (10, 1, sitting.number(11))
    assert (book.rows[0].state, book.in_sight, book.top) == ("已登记", 10, 0)
    sitting.client.next_page()
    assert sitting.seen.book.page == 2
    sitting.world.store.clock.advance(20 * 60)
    sitting.client.show(View.BOOK)
    sitting.client.refresh()
    assert {row.state for row in sitting.seen.book.rows} == {"拦截中"}


def test_copying_takes_the_selected_number_or_asks_for_one() -> None:
    sitting = Sitting()
    sitting.client.copy("")
    assert (sitting.stage.clipboard, sitting.seen.status) == ("", "请先选择一行")
    sitting.client.copy("YT1")
    assert sitting.stage.clipboard == "YT1"


def test_a_press_while_something_is_asked_is_lost() -> None:
    sitting = Sitting()
    sitting.stage.hold = True
    sitting.client.search(sitting.number(0))
    sitting.client.search(sitting.number(1))
    assert len(sitting.stage.held) == 1
    sitting.stage.answer()
    assert sitting.seen.found.waybill == sitting.number(0)


# ---- traps --------------------------------------------------------------------------------------------------------


def test_slow_repaint_leaves_the_old_result_for_half_a_second_to_two() -> None:
    sitting = Sitting(slow_repaint=1.0)
    sitting.client.search(sitting.number(0))
    sitting.stage.passes(2_000)
    sitting.client.search(sitting.number(1))
    sitting.stage.passes(499)
    assert sitting.seen.found.waybill == sitting.number(0)
    sitting.stage.passes(1_501)
    assert sitting.seen.found.waybill == sitting.number(1)


def test_what_is_painted_late_never_comes_over_what_is_newer() -> None:
    sitting = Sitting(slow_repaint=1.0)
    for place in range(3):
        sitting.client.search(sitting.number(place))
    sitting.stage.passes(2_000)
    shown = [shown.found.waybill for shown in sitting.stage.drawn if shown.found]
    assert list(dict.fromkeys(shown)) == [sitting.number(place) for place in range(3)]
    assert sitting.seen.found.waybill == sitting.number(2)


def test_the_window_moves_and_changes_its_size_after_a_press() -> None:
    sitting = Sitting(window_moves=1.0, window_resizes=1.0)
    sitting.client.search(sitting.number())
    sitting.stage.passes(1_000)
    assert len(sitting.stage.moves) == len(sitting.stage.sizes) == 2
    assert all(0.85 < factor < 1.15 and factor != 1 for factor in sitting.stage.sizes)


def test_one_news_window_stands_at_a_time_and_comes_again_after_it_was_closed() -> None:
    sitting = Sitting(news_window=1.0)
    for _ in range(5):
        sitting.client.search(sitting.number())
        sitting.stage.passes(1_500)
    assert len(sitting.stage.news_standing) == 1
    sitting.stage.news_standing.pop()[1]()
    for _ in range(4):
        sitting.client.search(sitting.number())
        sitting.stage.passes(1_500)
    assert len(sitting.stage.news_standing) == 1


def test_a_forced_update_that_is_put_off_changes_nothing_and_one_that_is_taken_ends_at_the_sign_in() -> None:
    sitting = Sitting(forced_update=1.0)
    sitting.stage.update_asked.pop()(False)
    assert sitting.seen.view is View.SEARCH
    for _ in range(5):
        sitting.client.search(sitting.number())
        sitting.stage.passes(1_500)
    sitting.stage.update_asked.pop()(True)
    assert (sitting.seen.view, sitting.seen.account, sitting.stage.closed) == (View.SIGN_IN, "", 1)


def test_the_submit_button_stays_grey_for_some_seconds() -> None:
    sitting = Sitting(disabled_button=1.0)
    sitting.to_the_form(sitting.number())
    sitting.client.ask_fee("退款拦截")
    assert (sitting.seen.form.fee_fen is not None, sitting.seen.form.ready) == (True, False)
    sitting.client.submit("退款拦截")
    assert sitting.stage.asked == []
    sitting.stage.passes(1_999)
    assert not sitting.seen.form.ready
    sitting.stage.passes(3_001)
    assert sitting.seen.form.ready


def test_a_grey_button_of_one_form_does_not_wake_in_another() -> None:
    sitting = Sitting(disabled_button=1.0)
    sitting.to_the_form(sitting.number(0))
    sitting.client.ask_fee("退款拦截")
    sitting.to_the_form(sitting.number(1))
    sitting.stage.passes(5_000)
    assert (sitting.seen.form.waybill, sitting.seen.form.ready) == (sitting.number(1), False)


def test_rows_of_the_book_are_elsewhere_and_out_of_sight_but_all_there() -> None:
    sitting, plain = Sitting(row_scrolls_away=1.0), Sitting()
    for one in (sitting, plain):
        for place in range(10):
            one.to_the_dialog(one.number(place))
            one.say(yes=True)
            one.world.store.clock.advance(60)
        one.client.show(View.BOOK)
    book, before = sitting.seen.book, plain.seen.book
    assert sorted(book.rows, key=str) == sorted(before.rows, key=str)
    assert book.rows != before.rows
    assert book.in_sight < len(book.rows)
    assert 0 <= book.top <= len(book.rows) - book.in_sight


def test_a_twin_stands_beside_the_result_a_real_one_where_there_is_one() -> None:
    sitting = Sitting(twin_waybill=1.0)
    sitting.client.search(sitting.number())
    twin = sitting.seen.found.twin
    assert sum(a != b for a, b in zip(twin.waybill, sitting.number(), strict=True)) == 1
    real = sitting.number(0, "twin_waybill")
    sitting.client.search(real)
    assert [sitting.seen.found.twin.waybill] == sitting.world.counter.twins(real)
    assert sitting.seen.found.lines[0] == f"运单号：{real}"


def test_a_twin_in_the_book_stands_beside_its_row_in_another_state() -> None:
    sitting = Sitting(twin_waybill=1.0)
    sitting.to_the_dialog(number := sitting.number())
    sitting.say(yes=True)
    sitting.client.show(View.BOOK)
    by_number = {row.waybill: row for row in sitting.seen.book.rows}
    twins = [row for key, row in by_number.items() if key not in sitting.world.store.parcels]
    assert len(twins) == 1
    assert number in by_number
    near = [
        row for key, row in by_number.items() if sum(a != b for a, b in zip(key, twins[0].waybill, strict=False)) == 1
    ]
    assert near
    assert near[0].state != twins[0].state


def test_a_lost_sign_in_sends_nothing_and_forgets_everything() -> None:
    sitting = Sitting(signed_out=1.0)
    before = sum(sitting.simulator.counts.values())
    sitting.client.search(sitting.number())
    assert (sitting.seen.view, sitting.seen.problem) == (View.SIGN_IN, "登录已失效，请重新登录")
    assert sitting.seen.found is None
    assert sum(sitting.simulator.counts.values()) == before


def test_an_answer_that_comes_after_the_sign_in_was_lost_is_not_shown() -> None:
    sitting = Sitting()
    sitting.stage.hold = True
    sitting.client.search(sitting.number())
    sitting.client._leave(problem="x")
    sitting.stage.answer()
    assert (sitting.seen.view, sitting.seen.found) == (View.SIGN_IN, None)


def test_a_session_that_the_courier_ended_leads_to_the_sign_in() -> None:
    sitting = Sitting()
    sitting.world.accounts.lose_all(next(iter(sitting.world.accounts._sessions.values())).realm)
    sitting.client.search(sitting.number())
    assert (sitting.seen.view, sitting.seen.problem) == (View.SIGN_IN, "登录已失效，请重新登录")


def test_a_dropped_answer_was_applied_though_the_window_says_network_trouble() -> None:
    sitting = Sitting(dropped_answer=1.0)
    sitting.to_the_dialog(number := sitting.number())
    sitting.say(yes=True)
    assert (sitting.seen.problem, sitting.seen.note) == ("网络异常", "")
    assert sitting.intercepted() == [number]
    sitting.client.submit("退款拦截")
    sitting.say(yes=True)
    assert sitting.seen.problem.startswith("不可拦截：")
    assert sitting.intercepted() == [number]


@pytest.mark.parametrize("rate", [0.2, 1.0])
def test_a_patient_person_gets_every_parcel_intercepted_once_through_all_traps(rate: float) -> None:
    sitting = Sitting(signed_in=False, **dict.fromkeys(TRAPS, rate))
    wanted = [sitting.number(place) for place in range(8)]
    for number in wanted:
        for _ in range(60):
            if sitting.world.parcel(number).intercept is not None:
                break
            _one_step(sitting, number)
    assert sorted(sitting.intercepted()) == sorted(wanted)


def _one_step(sitting: Sitting, number: str) -> None:
    """What somebody does who looks before each press and waits after it."""
    stage, seen = sitting.stage, sitting.seen
    if stage.update_asked:
        stage.update_asked.pop()(False)
    elif stage.news_standing:
        stage.news_standing.pop()[1]()
    elif stage.asked:
        sitting.say(yes=number in stage.asked[-1][0])
    elif seen.view is View.SIGN_IN:
        sitting.client.sign_in(sitting.account.name, sitting.account.password)
    elif seen.view is View.FORM and seen.form.waybill == number and seen.form.ready:
        sitting.client.submit("退款拦截")
    elif seen.view is View.FORM and seen.form.waybill == number:
        sitting.client.ask_fee("退款拦截")
    elif seen.view is View.SEARCH and seen.found and seen.found.waybill == number:
        sitting.client.open_form()
    elif seen.view is View.SEARCH:
        sitting.client.search(number)
    else:
        sitting.client.show(View.SEARCH)
    stage.passes(5_500)
