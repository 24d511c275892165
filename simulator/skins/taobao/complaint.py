"""The page behind 异常退款投诉: a reconstruction from one paragraph (domain.md 4, 5), since no live page was seen."""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from simulator.skins.taobao.formats import yuan
from simulator.skins.taobao.kit import Body, Kit, uploaded
from simulator.skins.taobao.menu import LIST_PATH
from simulator.skins.taobao.pictures import picture_path
from simulator.world.accounts import Session
from simulator.world.model import Button
from simulator.world.wording import SCENE_NAMES


class ComplaintPages:
    """`GET …/complain` and the upload of its pictures; the complaint itself is one of the actions."""

    def __init__(self, kit: Kit) -> None:
        self._kit = kit

    def routes(self) -> list[BaseRoute]:
        """The page and XHR of this file."""
        return [
            Route(f"{LIST_PATH}/complain", self._kit.page(self._page)),
            Route("/h5api/dispute/uploadComplaint", self._kit.xhr(self._upload), methods=["POST"]),
        ]

    async def _page(self, request: Request, session: Session) -> Response:
        world = self._kit.world
        case = world.case(session.actor, request.query_params.get("disputeId", ""))
        page_data: Body = {
            "kind": "complain",
            "disputeId": case.aftersale_id,
            "amount": case.amount_fen,
            "version": case.version,
            "detail": f"{LIST_PATH}/detail?disputeId={case.aftersale_id}",
            "twice": self._kit.faults.draw("double_bound_handler"),
            "proofs": [{"sha256": one.sha256, "src": picture_path(one.sha256)} for one in case.complaint_proofs],
        }
        facts = {"dispute_id": case.aftersale_id, "amount": yuan(case.amount_fen)}
        scenes = tuple((scene.value, words) for scene, words in SCENE_NAMES.items())
        is_open = Button.COMPLAIN in world.buttons(case)
        return self._kit.shell("complain.html", session, "refunds", page_data, case=facts, scenes=scenes, open=is_open)

    async def _upload(self, request: Request, session: Session, body: Body) -> Body:
        del body
        content = await uploaded(request)
        proof = self._kit.world.upload_complaint(session.actor, request.query_params.get("disputeId", ""), content)
        return {"sha256": proof.sha256, "index": proof.index}
