"""The detail page: read on the server, so that one load shows everything; its dialogs wait in templates."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from simulator.skins.taobao import mishaps, sections
from simulator.skins.taobao.blocks import ActionButton, Guide, Section, Step
from simulator.skins.taobao.formats import yuan
from simulator.skins.taobao.kit import Body, Kit
from simulator.skins.taobao.menu import LIST_PATH
from simulator.skins.taobao.wording import BUTTONS, FLAGS, REFUSE_RECEIPT, REFUSE_SERVICE, SERVICE_AGREES
from simulator.world.accounts import Session
from simulator.world.model import SERVICES, Button, Case, CaseState, CaseType, Shop
from simulator.world.rules import most_fen, plans

_DETAIL: Final = f"{LIST_PATH}/detail"
_RETURN_STEPS: Final = ("买家申请退货退款", "商家处理退货申请", "买家退货", "商家确认收货", "退款完成")
_RESEND_STEPS: Final = ("买家申请补寄", "商家处理补寄申请", "商家补寄完成")
_REFUND_STEPS: Final = ("买家申请退款", "商家处理退款申请", "退款完成")
_STEP_OF_STATE: Final = {
    CaseState.WAIT_SELLER: 1,
    CaseState.SELLER_REFUSED: 1,
    CaseState.PLATFORM: 1,
    CaseState.WAIT_BUYER_ANSWER: 1,
    CaseState.WAIT_BUYER_RETURN: 2,
    CaseState.WAIT_SELLER_RECEIVE: 3,
}
_HEADLINES: Final = {
    CaseState.WAIT_SELLER: "请处理买家的售后申请",
    CaseState.WAIT_SELLER_RECEIVE: "买家已退货，请确认收货",
    CaseState.WAIT_BUYER_RETURN: "已同意退货，等待买家寄回商品",
    CaseState.WAIT_BUYER_ANSWER: "已发起协商，等待买家确认方案",
    CaseState.SELLER_REFUSED: "已拒绝申请，等待买家处理",
    CaseState.PLATFORM: "平台客服已介入，请留意处理结果",
    CaseState.SUCCESS: "售后完成",
    CaseState.CLOSED: "售后已关闭",
}
_GUIDE: Final = Guide("detail", "ops", "售后详情改版啦", "处理按钮移到了这里，处理前请核对售后编号与退款金额。")
_OPENS: Final = {
    Button.AGREE_REFUND: "agree",
    Button.AGREE_RETURN: "agree_return",
    Button.CONFIRM_RECEIPT: "confirm_receipt",
    Button.AGREE_SERVICE: "agree_service",
    Button.INTERCEPT: "intercept",
    Button.REMARK: "remark",
    Button.NEGOTIATE: "negotiate",
}


@dataclass(frozen=True)
class CaseFacts:
    """What a dialog names the case by."""

    dispute_id: str
    amount: str


@dataclass(frozen=True)
class DetailView:
    """Everything detail.html draws."""

    case: CaseFacts
    headline: str
    left: str
    steps: tuple[Step, ...]
    buttons: tuple[ActionButton, ...]
    dialogs: frozenset[str]
    service_word: str
    left_column: tuple[Section, ...]
    right_column: tuple[Section, ...]
    addresses: tuple[tuple[str, str], ...]
    default_address: str | None
    plans: tuple[tuple[str, str], ...]
    most: str
    guide: Guide | None
    flags: tuple[tuple[str, str], ...] = FLAGS
    agrees: str = BUTTONS[Button.AGREE_REFUND]
    asks_again: bool = False


class DetailPages:
    """`GET …/detail` and the batch page that one of its buttons leads to."""

    def __init__(self, kit: Kit) -> None:
        self._kit = kit

    def routes(self) -> list[BaseRoute]:
        """The pages of this file."""
        return [Route(_DETAIL, self._kit.page(self._detail))]

    async def _detail(self, request: Request, session: Session) -> Response:
        case = self._kit.world.case(session.actor, request.query_params.get("disputeId", ""))
        case = mishaps.stale_detail(self._kit, session.actor, case)
        view = mishaps.renamed_label(self._kit, self._view(case, session, guided="qn_guide_detail" in request.cookies))
        view = mishaps.changed_dialog(self._kit, view)
        page = self._kit.shell("detail.html", session, "refunds", self._page_data(case), view=view)
        return mishaps.half_page(self._kit, page)

    def _page_data(self, case: Case) -> Body:
        return {
            "kind": "detail",
            "disputeId": case.aftersale_id,
            "amount": case.amount_fen,
            "version": case.version,
            "notice": _notice_place(self._kit.seed, case),
            "twice": self._kit.faults.draw("double_bound_handler"),
        }

    def _view(self, case: Case, session: Session, *, guided: bool) -> DetailView:
        world, now = self._kit.world, self._kit.world.now()
        buttons = tuple(_button(case, button) for button in world.buttons(case))
        addresses = tuple(
            (place.address_id, f"{place.text}（默认）" if first == 0 else place.text)
            for first, place in enumerate(world.return_addresses(session.actor))
        )
        return DetailView(
            case=CaseFacts(case.aftersale_id, yuan(case.amount_fen)),
            headline=_HEADLINES[case.state],
            left=sections.time_left(case, now) if case.deadline_at else "",
            steps=_steps(case),
            buttons=buttons,
            dialogs=frozenset(button.opens for button in buttons),
            service_word=SERVICE_AGREES.get(case.type, ""),
            left_column=self._left(case, now),
            right_column=self._right(case, world.shop(session.actor)),
            addresses=addresses,
            default_address=addresses[0][0] if addresses and _dice(self._kit.seed, case, "address") % 2 else None,
            plans=plans(case),
            most=yuan(most_fen(case)),
            guide=None if guided or not buttons else _GUIDE,
        )

    def _left(self, case: Case, now: datetime) -> tuple[Section, ...]:
        world = self._kit.world
        return (
            sections.claim(case, now),
            sections.order(case),
            sections.logistics(case, world.parcel(case.order.forward), world.parcel(case.backward)),
            sections.warehouse(case),
            sections.others(world.others(case)),
        )

    def _right(self, case: Case, shop: Shop) -> tuple[Section, ...]:
        return (
            sections.negotiation(case),
            *((sections.offers(case),) if shop.negotiates else ()),
            sections.complaint(case),
            sections.remarks(case),
            sections.protection(case),
            sections.refunds(case),
            sections.buyer_record(case),
        )


def _button(case: Case, button: Button) -> ActionButton:
    plain = ActionButton(BUTTONS[button], opens=_OPENS.get(button, ""), weighty=button is not Button.REMARK)
    match button:
        case Button.BATCH_AGREE:
            return replace(plain, href=f"{LIST_PATH}/batch?disputeId={case.aftersale_id}")
        case Button.REFUSE:
            return replace(plain, text=_refuse_word(case), href=f"{LIST_PATH}/refuse?disputeId={case.aftersale_id}")
        case Button.COMPLAIN:
            return replace(plain, href=f"{LIST_PATH}/complain?disputeId={case.aftersale_id}", weighty=False)
        case Button.AGREE_SERVICE:
            return replace(plain, text=SERVICE_AGREES[case.type])
        case _:
            return plain


def _refuse_word(case: Case) -> str:
    if case.type in SERVICES:
        return REFUSE_SERVICE
    return REFUSE_RECEIPT if case.state is CaseState.WAIT_SELLER_RECEIVE else BUTTONS[Button.REFUSE]


def _steps(case: Case) -> tuple[Step, ...]:
    returns = case.type is CaseType.RETURN_REFUND or case.type in SERVICES
    words = _RESEND_STEPS if case.type is CaseType.RESEND else _RETURN_STEPS if returns else _REFUND_STEPS
    here = min(_STEP_OF_STATE.get(case.state, len(words)), len(words))
    return tuple(
        Step(word, "done" if place < here else "now" if place == here else "") for place, word in enumerate(words)
    )


def _dice(seed: int, case: Case, what: str) -> int:
    """A number that a seed and a case always repeat."""
    return hashlib.sha256(f"{seed}:{what}:{case.aftersale_id}".encode()).digest()[0]


def _notice_place(seed: int, case: Case) -> str:
    """Where the second dialog with the same words lies: above the case's own, beneath it, or nowhere (trap of 3.1)."""
    return ("above", "beneath", "", "", "")[_dice(seed, case, "notice") % 5]
