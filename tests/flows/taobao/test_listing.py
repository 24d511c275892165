"""The whole list is read, whatever moves or fails meanwhile; what cannot be read is never zero (F58; domain.md 3.1)."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from datetime import datetime

import pytest
from playwright.async_api import Page

from bot.browser.launch import BrowserHost
from bot.browser.read import PageData
from bot.domain.base import SHANGHAI
from bot.domain.ids import ShopKey
from bot.errors import PageError, SessionExpired, Unreadable, WrongShop
from flows.taobao import list_tab, listing, wording
from flows.taobao.list_page import ListPage
from flows.taobao.list_tab import ListTab
from flows.taobao.listing import Harvest, Pass
from flows.taobao.parse import parse_total
from tests.conftest import Simulator, StartSimulator
from tests.flows.taobao.conftest import Ground, await_counters, floor_for

on_the_page = pytest.mark.asyncio(loop_scope="session")

PENDING = ("wait_seller", "wait_seller_receive")
LIST = "/h5api/dispute/list"
SILENT_TURN = 4
"""A seed at which the first page turned keeps its old rows for seconds, and the table does not say that it is busy."""
NOW = datetime(2026, 11, 22, 10, tzinfo=SHANGHAI)
SHOP = ShopKey(platform="taobao", shop_id="s1")
CELLS = {
    "售后编号": "1", "订单编号": "2", "商品信息": "x", "售后类型": "退货退款", "退款金额": "¥1.00", "申请原因": "r", "发货状态": "待发货",
    "售后状态": "待商家处理", "剩余时间": "还剩 1 天 0 时 0 分", "申请时间": "2026-11-21 10:00:00", "操作": "查看详情",
}  # fmt: skip


def pending(simulator: Simulator) -> set[str]:
    return {case["aftersale_id"] for case in simulator.get("cases") if case["state"] in PENDING}


async def ids(ground: Ground) -> set[str]:
    found = await ground.floor.refunds.list_pending(lambda read, total: None)
    return {row.key.aftersale_id for row in found.rows}


@on_the_page
async def test_every_pending_case_is_listed_and_the_count_is_met(
    ground: Ground, monkeypatch: pytest.MonkeyPatch
) -> None:
    await_counters(monkeypatch)
    told: list[tuple[int, int]] = []
    found = await ground.floor.refunds.list_pending(lambda read, total: told.append((read, total)))
    assert {row.key.aftersale_id for row in found.rows} == pending(ground.simulator)
    assert found.printed_total == len(found.rows)
    assert found.unreadable == ()
    assert told[-1] == (len(found.rows), found.printed_total)
    assert found.passes == 1, "the counter cards agree"


def asked(ground: Ground) -> int:
    """How often the server was asked for rows."""
    return sum(count for name, count in ground.simulator.get("requests").items() if name.endswith(LIST))


@on_the_page
async def test_a_quick_look_finds_the_newest_case_with_a_few_requests_or_reads_the_whole_list(ground: Ground) -> None:
    there = [case for case in ground.simulator.get("cases") if case["state"] in PENDING]
    whole = await ground.floor.refunds.list_pending(lambda read, total: None)
    newest = max(
        (row for row in whole.rows if row.state_text == wording.TABS[0]), key=lambda row: row.applied_at
    ).key.aftersale_id
    known = frozenset(case["aftersale_id"] for case in there) - {newest}
    before = asked(ground)
    found = await ground.floor.refunds.list_pending(lambda read, total: None, known)
    assert (found.whole, newest in {row.key.aftersale_id for row in found.rows}) == (False, True)
    assert asked(ground) - before <= 5, "the page as it opens, its order, two pages of one tab and one of the other"
    one_too_many = known | {newest, "gone since"}
    found = await ground.floor.refunds.list_pending(lambda read, total: None, one_too_many)
    assert found.whole
    assert {row.key.aftersale_id for row in found.rows} == pending(ground.simulator)


@on_the_page
async def test_rows_say_amount_and_deadline_as_the_server_has_them(ground: Ground) -> None:
    truth = {case["aftersale_id"]: case for case in ground.simulator.get("cases")}
    found = await ground.floor.refunds.list_pending(lambda read, total: None)
    for row in found.rows:
        case = truth[row.key.aftersale_id]
        assert (row.amount.fen, row.order_id) == (case["amount_fen"], case["order_id"])
        if row.deadline_at is not None:
            due = datetime.fromisoformat(case["deadline_at"])
            assert abs((row.deadline_at - due).total_seconds()) <= 61


@on_the_page
async def test_a_row_that_slips_past_a_page_turn_is_found_all_the_same(ground: Ground) -> None:
    for _ in range(3):
        ground.fault("list_shift", at=LIST, times=2)
        assert await ids(ground) >= pending(ground.simulator)


HIDE = """() => {
  document.querySelector('table tbody tr').remove();
  const total = document.querySelector('nav[aria-label=分页] span');
  total.textContent = total.textContent.replace(/\\d+/, (count) => count - 1);
}"""


@on_the_page
async def test_a_row_hidden_through_a_whole_short_tab_is_found(ground: Ground, monkeypatch: pytest.MonkeyPatch) -> None:
    """The count shrinks with the row, so the tab looks whole; only the counter card, counted elsewhere, tells."""
    settled, hidden = list_tab.read_settled, []

    async def without_one(view: Page, left_behind: str, timeout_s: float) -> PageData:
        data = await settled(view, left_behind, timeout_s)
        chosen = [one.name for one in data.body.tabs if one.selected]
        if chosen != ["待商家收货"] or len(hidden) == 2:
            return data
        hidden.append(data.body.grids[0].rows[0][0])
        await view.evaluate(HIDE)
        return await settled(view, "", timeout_s)

    monkeypatch.setattr(list_tab, "read_settled", without_one)
    found = await ground.floor.refunds.list_pending(lambda read, total: None)
    assert len(hidden) == 2, "the tab is one page and was read while a row was away, twice"
    assert {row.key.aftersale_id for row in found.rows} == pending(ground.simulator)
    assert found.printed_total == len(found.rows)


class ScriptedTab:
    """A list of one page: what each pass finds there, and what the counter card says."""

    def __init__(self, passes: Sequence[Sequence[str]], counted: int | None) -> None:
        self._passes = iter(passes)
        self._counted = counted
        self.loads = 1

    async def choose(self, tab: str) -> ListPage:
        rows = tuple({**CELLS, "售后编号": one} for one in next(self._passes, ()))
        return ListPage(len(rows), self._counted, rows, False, NOW)

    async def renew(self) -> None:
        self.loads += 1


async def read_by_passes(
    monkeypatch: pytest.MonkeyPatch, ground: Ground, passes: Sequence[str], counted: int | None
) -> tuple[set[str], int]:
    """The ids that are found, and how often the page was loaded for them."""
    tab = ScriptedTab(passes, counted)

    @asynccontextmanager
    async def opened(office: object) -> AsyncIterator[ScriptedTab]:
        yield tab

    monkeypatch.setattr(wording, "TABS", wording.TABS[:1])
    monkeypatch.setattr(ListTab, "open", opened)
    found = await ground.floor.refunds.list_pending(lambda read, total: None)
    return {row.key.aftersale_id for row in found.rows}, tab.loads


@on_the_page
@pytest.mark.parametrize(
    ("passes", "counted", "ids", "loads"),
    [
        (["ab"], 2, "ab", 1),
        ([""], 0, "", 1),
        (["a", "ab"], 2, "ab", 2),
        (["a", "a", "ab"], 2, "ab", 3),
        (["", "", "b"], 1, "b", 3),
        (["ab", "ab", "ab"], 3, "ab", 3),
        (["ab", "ab", "ab"], None, "ab", 3),
        (["aa", "ab", "ab"], 2, "ab", 2),
    ],
    ids=["agrees", "empty", "hidden once", "hidden twice", "seems empty", "card lags", "card silent", "row met twice"],
)
async def test_passes_go_on_until_list_and_card_agree(
    monkeypatch: pytest.MonkeyPatch, ground: Ground, passes: Sequence[str], counted: int | None, ids: str, loads: int
) -> None:
    assert await read_by_passes(monkeypatch, ground, passes, counted) == (set(ids), loads)


@on_the_page
@pytest.mark.parametrize("kind", ["http_5xx", "rate_limited"])
async def test_a_page_of_the_list_that_fails_is_asked_for_again(ground: Ground, kind: str) -> None:
    ground.fault(kind, at=LIST, times=1)
    assert await ids(ground) == pending(ground.simulator)


@on_the_page
async def test_a_session_that_ends_in_the_middle_is_told_and_nothing_counts_as_read(ground: Ground) -> None:
    ground.fault("session_loss", at=LIST)
    try:
        with pytest.raises(SessionExpired):
            await ids(ground)
    finally:
        await ground.floor.session.ensure()
    assert await ids(ground) == pending(ground.simulator)


@on_the_page
async def test_a_long_list_is_read_from_two_sides(ground: Ground, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(listing, "LONG", 3)
    assert await ids(ground) == pending(ground.simulator)


TAMPERED = {
    "no total": ("document.querySelector('nav[aria-label=分页] span').remove()", "0 totals"),
    "a total that is no number": (
        "document.querySelector('nav[aria-label=分页] span').textContent = '共 - 条'",
        "0 totals",
    ),
    "two totals": ("document.querySelector('nav[aria-label=分页]').append('共 3 条')", "2 totals"),
    "a total and no rows": ("document.querySelector('table tbody').replaceChildren()", "none is shown"),
    "no pager": ("for (const b of document.querySelectorAll('nav button')) b.remove()", "下一页"),
    "another table": ("document.querySelector('table th').textContent = '编号'", "columns"),
}


@pytest.mark.parametrize(("script", "said"), TAMPERED.values(), ids=list(TAMPERED))
@on_the_page
async def test_a_list_that_cannot_be_read_is_an_error_and_never_an_empty_list(
    ground: Ground, monkeypatch: pytest.MonkeyPatch, script: str, said: str
) -> None:
    settled = list_tab.read_settled

    async def tampered(view: Page, left_behind: str, timeout_s: float) -> object:
        await settled(view, left_behind, timeout_s)
        await view.evaluate(f"() => {{ {script} }}")
        return await settled(view, "", timeout_s)

    monkeypatch.setattr(list_tab, "read_settled", tampered)
    with pytest.raises(PageError, match=said) as caught:
        await ids(ground)
    assert caught.value.sight is not None, "whoever mends it sees what the robot saw"
    assert caught.value.sight.picture.startswith(b"\x89PNG")
    assert "待商家处理" in caught.value.sight.html


@on_the_page
async def test_the_list_in_a_frame_is_found(host: BrowserHost, simulator: StartSimulator) -> None:
    framed = simulator(scenario="frame", cases=30)
    async with floor_for(host, framed) as floor:
        await floor.session.ensure()
        found = await floor.refunds.list_pending(lambda read, total: None)
    assert {row.key.aftersale_id for row in found.rows} == pending(framed)


@on_the_page
async def test_old_rows_that_stay_without_a_word_are_not_taken_for_the_next_page(
    host: BrowserHost, simulator: StartSimulator, monkeypatch: pytest.MonkeyPatch
) -> None:
    await_counters(monkeypatch)
    lingering = simulator(scenario="mixed", seed=SILENT_TURN, cases=60)
    async with floor_for(host, lingering) as floor:
        await floor.session.ensure()
        found = await floor.refunds.list_pending(lambda read, total: None)
    assert {row.key.aftersale_id for row in found.rows} == pending(lingering)
    assert found.passes == 1


@on_the_page
async def test_the_list_of_another_shop_is_not_read(host: BrowserHost, world: Simulator) -> None:
    async with floor_for(host, world, name="别家旗舰店") as floor:
        with pytest.raises(WrongShop):
            await floor.session.ensure()
        with pytest.raises(WrongShop):
            await floor.refunds.list_pending(lambda read, total: None)


def test_a_row_that_cannot_be_read_is_kept_with_its_text() -> None:
    harvest = Harvest()
    assert harvest.keep(SHOP, [{**CELLS, "退款金额": "¥1e3"}], NOW) == ["1"]
    assert harvest.rows == {}
    assert "¥1e3" in harvest.unreadable["1"].raw
    assert harvest.keep(SHOP, [CELLS], NOW) == ["1"]
    assert (len(harvest.rows), harvest.unreadable) == (1, {})


def test_rows_without_an_id_are_as_many_cases_as_a_page_shows_and_the_same_ones_while_time_runs() -> None:
    harvest, torn = Harvest(), {**CELLS, "售后编号": ""}
    for left in ("还剩 20 分", "还剩 19 分"):
        names = harvest.keep(SHOP, [{**torn, "剩余时间": left}] * 2, NOW)
        assert len(set(names)) == 2
    assert len(harvest.unreadable) == 2


def test_a_row_without_a_countdown_has_no_deadline_and_is_no_error() -> None:
    harvest = Harvest()
    harvest.keep(SHOP, [{**CELLS, "剩余时间": "—"}], NOW)
    assert harvest.rows["1"].deadline_at is None


@pytest.mark.parametrize(
    ("ids", "totals", "clean"),
    [
        (["a", "b"], {2}, True),
        ([], {0}, True),
        (["a", "a"], {2}, False),
        (["a"], {2}, False),
        (["a", "b"], {2, 3}, False),
        (["a", "b", "c"], {2}, False),
    ],
)
def test_only_a_pass_in_which_nothing_moved_is_clean(ids: list[str], totals: set[int], clean: bool) -> None:
    assert Pass(ids, totals).clean is clean


def test_a_count_that_is_not_there_is_unreadable() -> None:
    for text in (
        "",
        "共 条",
        "共 — 条",
        "共 null 条",
        "共 -1 条",
        "共 1,2 条",
        "共 12,34 条",
        "共 1234,567 条",
        "共 ,5 条",
    ):
        with pytest.raises(Unreadable):
            parse_total(text)
    assert parse_total("共 1,234 条") == 1234
