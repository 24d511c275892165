"""What a real back end does beside its work: telemetry, beacons, static files and pictures."""

from __future__ import annotations

from typing import Final

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import BaseRoute, Route

from simulator.skins.taobao.kit import COOKIE, Kit
from simulator.skins.taobao.pictures import goods_svg
from simulator.world.errors import WorldError

_FOR_EVER: Final = {"Cache-Control": "public, max-age=31536000, immutable"}
_PIXEL: Final = bytes.fromhex("47494638396101000100800000000000ffffff21f90401000000002c00000000010001000002024401003b")


class Noise:
    """Everything that carries no business."""

    def __init__(self, kit: Kit) -> None:
        self._kit = kit

    def routes(self) -> list[BaseRoute]:
        """The addresses of this file."""
        return [
            Route("/h5api/telemetry", self._telemetry, methods=["POST"]),
            Route("/img/beacon.gif", self._beacon),
            Route("/static/{name}", self._static),
            Route("/img/goods/{number:int}.svg", self._goods),
            Route("/img/{sha}.png", self._picture),
        ]

    async def _telemetry(self, request: Request) -> Response:
        await request.body()
        return JSONResponse({"ret": "SUCCESS", "msg": "", "data": {}}, headers={"Cache-Control": "no-store"})

    async def _beacon(self, request: Request) -> Response:
        del request
        return Response(_PIXEL, media_type="image/gif", headers={"Cache-Control": "no-store"})

    async def _static(self, request: Request) -> Response:
        asset = self._kit.styling.assets.get(request.url.path)
        if asset is None:
            return Response(status_code=404)
        return Response(asset.content, headers={**_FOR_EVER, "Content-Type": asset.media_type})

    async def _goods(self, request: Request) -> Response:
        try:
            drawing = goods_svg(request.path_params["number"])
        except IndexError:
            return Response(status_code=404)
        return Response(drawing, media_type="image/svg+xml", headers=_FOR_EVER)

    async def _picture(self, request: Request) -> Response:
        """A buyer's picture or an uploaded proof, for signed-in eyes only."""
        try:
            self._kit.world.session(request.cookies.get(COOKIE))
        except WorldError:
            return Response(status_code=403)
        content = self._kit.world.picture(request.path_params["sha"])
        if content is None:
            return Response(status_code=404)
        return Response(content, media_type=_media_type(content), headers=_FOR_EVER)


def _media_type(content: bytes) -> str:
    if content.startswith(b"\xff\xd8\xff"):
        return "image/jpeg"
    return "image/gif" if content.startswith(b"GIF8") else "image/png"
