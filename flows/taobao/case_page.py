"""One case's detail page in a tab of its own: read, photographed, and acted on through its dialogs (design.md 4.3, 4.7, 4.8)."""

from __future__ import annotations

from collections.abc import Sequence
from types import MappingProxyType
from typing import Final, assert_never

from playwright.async_api import Locator, Page

from bot.browser.act import choose, clear_overlays, fill, find, look, offered, press
from bot.browser.artifacts import photo, picture_of, sight_of, witnessed
from bot.browser.look import look_at
from bot.browser.read import Block
from bot.domain.action import Action, AgreeRefund, AgreeReturn, Complain, Intercept, Negotiate, Refuse, Remark, Verb
from bot.domain.base import Sha256
from bot.domain.case import Snapshot
from bot.domain.courier import InterceptQuote
from bot.domain.facts import Known, Source
from bot.domain.ids import CaseKey
from bot.domain.money import Money
from bot.errors import NotAllowed, PageError, Sight, TargetMissing
from bot.ports.desks import Permit, Proof
from flows.navigation import Visit
from flows.sending import before_sending
from flows.taobao import endpoints, intercept, negotiate, wording
from flows.taobao.complaint import ComplaintForm
from flows.taobao.detail import parse_snapshot
from flows.taobao.evidence import RefusalForm
from flows.taobao.firing import expect_named, fire, hold_contract, read_dialog
from flows.taobao.office import Office


class DetailPage:
    """The CasePage of this platform; see its Protocol for what each method promises and raises."""

    def __init__(self, office: Office, page: Page, case: CaseKey, visit: Visit) -> None:
        self._office = office
        self._page = page
        self._case = case
        self._visit = visit
        self._form: RefusalForm | ComplaintForm | None = None
        self._looks: dict[str, str] = {}

    @classmethod
    async def open(cls, office: Office, case: CaseKey) -> DetailPage:
        """Load the detail page by id, in a tab of its own (design.md 4.3)."""
        page = await office.browser.new_tab()
        try:
            async with witnessed(page):
                return cls(office, page, case, await office.go(page, _path(case)))
        except BaseException:
            await page.close()
            raise

    @property
    def age_s(self) -> float:
        return self._office.browser.age_s(self._page, self._office.clock.monotonic(), self._visit.asked_at)

    async def read(self) -> Snapshot:
        await self._office.expect_signed_in(self._page)
        data = await self._office.read(self._page)
        return await self._looked_at(parse_snapshot(self._case, self._office.site.name, data, self._visit.at))

    async def _looked_at(self, snapshot: Snapshot) -> Snapshot:
        """With the buyer's pictures by what they look like (domain.md 5: 虚假凭证); each address is looked at once."""
        fresh = [source for source in snapshot.buyer_pictures if source not in self._looks]
        self._looks |= zip(fresh, await look_at(self._page, fresh), strict=True)
        hashes = tuple(self._looks[source] for source in snapshot.buyer_pictures)
        seen = Known[tuple[str, ...]](value=hashes, source=Source.SHOP, seen_at=snapshot.seen_at)
        return snapshot.model_copy(update={"picture_hashes": seen})

    async def reload(self) -> Snapshot:
        self._visit = await self._office.go(self._page, _path(self._case))
        return await self.read()

    async def picture(self) -> bytes:
        await clear_overlays(self._page, self._office.targets.screen("overlay"))
        return await photo(self._page, self._private())

    async def sight(self) -> Sight:
        return await sight_of(self._page if self._form is None else self._form.page, self._private())

    def _private(self) -> list[Locator]:
        return [self._page.locator(one.css) for one in self._office.targets.read("detail.private").candidates]

    async def warehouse_picture(self) -> bytes:
        await clear_overlays(self._page, self._office.targets.screen("overlay"))
        return await picture_of(await look(self._page, self._office.targets.read("detail.warehouse")))

    async def quote_intercept(self) -> InterceptQuote:
        return await intercept.quote(self._office, self._page, self._case)

    async def attach(self, proofs: Sequence[Proof], verb: Verb = Verb.REFUSE) -> tuple[Sha256, ...]:
        await self._close_form()
        form = ComplaintForm if verb is Verb.COMPLAIN else RefusalForm
        self._form = await form.open(self._office, self._case)
        return await self._form.attach(proofs)

    def screens(self, action: Action) -> tuple[str, ...]:
        """A button of the page opens the screen of its own name."""
        opener = _opener(action)
        return tuple(opener.split(".")) if opener else (action.verb.value,)

    async def perform(self, action: Action, permit: Permit) -> None:
        with before_sending(self._case):
            await self._expect_case(_opener(action))
        match action:
            case AgreeRefund(amount=amount, confirms_receipt=True):
                await self._confirm("confirm_receipt", amount, permit)
            case AgreeRefund(amount=amount):
                await self._confirm("agree_refund", amount, permit)
            case AgreeReturn():
                await self._agree_return(action, permit)
            case Refuse():
                await self._refuse(action, permit)
            case Intercept():
                await intercept.commit(self._office, self._page, self._case, action, permit)
            case Remark():
                await self._remark(action, permit)
            case Negotiate():
                await negotiate.offer(self._office, self._page, self._case, action, permit)
            case Complain():
                await self._complain(action, permit)
            case _:
                assert_never(action)

    async def close(self) -> None:
        """Close both tabs; the case counts for the recycling of the browser."""
        await self._close_form()
        await self._page.close()
        self._office.browser.case_done()

    async def _close_form(self) -> None:
        form, self._form = self._form, None
        if form is not None:
            await form.close()

    async def _expect_case(self, key: str) -> None:
        """The page is this case's (some dialogs do not name it, F28) and offers the act by its exact name, once (F29)."""
        data = await self._office.read(self._page)
        shown = data.section("售后信息").value("售后编号")
        if shown != self._case.aftersale_id:
            raise PageError(f"the page shows {shown}", case=self._case.aftersale_id, page=self._page.url, raw=shown)
        if not key:
            return
        target = self._office.targets.write(key)
        offered = [one.enabled for one in data.section(target.title).presses if one.name == target.name]
        if offered != [True]:
            raise TargetMissing(
                f"{key}: {len(offered)} buttons {target.name!r}, one that can be pressed was expected", target=key
            )
        await hold_contract(self._office, self._page, target, self._case)

    async def _confirm(self, name: str, amount: Money, permit: Permit) -> None:
        """Agreeing to a refund, with or without the returned goods: one dialog, one button."""
        with before_sending(self._case):
            await self._open_dialog(name, amount)
            await clear_overlays(self._page, self._office.targets.screen("overlay"))
        await fire(self._office, self._page, self._office.targets.write(f"{name}.confirm"), permit)

    async def _open_dialog(self, name: str, amount: Money) -> Block:
        """Press the page's button, and read the one dialog that names this case; id and amount must be ours."""
        write = self._office.targets.write
        await clear_overlays(self._page, self._office.targets.screen("overlay"))
        await press(find(self._page, write(f"detail.{name}")), f"detail.{name}")
        block = await read_dialog(self._page, write(f"{name}.confirm"), self._case)
        expect_named(block, self._case, amount)
        return block

    async def _agree_return(self, action: AgreeReturn, permit: Permit) -> None:
        write, case = self._office.targets.write, self._case.aftersale_id
        with before_sending(self._case):
            block = await self._open_dialog("agree_return", action.amount)
            await self._default_address(block)
            if action.message:
                await fill(
                    find(self._page, write("agree_return.message"), case), action.message, "agree_return.message"
                )
        await fire(self._office, self._page, write("agree_return.confirm"), permit)

    async def _default_address(self, block: Block) -> None:
        """Keep the address that the page chose; else take the one marked as default, or the only one; else a person chooses."""
        shown = [one.value for one in block.choices if one.label == wording.RETURN_ADDRESS]
        if shown != [wording.NOTHING_CHOSEN]:
            return
        combobox = find(self._page, self._office.targets.write("agree_return.address"), self._case.aftersale_id)
        options = await offered(self._page, combobox, "agree_return.address")
        marked = [one for one in options if wording.DEFAULT_MARK in one] or options
        if len(marked) != 1:
            raise NotAllowed(
                "no default return address", case=self._case.aftersale_id, code="return.no_default_address"
            )
        await choose(self._page, combobox, marked[0], "agree_return.address")

    async def _refuse(self, action: Refuse, permit: Permit) -> None:
        form = self._form
        if not isinstance(form, RefusalForm):
            with before_sending(self._case):
                form = self._form = await RefusalForm.open(self._office, self._case)
        await form.refuse(action, permit)
        await self._close_form()

    async def _complain(self, action: Complain, permit: Permit) -> None:
        form = self._form
        if not isinstance(form, ComplaintForm):
            with before_sending(self._case):
                form = self._form = await ComplaintForm.open(self._office, self._case)
        await form.complain(action, permit)
        await self._close_form()

    async def _remark(self, action: Remark, permit: Permit) -> None:
        write = self._office.targets.write
        with before_sending(self._case):
            await clear_overlays(self._page, self._office.targets.screen("overlay"))
            await press(find(self._page, write("detail.remark")), "detail.remark")
            await fill(find(self._page, write("remark.text")), action.text, "remark.text")
        await fire(self._office, self._page, write("remark.confirm"), permit)


_OPENERS: Final = MappingProxyType(
    {
        Verb.AGREE_REFUND: "detail.agree_refund",
        Verb.AGREE_RETURN: "detail.agree_return",
        Verb.INTERCEPT: "detail.intercept",
        Verb.REMARK: "detail.remark",
        Verb.NEGOTIATE: "detail.negotiate",
        Verb.COMPLAIN: "detail.complain",
    }
)
"""The page's button behind which a verb stands; a refusal's page asks for itself (its button is worded by state)."""


def _opener(action: Action) -> str:
    if isinstance(action, AgreeRefund) and action.confirms_receipt:
        return "detail.confirm_receipt"
    return _OPENERS.get(action.verb, "")


def _path(case: CaseKey) -> str:
    return f"{endpoints.DETAIL_PAGE}?disputeId={case.aftersale_id}"
