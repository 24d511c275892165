"""The guard's table for Taobao/Tmall: which requests read, which write, and where a body names case and amount (design.md 4.9)."""

from __future__ import annotations

from types import MappingProxyType
from typing import Final

from bot.browser.rules import Endpoint, GuardedRequest, GuardRules, Kind, Reader, Stated, origin_of, whole_fen
from bot.domain.action import Verb

_API: Final = "/h5api/dispute"
LIST: Final = f"{_API}/list"
UPLOAD: Final = f"{_API}/uploadProof"
UPLOAD_COMPLAINT: Final = f"{_API}/uploadComplaint"
INTERCEPT_QUOTE: Final = f"{_API}/interceptQuote"
LOGIN: Final = "/login"
HOME: Final = "/home"
LIST_PAGE: Final = "/trade-platform/refund-list"
DETAIL_PAGE: Final = f"{LIST_PAGE}/detail"
REFUSE_PAGE: Final = f"{LIST_PAGE}/refuse"
COMPLAIN_PAGE: Final = f"{LIST_PAGE}/complain"

AGREE: Final = f"{_API}/agree"
CONFIRM_RECEIPT: Final = f"{_API}/confirmReceipt"
AGREE_RETURN: Final = f"{_API}/agreeReturn"
REFUSE: Final = f"{_API}/refuse"
INTERCEPT: Final = f"{_API}/intercept"
REMARK: Final = f"{_API}/remark"
NEGOTIATE: Final = f"{_API}/negotiate"
COMPLAIN: Final = f"{_API}/complain"

_READS: Final = (LIST, f"{_API}/stat", INTERCEPT_QUOTE)
SIGN_IN_SUBMIT: Final = "/login/submit"
_SIGN_IN: Final = (SIGN_IN_SUBMIT, "/login/sms", "/login/slider")
_NOISE: Final = ("/h5api/telemetry",)


def _amount_of(key: str) -> Reader:
    def stated(request: GuardedRequest) -> Stated:
        body = request.json()
        return Stated(aftersale_id=_case(body), amount=whole_fen(body[key]))

    return stated


def _of_refusal(request: GuardedRequest) -> Stated:
    """`force` is 继续拒绝: the refusal goes on although no proof was given; what is not plainly yes or no is unreadable."""
    body = request.json()
    insists = body.get("force", False)
    if not isinstance(insists, bool):
        raise TypeError(f"force is neither yes nor no: {insists!r}")
    return Stated(aftersale_id=_case(body), amount=whole_fen(body["amount"]), insists=insists)


def _no_amount(request: GuardedRequest) -> Stated:
    return Stated(aftersale_id=_case(request.json()))


def _of_upload(request: GuardedRequest) -> Stated:
    return Stated(aftersale_id=request.query["disputeId"])


def _case(body: dict[str, object]) -> str:
    found = body["disputeId"]
    if not isinstance(found, str):
        raise TypeError(f"disputeId is no text: {found!r}")
    return found


_WRITES: Final = MappingProxyType(
    {
        AGREE: (Verb.AGREE_REFUND, _amount_of("amount")),
        CONFIRM_RECEIPT: (Verb.AGREE_REFUND, _amount_of("amount")),
        AGREE_RETURN: (Verb.AGREE_RETURN, _amount_of("amount")),
        REFUSE: (Verb.REFUSE, _of_refusal),
        INTERCEPT: (Verb.INTERCEPT, _amount_of("fee")),
        REMARK: (Verb.REMARK, _no_amount),
        NEGOTIATE: (Verb.NEGOTIATE, _amount_of("offer")),
        COMPLAIN: (Verb.COMPLAIN, _amount_of("amount")),
    }
)
"""A write passes only on a permit of its verb, for the case and amount in its own body; any other POST is unlisted."""


def guard_rules(shop_url: str) -> GuardRules:
    """The table for the back end at that address; nothing outside its origin may be asked for."""
    entries = [
        *(Endpoint("POST", path, Kind.READ) for path in (*_READS, *_SIGN_IN)),
        *(Endpoint("POST", path, Kind.NOISE) for path in _NOISE),
        *(Endpoint("POST", path, Kind.UPLOAD, stated=_of_upload) for path in (UPLOAD, UPLOAD_COMPLAINT)),
        *(Endpoint("POST", path, Kind.WRITE, frozenset({verb}), stated) for path, (verb, stated) in _WRITES.items()),
    ]
    return GuardRules(origins=frozenset({origin_of(shop_url)}), endpoints=tuple(entries))
