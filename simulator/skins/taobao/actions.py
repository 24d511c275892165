"""The XHR that change a case. Each checks session, right, version and amount in the world and answers in one envelope."""

from __future__ import annotations

from typing import Final

from starlette.requests import Request
from starlette.routing import BaseRoute, Route

from simulator.skins.taobao.formats import yuan
from simulator.skins.taobao.kit import Body, Kit, XhrHandler, bad_request, number, text
from simulator.world.accounts import Session
from simulator.world.model import Case

_BATCH_LIMIT: Final = 20


class ActionXhr:
    """`/h5api/dispute/*` of docs/simulator.md."""

    def __init__(self, kit: Kit) -> None:
        self._kit = kit
        self._world = kit.world

    def routes(self) -> list[BaseRoute]:
        """The XHR of this file."""
        handlers: dict[str, XhrHandler] = {
            "agree": self._agree,
            "agreeReturn": self._agree_return,
            "confirmReceipt": self._confirm_receipt,
            "agreeService": self._agree_service,
            "batchAgree": self._batch_agree,
            "refuse": self._refuse,
            "interceptQuote": self._quote,
            "intercept": self._intercept,
            "remark": self._remark,
            "negotiate": self._negotiate,
            "complain": self._complain,
        }
        return [
            Route(f"/h5api/dispute/{name}", self._kit.xhr(handler), methods=["POST"])
            for name, handler in handlers.items()
        ]

    async def _agree(self, request: Request, session: Session, body: Body) -> Body:
        del request
        code = text(body, "smsCode", "") or None
        if self._lies():
            return {}
        return _state(self._world.agree_refund(session.actor, *_claim(body), sms_code=code))

    async def _agree_return(self, request: Request, session: Session, body: Body) -> Body:
        del request
        address, message = text(body, "addressId"), text(body, "message", "")
        if self._lies():
            return {}
        return _state(self._world.agree_return(session.actor, *_claim(body), address, message))

    async def _confirm_receipt(self, request: Request, session: Session, body: Body) -> Body:
        del request
        if self._lies():
            return {}
        return _state(self._world.confirm_receipt(session.actor, *_claim(body)))

    async def _agree_service(self, request: Request, session: Session, body: Body) -> Body:
        del request
        return _state(self._world.agree_service(session.actor, *_claim(body)))

    async def _batch_agree(self, request: Request, session: Session, body: Body) -> Body:
        """The trap's teeth: whoever presses the bulk button really pays every case on the page."""
        del request
        items = body.get("items")
        if not isinstance(items, list) or not 0 < len(items) <= _BATCH_LIMIT:
            raise bad_request("请先勾选需要处理的售后单")
        claims = [_claim(item) for item in items if isinstance(item, dict)]
        return {"agreed": [_state(self._world.agree_refund(session.actor, *claim)) for claim in claims]}

    async def _refuse(self, request: Request, session: Session, body: Body) -> Body:
        del request
        proofs, force = _proofs(body), body.get("force") is True
        reason, message = text(body, "reasonId"), text(body, "message")
        if self._lies():
            return {}
        return _state(self._world.refuse(session.actor, *_claim(body), reason, message, proofs, force=force))

    async def _quote(self, request: Request, session: Session, body: Body) -> Body:
        del request
        quote = self._world.intercept_quote(session.actor, text(body, "disputeId"), number(body, "version"))
        return {
            "waybill": quote.waybill,
            "feasible": quote.feasible,
            "fee": quote.fee_fen,
            "feeText": yuan(quote.fee_fen),
            "reason": quote.reason,
            "otherGoods": list(quote.other_goods),
        }

    async def _intercept(self, request: Request, session: Session, body: Body) -> Body:
        del request
        dispute, version = text(body, "disputeId"), number(body, "version")
        waybill, fee = text(body, "waybill"), number(body, "fee")
        if self._lies():
            return {}
        return _state(self._world.intercept_commit(session.actor, dispute, version, waybill, fee))

    async def _remark(self, request: Request, session: Session, body: Body) -> Body:
        del request
        words, flag = text(body, "text"), text(body, "flag", "")
        if self._lies():
            return {}
        return _state(self._world.remark(session.actor, text(body, "disputeId"), words, flag))

    async def _negotiate(self, request: Request, session: Session, body: Body) -> Body:
        del request
        plan, offer, message = text(body, "plan"), number(body, "offer"), text(body, "message", "")
        if self._lies():
            return {}
        return _state(self._world.negotiate(session.actor, *_claim(body), plan, offer, message))

    async def _complain(self, request: Request, session: Session, body: Body) -> Body:
        del request
        scene, message, proofs = text(body, "scene"), text(body, "message"), _proofs(body)
        if self._lies():
            return {}
        return _state(self._world.complain(session.actor, *_claim(body), scene, message, proofs))

    def _lies(self) -> bool:
        """Fault lying_toast: the answer says success and nothing happened (F61)."""
        return self._kit.faults.draw("lying_toast")


def _claim(body: Body) -> tuple[str, int, int]:
    """Which case, for how much (fen), as read at which version."""
    return text(body, "disputeId"), number(body, "amount"), number(body, "version")


def _proofs(body: Body) -> list[str]:
    """The sha256 of uploaded pictures."""
    proofs = body.get("proofs", [])
    if not isinstance(proofs, list) or not all(isinstance(sha, str) for sha in proofs):
        raise bad_request()
    return proofs


def _state(case: Case) -> Body:
    return {"disputeId": case.aftersale_id, "version": case.version}
