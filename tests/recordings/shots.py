"""The recordings that ship: what each shows, and how the small simulated shop is brought to show it."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field, replace
from datetime import timedelta
from types import MappingProxyType
from typing import Any

from playwright.async_api import Page

from simulator.world.dealings import Complaint, Offer
from simulator.world.kinds import CaseState, ComplaintScene, OfferState, ParcelState
from simulator.world.service import World
from simulator.world.wording import PLAN_NAMES
from tests.simulator.skins import small_world as shop

LIST = "/trade-platform/refund-list"
DETAIL, REFUSE, COMPLAIN = (f"{LIST}/{name}?disputeId=" for name in ("detail", "refuse", "complain"))

Act = Callable[[Page], Awaitable[None]]


@dataclass(frozen=True)
class Shot:
    """One recording: `name` is PLATFORM/PAGE.CASE.

    `world`: what the shop is made with, `before`: changes of it, `faults`: what goes wrong in its pages, `act`: what is done on the page,
    `planted`: a script that spoils it by hand. `case` is what the page is opened for, `shop_name` whose it should be.
    """

    name: str
    note: str
    path: str
    asked: tuple[str, ...] = ()
    world: dict[str, Any] = field(default_factory=dict)
    before: Callable[[World], None] = lambda world: None
    faults: frozenset[str] = frozenset()
    act: Act | None = None
    planted: str = ""
    shop_name: str = ""
    seed: int = 1
    guided: bool = True

    @property
    def platform(self) -> str:
        return self.name.partition("/")[0]

    @property
    def page(self) -> str:
        return self.name.partition("/")[2].partition(".")[0]


# ---- what is done on a page ---------------------------------------------------------------------------------------


def _tab(name: str, *more: str) -> Act:
    """Choose a tab of the list, then press these buttons of its pager, each time until the new rows stand there."""

    async def act(page: Page) -> None:
        view = page.frames[-1]
        for role, word in (("tab", name), *(("button", word) for word in more)):
            async with page.expect_response("**/h5api/dispute/list"):
                await view.get_by_role(role, name=word, exact=True).click()  # type: ignore[arg-type]  # one of two ARIA roles
            await view.wait_for_function("!document.querySelector('[aria-busy=true]')")
        await view.wait_for_function(
            "![...document.querySelectorAll('[data-counter] b')].some(b => b.textContent === '-')"
        )

    return act


async def _quote(page: Page) -> None:
    await page.get_by_role("button", name="拦截快递", exact=True).click()
    dialog = page.get_by_role("dialog", name="拦截快递", exact=True)
    await dialog.get_by_role("button", name="查询", exact=True).click()
    await dialog.locator("dl").wait_for()


# ---- what the world is changed to ---------------------------------------------------------------------------------


def _shorter(world: World) -> None:
    """The hostile words without their 4,800 characters of length."""
    case = world.store.cases[shop.HOSTILE]
    case.words = case.words.replace("很长的话" * 1200, "很长的话" * 3)
    case.order.goods = tuple(replace(line, title=line.title[:60]) for line in case.order.goods)


def _at_the_door(world: World) -> None:
    world.store.parcels["YT1000002"].state = ParcelState.DELIVERING


def _offered(world: World) -> None:
    case = world.store.cases[shop.RETURN_ASKED]
    case.state = CaseState.WAIT_BUYER_ANSWER
    for hours, fen, state in ((20, 1_000, OfferState.DECLINED), (2, 2_500, OfferState.OPEN)):
        case.offers.append(Offer(world.now() - timedelta(hours=hours), next(iter(PLAN_NAMES)), fen, "", state))


def _complained(world: World) -> None:
    case = world.store.cases[shop.SIGNED]
    case.complaint = Complaint(world.now() - timedelta(hours=1), next(iter(ComplaintScene)), "已签收", ())


def _claimed_again(world: World) -> None:
    """Two cases of one order, one of them over."""
    first, second = (world.store.cases[number] for number in (shop.FINISHED, shop.UNSHIPPED))
    first.order, first.state = second.order, CaseState.CLOSED
    world.store._by_order[second.order.order_id].append(first)


def _back_home(world: World) -> None:
    parcel = world.store.parcels["SF2000005"]
    parcel.state = ParcelState.RETURN_SIGNED


# ---- what is spoilt by hand ---------------------------------------------------------------------------------------

_VALUE = """[...document.querySelectorAll('dt')].find((dt) => dt.textContent === '{label}').nextElementSibling"""


def _value(label: str, text: str) -> str:
    return f"{_VALUE.format(label=label)}.textContent = '{text}'"


_AMOUNT_OF_A_ROW = "document.querySelectorAll('tbody tr')[1].cells[4].textContent = '¥1e3'"
_NO_TOTAL = "document.querySelector('nav[aria-label=分页] span').remove()"
_RENAMED = "[...document.querySelectorAll('button')].find((b) => b.textContent === '同意退款').textContent = '确认同意'"


# ---- the table ----------------------------------------------------------------------------------------------------

_LISTS = (
    Shot("taobao/list.first_page", "The tab that waits for the seller, first of several pages.", LIST, act=_tab("待商家处理")),
    Shot("taobao/list.last_page", "The same tab's last page: nothing follows.", LIST, act=_tab("待商家处理", "下一页")),
    Shot("taobao/list.in_frame", "Some shops show the list in a frame.", LIST, world={"framed": True}, act=_tab("待商家收货")),
    Shot("taobao/list.row_unreadable", "One row's amount is no amount; the others are read.", LIST, act=_tab("待商家处理", "下一页"), planted=_AMOUNT_OF_A_ROW),
    Shot("taobao/list.no_total", "A list without its count is never an empty list.", LIST, act=_tab("待商家收货"), planted=_NO_TOTAL),
)  # fmt: skip


def _detail(name: str, note: str, case: str, **more: Any) -> Shot:
    return Shot(f"taobao/detail.{name}", note, DETAIL + case, (case,), **more)


_DETAILS = (
    _detail("unshipped", "Refund of an order that has not left.", shop.UNSHIPPED),
    _detail("in_transit", "Refund of a parcel on its way: it can be called back.", shop.IN_TRANSIT),
    _detail("signed", "Refund of a parcel that was signed for; the buyer urges.", shop.SIGNED),
    _detail("return_asked", "The buyer asks to return; pictures.", shop.RETURN_ASKED),
    _detail("return_back", "The return is back, the warehouse counted and weighed it.", shop.RETURN_BACK),
    _detail("exchange", "An exchange: a service, no money.", shop.EXCHANGE),
    _detail("price_difference", "Price protection: the box says what is owed, some of it went back already.", shop.DIFFERENCE),
    _detail("large_sum", "A sum with a separator for thousands.", shop.LARGE),
    _detail("finished", "Over: no countdown, no buttons.", shop.FINISHED),
    _detail("offered", "Two offers to the buyer, one declined, one open.", shop.RETURN_ASKED, before=_offered),
    _detail("complained", "The shop complained to the platform.", shop.SIGNED, before=_complained),
    _detail("second_claim", "The order has another after-sale, closed.", shop.UNSHIPPED, before=_claimed_again),
    _detail("guide_open", "A guide lies over the page.", shop.UNSHIPPED, guided=False),
    _detail("hostile_text", "Markup, formulas, direction marks in the buyer's words and name.", shop.HOSTILE, before=_shorter),
    _detail("unknown_label", "Type and state in words that nobody taught the robot.", shop.ODD),
    _detail("button_renamed", "The button is worded differently today: its target is absent, its word is unknown.", shop.UNSHIPPED, planted=_RENAMED),
    _detail("amount_unreadable", "A letter O in the amount.", shop.UNSHIPPED, planted=_value("退款金额", "¥1O9.00")),
    _detail("half_page", "The connection gave up in the middle of the page.", shop.UNSHIPPED, faults=frozenset({"half_page"})),
    _detail("other_case", "The address shows another case than the one asked for.", shop.UNSHIPPED, faults=frozenset({"stale_detail"})),
    _detail("other_shop", "The header names another shop.", shop.UNSHIPPED, shop_name="别家旗舰店"),
)  # fmt: skip
_FORMS = (
    Shot("taobao/refuse.ready", "The refusal form of a parcel that was signed for.", REFUSE + shop.SIGNED, (shop.SIGNED,)),
    Shot("taobao/refuse.barred", "Orders that have not left cannot be refused.", REFUSE + shop.UNSHIPPED, (shop.UNSHIPPED,)),
    Shot("taobao/complain.ready", "The complaint form.", COMPLAIN + shop.SIGNED, (shop.SIGNED,)),
    Shot("taobao/intercept.feasible", "The quote: can be called back, at a fee.", DETAIL + shop.IN_TRANSIT, (shop.IN_TRANSIT,), act=_quote),
    Shot("taobao/intercept.not_feasible", "The quote: cannot be called back, and why.", DETAIL + shop.IN_TRANSIT, (shop.IN_TRANSIT,), before=_at_the_door, act=_quote),
)  # fmt: skip


def _track(name: str, note: str, *waybills: str, **more: Any) -> Shot:
    return Shot(f"courier/track.{name}", note, f"/track?nos={','.join(waybills)}", waybills, **more)


_TRACKS = (
    _track("in_transit", "On its way, two scans.", "YT1000002"),
    _track("signed", "Signed for by the buyer, weighed at both ends.", "ZT1000003"),
    _track("returned", "A return, signed for by the warehouse.", "SF2000005", before=_back_home),
    _track("unknown_waybill", "A number that the courier does not know.", "NOPE0001"),
    _track("several", "One page for three numbers, one of them unknown.", "YT1000002", "NOPE0001", "ZT1000003"),
    _track("new_word", "A signer that nobody taught the robot.", "ZT1000003", planted=_value("签收人", "保安")),
    _track("weight_unreadable", "A weight in words.", "YT1000002", planted=_value("揽收重量", "约1kg")),
)

SHOTS = MappingProxyType({shot.name: shot for shot in (*_LISTS, *_DETAILS, *_FORMS, *_TRACKS)})
