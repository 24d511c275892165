"""Offering the buyer a part of the claim: one dialog, its own sums read back, one click (domain.md 27, 28)."""

from __future__ import annotations

from playwright.async_api import Page

from bot.browser.act import choose, clear_overlays, fill, find, offered, press
from bot.browser.read import Block
from bot.domain.action import Negotiate
from bot.domain.ids import CaseKey
from bot.domain.money import Money
from bot.errors import NotAllowed
from bot.ports.desks import Permit
from flows.grammar import printed
from flows.sending import before_sending
from flows.taobao import wording
from flows.taobao.firing import expect_named, fire, read_dialog
from flows.taobao.office import Office


async def offer(office: Office, page: Page, case: CaseKey, action: Negotiate, permit: Permit) -> None:
    """Fill the dialog, read id and sum back from it, press once.

    Raises:
        NotAllowed: the page would not take the sum, or has no plan that we know.
        NotSent: the dialog names another case or another sum.
        whatever `fire` raises.
    """
    write, number = office.targets.write, case.aftersale_id
    with before_sending(case):
        await clear_overlays(page, office.targets.screen("overlay"))
        await press(find(page, write("detail.negotiate")), "detail.negotiate")
        confirm = write("negotiate.confirm")
        _expect_room(await read_dialog(page, confirm, case), case, action.amount)
        await _choose_plan(office, page, await read_dialog(page, confirm, case), case)
        await fill(find(page, write("negotiate.sum"), number), action.amount.yuan, "negotiate.sum")
        await fill(find(page, write("negotiate.message"), number), action.message, "negotiate.message")
        expect_named(await read_dialog(page, confirm, case), case, action.amount, label="协商金额")
    await fire(office, page, confirm, permit)


def _expect_room(block: Block, case: CaseKey, amount: Money) -> None:
    most = printed(Money.parse, "最高可协商金额", block.value("最高可协商金额"))
    if amount > most:
        raise NotAllowed(
            "the offer is above the page's limit",
            case=case.aftersale_id,
            code="negotiate.over_most",
            raw=f"{amount} > {most}",
        )


async def _choose_plan(office: Office, page: Page, block: Block, case: CaseKey) -> None:
    """Keep a plan that we know, else take the first one of ours that the page has, else a person chooses."""
    shown = [one.value for one in block.choices if one.label == wording.PLAN]
    if shown and shown[0] in wording.PLANS:
        return
    combobox = find(page, office.targets.write("negotiate.plan"), case.aftersale_id)
    options = await offered(page, combobox, "negotiate.plan")
    ours = [plan for plan in wording.PLANS if plan in options]
    if not ours:
        raise NotAllowed(
            "no plan that we know", case=case.aftersale_id, code="negotiate.no_plan", raw=", ".join(options)
        )
    await choose(page, combobox, ours[0], "negotiate.plan")
