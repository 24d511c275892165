"""The one click that may move money: under a permit, once, and what the server answered to it (design.md 4.8, 4.9)."""

from __future__ import annotations

from typing import Final

from playwright.async_api import Error as BrowserError
from playwright.async_api import Page

from bot.browser.act import PRESS_MS, find, scope
from bot.browser.exchange import ANSWER_S
from bot.browser.guard import Admission, Why
from bot.browser.read import Block, read_block, read_tree
from bot.browser.targets import WriteTarget
from bot.domain.ids import CaseKey
from bot.domain.money import Money
from bot.errors import NotSent, PageDrifted, PageError, TooLate
from bot.ports.desks import Permit
from flows.grammar import printed
from flows.sending import before_sending
from flows.taobao.answers import trouble_of
from flows.taobao.office import Office

DECIDED_S: Final = 5.0
"""How long a click may take until its request stands at the guard: the permit's own life (design.md 4.9)."""
BLOCK_S: Final = PRESS_MS / 1000


def expect_named(block: Block, case: CaseKey, amount: Money, label: str = "退款金额") -> None:
    """The dialog or form names this case and, beside `label`, this amount, or nothing is pressed (F28; reliability.md 3.1 rule 5).

    Raises:
        NotSent: another id or another amount stands there.
        Unreadable: one of them does not stand there.
    """
    shown, money = named(block, label)
    if shown != case.aftersale_id or money != amount:
        raise NotSent(
            f"{block.title} names {shown} over {money}, not {case.aftersale_id} over {amount}",
            case=case.aftersale_id,
            raw=f"{shown} {money}",
            code="error.action.other_case",
        )


def named(block: Block, label: str = "退款金额") -> tuple[str, Money]:
    """Case and amount that a dialog or form names. Raises Unreadable."""
    return block.value("售后编号"), printed(Money.parse, label, block.value(label))


async def hold_contract(office: Office, page: Page, target: WriteTarget, case: CaseKey) -> None:
    """Compare what stands around the target right now with its page contract.

    Raises:
        PageDrifted: it is not what it has to be; nothing was sent.
        NotSent: it cannot be read.
        SessionExpired, ChallengeRequired: the page left for the sign-in.
    """
    with before_sending(case):
        try:
            live = await read_tree(scope(page, target, case.aftersale_id), target.key, BLOCK_S)
        except PageError:
            await office.explain(page)
            raise
    if differences := office.contracts.drift(target, live):
        told = [str(one) for one in differences]
        raise PageDrifted(target.screen, told, case=case.aftersale_id, target=target.key, page=page.url)


async def read_dialog(page: Page, target: WriteTarget, case: CaseKey) -> Block:
    """What the dialog of that target says, once it stands there. Raises WrongPage, naming the target, when it does not come."""
    try:
        return await read_block(scope(page, target, case.aftersale_id), BLOCK_S)
    except PageError as error:
        error.target = error.target or target.key
        raise


async def fire(office: Office, page: Page, target: WriteTarget, permit: Permit) -> None:
    """Hold the page to its contract, press once within the permit, wait for the server's answer, and say what it means.

    Raises:
        PageDrifted: as `hold_contract`; the permit was not even used.
        NotSent: nothing left the browser; the permit is dead, so nothing can follow either. TooLate when only its time was up.
        OutcomeUnknown: it left, and there is no answer, or none that is certain.
        CaseMoved, NotAllowed, PermissionMissing, EvidenceDemanded, PersonDemanded, ChallengeRequired, SessionExpired,
            RateLimited: the server says that it did nothing, and why.
        whatever `permit.on_send` raised: nothing left.
    """
    await hold_contract(office, page, target, permit.case)
    case = permit.case.aftersale_id
    answer, missed = None, None
    with office.guard.admit(permit) as admission:
        try:
            await find(page, target, case).click(timeout=PRESS_MS)
        except BrowserError as error:
            missed = error
        if admission.sent or (missed is None and await admission.decided(DECIDED_S) and admission.sent):
            answer = await admission.answer(ANSWER_S)
    if not admission.sent:
        raise _not_sent(admission, target, case, missed)
    trouble = trouble_of(answer, case)
    if trouble is not None:
        raise trouble


def _not_sent(admission: Admission, target: WriteTarget, case: str, missed: BrowserError | None) -> Exception:
    """Why nothing left: stopped by the permit's owner, refused by the guard, or the click reached nothing."""
    if admission.stopped_by is not None:
        return admission.stopped_by
    if admission.refusals:
        why = ", ".join(one.why for one in admission.refusals)
        kind = TooLate if {one.why for one in admission.refusals} == {Why.EXPIRED} else NotSent
        return kind(f"{target.key}: the guard refused: {why}", case=case, target=target.key, raw=why)
    said = missed.message.splitlines()[0] if missed else "the click sent nothing"
    return NotSent(f"{target.key}: {said}", case=case, target=target.key)
