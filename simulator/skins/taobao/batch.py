"""The bulk page behind 批量同意退款: a trap for robots, a convenience for people."""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from simulator.skins.taobao.formats import yuan
from simulator.skins.taobao.kit import Kit
from simulator.skins.taobao.menu import LIST_PATH
from simulator.skins.taobao.sections import state_word, type_word
from simulator.world.accounts import Session
from simulator.world.listing import ListQuery, Tab
from simulator.world.model import Button, Case


class BatchPage:
    """`GET …/batch`: the asked case together with the other cases that could be agreed to."""

    def __init__(self, kit: Kit) -> None:
        self._kit = kit

    def routes(self) -> list[BaseRoute]:
        """The page of this file."""
        return [Route(f"{LIST_PATH}/batch", self._kit.page(self._page))]

    async def _page(self, request: Request, session: Session) -> Response:
        cases = self._asked(request, session) or self._others(session)
        items = [{"disputeId": c.aftersale_id, "amount": c.amount_fen, "version": c.version} for c in cases]
        rows = [(c.aftersale_id, type_word(c), state_word(c), yuan(c.amount_fen)) for c in cases]
        return self._kit.shell("batch.html", session, "refunds", {"kind": "batch", "items": items}, rows=rows)

    def _asked(self, request: Request, session: Session) -> list[Case]:
        ids = request.query_params.getlist("disputeId")
        return [case for case in (self._kit.world.case(session.actor, number) for number in ids) if self._open(case)]

    def _others(self, session: Session) -> list[Case]:
        rows = self._kit.world.list_cases(session.actor, ListQuery(tab=Tab.WAIT_SELLER)).rows
        return [case for case in rows if self._open(case)]

    def _open(self, case: Case) -> bool:
        return Button.AGREE_REFUND in self._kit.world.buttons(case)
