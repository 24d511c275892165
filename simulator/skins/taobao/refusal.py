"""The refusal page: a reconstruction from one article (domain.md 1.4), since no live page was seen."""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from simulator.skins.taobao.formats import yuan
from simulator.skins.taobao.kit import Body, Kit, uploaded
from simulator.skins.taobao.menu import LIST_PATH
from simulator.skins.taobao.pictures import picture_path
from simulator.skins.taobao.wording import MARKER
from simulator.world.accounts import Session


class RefusalPages:
    """`GET …/refuse` and the upload of proofs; the refusal itself is one of the actions."""

    def __init__(self, kit: Kit) -> None:
        self._kit = kit

    def routes(self) -> list[BaseRoute]:
        """The page and XHR of this file."""
        return [
            Route(f"{LIST_PATH}/refuse", self._kit.page(self._page)),
            Route("/h5api/dispute/uploadProof", self._kit.xhr(self._upload), methods=["POST"]),
        ]

    async def _page(self, request: Request, session: Session) -> Response:
        world = self._kit.world
        case = world.case(session.actor, request.query_params.get("disputeId", ""))
        page_data: Body = {
            "kind": "refuse",
            "disputeId": case.aftersale_id,
            "amount": case.amount_fen,
            "version": case.version,
            "detail": f"{LIST_PATH}/detail?disputeId={case.aftersale_id}",
            "twice": self._kit.faults.draw("double_bound_handler"),
        }
        facts = {"dispute_id": case.aftersale_id, "amount": yuan(case.amount_fen)}
        proofs = [{"sha256": proof.sha256, "src": picture_path(proof.sha256)} for proof in case.proofs]
        form = world.refusal_form(session.actor, case.aftersale_id)
        return self._kit.shell(
            "refuse.html", session, "refunds", {**page_data, "proofs": proofs}, case=facts, form=form, marker=MARKER
        )

    async def _upload(self, request: Request, session: Session, body: Body) -> Body:
        del body
        content = await uploaded(request)
        proof = self._kit.world.upload_proof(session.actor, request.query_params.get("disputeId", ""), content)
        return {"sha256": proof.sha256, "index": proof.index}
