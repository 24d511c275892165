"""The complaint page behind 异常退款投诉: scene, words, proofs, one click (domain.md 4, 5)."""

from __future__ import annotations

from typing import Final

from bot.browser.act import choose, clear_overlays, fill, find
from bot.domain.action import Complain, ComplaintScene
from bot.ports.desks import Permit
from flows.sending import before_sending
from flows.taobao import endpoints, wording
from flows.taobao.evidence import Place, ProofForm
from flows.taobao.firing import fire

_OPTIONS: Final[dict[ComplaintScene, str]] = {scene: words for words, scene in wording.SCENES.items()}


class ComplaintForm(ProofForm):
    """One case's complaint page."""

    place = Place(
        path=endpoints.COMPLAIN_PAGE,
        section=wording.COMPLAINT_SECTION,
        upload=endpoints.UPLOAD_COMPLAINT,
        upload_target="complain.upload",
        barred=wording.NO_COMPLAINT,
        code="complain.barred",
    )

    async def complain(self, action: Complain, permit: Permit) -> None:
        """Choose the scene, say what happened, press once. See `CasePage.perform`."""
        write = self._office.targets.write
        with before_sending(self._case):
            await self._fill_in(action)
        await fire(self._office, self._page, write("complain.submit"), permit)

    async def _fill_in(self, action: Complain) -> None:
        """All that the request will carry, read back; case, amount and pictures compared last."""
        page, write = self._page, self._office.targets.write
        await clear_overlays(page, self._office.targets.screen("overlay"))
        await choose(page, find(page, write("complain.scene")), _OPTIONS[action.scene], "complain.scene")
        await fill(find(page, write("complain.message")), action.message, "complain.message")
        self._expect_ready(await self._block(), action.amount, action.proofs)
