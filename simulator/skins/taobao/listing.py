"""The refund list: an empty page whose rows come by XHR, in a frame for some shops, and its counters (domain.md 3.3)."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import Final, TypeVar

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from simulator.skins.taobao.formats import countdown, moment, yuan
from simulator.skins.taobao.kit import Body, Kit, bad_request, text
from simulator.skins.taobao.menu import LIST_PATH
from simulator.skins.taobao.pictures import goods_picture
from simulator.skins.taobao.sections import ship_word, state_word, type_word
from simulator.skins.taobao.wording import ANY_TYPE, COUNTERS, LIST_HEAD, SORTS, STATE_TONES, TABS, TYPES
from simulator.world.accounts import Session
from simulator.world.listing import ListQuery, Sort, Tab
from simulator.world.model import Case, CaseType

_Word = TypeVar("_Word", bound=StrEnum)
_SORT_WORDS: Final = tuple((key.value, word) for key, word in SORTS)
_TYPE_WORDS: Final = (ANY_TYPE, *((kind.value, word) for kind, word in TYPES.items()))


class ListPages:
    """The list page, its frame variant, and the two XHR that fill it."""

    def __init__(self, kit: Kit) -> None:
        self._kit = kit

    def routes(self) -> list[BaseRoute]:
        """The pages and XHR of this file."""
        return [
            Route(LIST_PATH, self._kit.page(self._page)),
            Route(f"{LIST_PATH}/frame", self._kit.page(self._frame)),
            Route("/h5api/dispute/list", self._kit.xhr(self._rows), methods=["POST"]),
            Route("/h5api/dispute/stat", self._kit.xhr(self._counters), methods=["POST"]),
        ]

    async def _page(self, request: Request, session: Session) -> Response:
        if self._kit.world.shop(session.actor).list_in_frame:
            return self._kit.shell("list_host.html", session, "refunds", frame=f"{LIST_PATH}/frame")
        return self._kit.shell("list.html", session, "refunds", self._page_data(session), **self._words(request))

    async def _frame(self, request: Request, session: Session) -> Response:
        return self._kit.render("list_frame.html", self._page_data(session), **self._words(request))

    def _page_data(self, session: Session) -> Body:
        lingers = self._kit.world.shop(session.actor).rows_linger
        return {"kind": "list", "seed": self._kit.seed, "detail": f"{LIST_PATH}/detail", "lingers": lingers}

    @staticmethod
    def _words(request: Request) -> Body:
        return {
            "tabs": TABS,
            "counters": COUNTERS,
            "head": LIST_HEAD,
            "types": _TYPE_WORDS,
            "sorts": _SORT_WORDS,
            "guided": "qn_guide_list" in request.cookies,
        }

    async def _rows(self, request: Request, session: Session, body: Body) -> Body:
        del request
        world = self._kit.world
        page = world.list_cases(session.actor, _query(body))
        now = world.now()
        return {
            "total": page.total,
            "page": page.page,
            "pages": page.pages,
            "rows": [_row(case, now) for case in page.rows],
        }

    async def _counters(self, request: Request, session: Session, body: Body) -> Body:
        del request, body
        counters = self._kit.world.counters(session.actor)
        return {key: getattr(counters, key) for key, _ in COUNTERS}


def _query(body: Body) -> ListQuery:
    kind = text(body, "type", "")
    page = body.get("page", 1)
    if not isinstance(page, int) or isinstance(page, bool):
        raise bad_request()
    return ListQuery(
        tab=_one_of(Tab, text(body, "tab", Tab.ALL)),
        type=_one_of(CaseType, kind) if kind else None,
        sort=_one_of(Sort, text(body, "sort", Sort.APPLIED)),
        keyword=text(body, "keyword", ""),
        page=page,
    )


def _one_of(words: type[_Word], value: str) -> _Word:
    try:
        return words(value)
    except ValueError as error:
        raise bad_request() from error


def _row(case: Case, now: datetime) -> Body:
    goods = case.order.goods[0]
    return {
        "disputeId": case.aftersale_id,
        "bizOrderId": case.order.order_id,
        "goods": {"title": goods.title, "spec": goods.spec, "img": goods_picture(goods.title)},
        "type": type_word(case),
        "refundFee": yuan(case.amount_fen),
        "reason": case.reason,
        "shipStatus": ship_word(case),
        "status": {"text": state_word(case), "tone": STATE_TONES[case.state]},
        "timeLeft": countdown(case.deadline_at, now),
        "urged": case.urged,
        "applyTime": moment(case.applied_at),
    }
