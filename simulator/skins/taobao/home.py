"""The workbench after sign-in: counters, notices, and the way to 退款管理."""

from __future__ import annotations

from datetime import datetime
from typing import Final

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from simulator.skins.taobao.formats import countdown, moment, yuan
from simulator.skins.taobao.kit import Kit
from simulator.skins.taobao.sections import type_word
from simulator.skins.taobao.wording import COUNTERS
from simulator.world.accounts import Session
from simulator.world.listing import ListQuery, Sort, Tab
from simulator.world.model import Case

_NEWS: Final = (
    ("售后", "关于退款拒绝环节增加商家举证的说明"),
    ("规则", "《淘宝平台争议处理规则》变更公示"),
    ("大促", "年终大促发货时效要求提醒"),
    ("物流", "部分地区快递停运与延误通知"),
    ("安全", "子账号权限分级管理升级公告"),
)
_WEEK: Final = (("周一", 52), ("周二", 40), ("周三", 60), ("周四", 46), ("周五", 70), ("周六", 81), ("周日", 66))
_PRESSING: Final = 5


class HomePage:
    """`GET /home`."""

    def __init__(self, kit: Kit) -> None:
        self._kit = kit

    def routes(self) -> list[BaseRoute]:
        """The page of this file."""
        return [Route("/home", self._kit.page(self._page))]

    async def _page(self, request: Request, session: Session) -> Response:
        del request
        counters = self._kit.world.counters(session.actor)
        todo = [(word, getattr(counters, key)) for key, word in COUNTERS]
        now = self._kit.world.now()
        query = ListQuery(tab=Tab.WAIT_SELLER, sort=Sort.DEADLINE)
        pressing = [_pressing(case, now) for case in self._kit.world.list_cases(session.actor, query).rows[:_PRESSING]]
        return self._kit.shell(
            "home.html",
            session,
            "home",
            {"kind": "home"},
            todo=todo,
            news=_NEWS,
            week=_WEEK,
            today=moment(now),
            pressing=pressing,
        )


def _pressing(case: Case, now: datetime) -> tuple[str, ...]:
    """A line of 即将超时: number, type, amount, time left."""
    return case.aftersale_id, type_word(case), yuan(case.amount_fen), countdown(case.deadline_at, now)
