"""Calling a parcel back, in two steps: ask for feasibility and fee, then commit at that fee (domain.md 4.2)."""

from __future__ import annotations

from playwright.async_api import Error as BrowserError
from playwright.async_api import Page

from bot.browser.act import PRESS_MS, clear_overlays, find, how_many, press, scope
from bot.browser.exchange import listening
from bot.browser.read import Block, read_block
from bot.domain.action import Intercept
from bot.domain.courier import InterceptQuote
from bot.domain.ids import CaseKey
from bot.domain.money import Money
from bot.errors import CaseMoved, NotAllowed, PageError, Unreadable
from bot.ports.desks import Permit
from flows.grammar import printed
from flows.sending import before_sending
from flows.taobao import endpoints, wording
from flows.taobao.answers import check_ret
from flows.taobao.firing import BLOCK_S, fire
from flows.taobao.office import Office
from flows.taobao.parse import words


async def quote(office: Office, page: Page, case: CaseKey) -> InterceptQuote:
    """Open the dialog, ask, read, close it again; commits nothing.

    Raises:
        NotAllowed: the page offers no intercept for this case, or the back end says so.
        CaseMoved: the case changed since the page was loaded.
        PageError: the dialog cannot be read.
    """
    try:
        return await _ask(office, page, case)
    finally:
        await _close(office, page)


async def commit(office: Office, page: Page, case: CaseKey, action: Intercept, permit: Permit) -> None:
    """Ask again, compare waybill and fee with what was decided on, and press once.

    Raises:
        NotSent: the quote cannot be read, or is not the one decided on.
        whatever `fire` raises.
    """
    with before_sending(case):
        found = await _ask(office, page, case)
    if (found.feasible, found.waybill, found.fee) != (True, action.waybill, action.fee):
        raise CaseMoved(
            f"the quote changed: {found.waybill} at {found.fee}, decided on {action.waybill} at {action.fee}",
            case=case.aftersale_id,
            code="intercept.quote_changed",
        )
    await fire(office, page, office.targets.write("intercept.confirm"), permit)


async def _ask(office: Office, page: Page, case: CaseKey) -> InterceptQuote:
    target = office.targets.write
    await clear_overlays(page, office.targets.screen("overlay"))
    button = find(page, target("detail.intercept"))
    if not await how_many(button):
        raise NotAllowed("the page offers no intercept", case=case.aftersale_id, code="intercept.not_offered")
    await press(button, "detail.intercept")
    with listening(page, endpoints.INTERCEPT_QUOTE) as exchange:
        await press(find(page, target("intercept.quote")), "intercept.quote")
        answer = await exchange.answer()
    if answer is None:
        raise PageError("the quote was not answered", page=page.url, target="intercept.quote")
    check_ret(answer, page.url)
    return parse_quote(await _quoted(office, page))


async def _quoted(office: Office, page: Page) -> Block:
    """The dialog once it shows the waybill: the answer is drawn a moment after it came."""
    dialog = scope(page, office.targets.write("intercept.quote"))
    try:
        await dialog.locator("dl").wait_for(timeout=PRESS_MS)
    except BrowserError as error:
        raise PageError("the quote is not shown", page=page.url, target="intercept.quote") from error
    return await read_block(dialog, BLOCK_S)


def parse_quote(block: Block) -> InterceptQuote:
    """What the dialog says after the question. Raises Unreadable."""
    feasible = block.value("是否可拦截")
    if feasible not in wording.FEASIBLE:
        raise Unreadable("是否可拦截: an unknown word", target="是否可拦截", raw=feasible)
    fee = block.value("拦截费用")
    why_not = block.value("不可拦截原因")
    can = wording.FEASIBLE[feasible]
    return InterceptQuote(
        waybill=block.value("运单号"),
        feasible=can,
        # where nothing can be intercepted no fee is printed, and none is owed
        fee=Money(0) if not can and fee in wording.NONE else printed(Money.parse, "拦截费用", fee),
        why_not="" if why_not in wording.NONE else why_not,
        other_goods=words(block.value("同包裹其他商品")),
    )


async def _close(office: Office, page: Page) -> None:
    """Put the page back as it was; what cannot be closed is told by the next read of the page."""
    button = find(page, office.targets.write("intercept.cancel"))
    try:
        if await button.count():
            await button.click(timeout=PRESS_MS)
    except BrowserError:
        return
