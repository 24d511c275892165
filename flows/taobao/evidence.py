"""Forms that take proofs, uploaded and read back by hash; and the refusal page, which is one (domain.md 31 to 36)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar, Self

from playwright.async_api import Error as BrowserError
from playwright.async_api import Page

from bot.browser.act import PRESS_MS, choose, clear_overlays, fill, find, press, trouble
from bot.browser.artifacts import witnessed
from bot.browser.exchange import Answer, listening
from bot.browser.read import Block
from bot.domain.action import Refuse
from bot.domain.base import Sha256
from bot.domain.ids import CaseKey
from bot.domain.money import Money
from bot.errors import EvidenceDemanded, EvidenceRefused, NotAllowed, PageError, PromptOpen
from bot.ports.desks import Permit, Proof
from flows.sending import before_sending
from flows.taobao import endpoints, wording
from flows.taobao.answers import DID_NOTHING, SUCCESS, check_ret
from flows.taobao.firing import expect_named, fire
from flows.taobao.office import Office


@dataclass(frozen=True, slots=True)
class Place:
    """What differs from form to form: its address, its section, where its pictures go, and how the page says no."""

    path: str
    section: str
    upload: str
    upload_target: str
    barred: str
    code: str

    def expect_open(self, block: Block, case: CaseKey, url: str) -> None:
        """Raises PageError for another case's form, NotAllowed where the platform bars the act."""
        shown = block.value("售后编号")
        if shown != case.aftersale_id:
            raise PageError(f"the form names {shown}", case=case.aftersale_id, page=url, raw=shown)
        if self.barred in block.words:
            raise NotAllowed("the platform bars it", case=case.aftersale_id, code=self.code)


class ProofForm:
    """One case's form in a tab of its own, kept open from the upload of its proofs to its one click."""

    place: ClassVar[Place]

    def __init__(self, office: Office, page: Page, case: CaseKey) -> None:
        self._office = office
        self._page = page
        self._case = case

    @classmethod
    async def open(cls, office: Office, case: CaseKey) -> Self:
        """Load the page. Raises NotAllowed where the platform bars the act, PageError for another case."""
        page = await office.browser.new_tab()
        form = cls(office, page, case)
        try:
            async with witnessed(page):
                await office.go(page, f"{cls.place.path}?disputeId={case.aftersale_id}")
                form._expect_open(await form._block())
        except BaseException:
            await page.close()
            raise
        return form

    @property
    def page(self) -> Page:
        """The form's own tab."""
        return self._page

    async def close(self) -> None:
        await self._page.close()

    async def attach(self, proofs: Sequence[Proof]) -> tuple[Sha256, ...]:
        """Upload what is not there yet, and compare, by hash, what the server holds with what was meant.

        Raises:
            EvidenceRefused: the server refuses a picture, or holds others.
            PageError: the page cannot be used.
        """
        held = proofs_held(await self._block())
        missing = [proof for proof in proofs if not _names_any(held, proof)]
        with self._office.guard.admit_uploads(self._case, len(missing)):
            for proof in missing:
                await self._upload(proof)
        return await self._read_back(proofs)

    async def _block(self) -> Block:
        return (await self._office.read(self._page)).section(self.place.section)

    def _expect_open(self, block: Block) -> None:
        self.place.expect_open(block, self._case, self._page.url)

    def _expect_ready(self, block: Block, amount: Money, proofs: Sequence[Sha256]) -> None:
        """Case, amount and pictures are the ones meant; compared last, right before the click."""
        self._expect_open(block)
        expect_named(block, self._case, amount)
        _expect_proofs(block, proofs, self._case)

    async def _upload(self, proof: Proof) -> None:
        target = self._office.targets.write(self.place.upload_target)
        button = find(self._page, target)
        try:
            async with self._page.expect_file_chooser(timeout=PRESS_MS) as opening:
                await press(button, target.key)
            with listening(self._page, self.place.upload) as exchange:
                await (await opening.value).set_files(
                    {
                        "name": f"{proof.sha256[:16]}.{_suffix(proof)}",
                        "mimeType": proof.media_type,
                        "buffer": proof.data,
                    }
                )
                answer = await exchange.answer()
        except BrowserError as error:
            raise await trouble(error, button, target.key) from error
        if answer is None:
            raise PageError("the upload was not answered", page=self._page.url, target=target.key)
        self._expect_held(answer, proof)

    def _expect_held(self, answer: Answer, proof: Proof) -> None:
        ret = str(answer.body.get("ret", ""))
        if answer.status < 300 and ret not in {SUCCESS, "RATE_LIMITED", *DID_NOTHING}:
            said = str(answer.body.get("msg", ret))
            raise EvidenceRefused(f"the platform refuses the picture: {said}", case=self._case.aftersale_id, raw=said)
        check_ret(answer, self._page.url)
        held = dict(answer.body.get("data") or {}).get("sha256")
        if held != proof.sha256:
            raise EvidenceRefused(f"the server holds {held}, sent was {proof.sha256}", case=self._case.aftersale_id)

    async def _read_back(self, proofs: Sequence[Proof]) -> tuple[Sha256, ...]:
        """The thumbnails, once all are drawn; each is named by the start of its hash."""
        wanted = tuple(proof.sha256 for proof in proofs)
        try:
            for sha256 in wanted:
                await self._page.locator(f"section img[alt^='{sha256[:8]}']").wait_for(timeout=PRESS_MS)
        except BrowserError as error:
            raise EvidenceRefused("the form does not show all proofs", case=self._case.aftersale_id) from error
        _expect_proofs(await self._block(), wanted, self._case)
        return wanted


class RefusalForm(ProofForm):
    """The refusal page."""

    place = Place(
        path=endpoints.REFUSE_PAGE,
        section=wording.REFUSAL_SECTION,
        upload=endpoints.UPLOAD,
        upload_target="refuse.upload",
        barred=wording.BARRED,
        code="refuse.barred",
    )

    def __init__(self, office: Office, page: Page, case: CaseKey) -> None:
        super().__init__(office, page, case)
        self._prompt_open = False

    async def refuse(self, action: Refuse, permit: Permit) -> None:
        """Choose the reason, say why, press once. See `CasePage.perform`.

        The second prompt: without `without_proof_allowed` 去举证 is pressed and EvidenceDemanded raised. With it the prompt
        stays open, PromptOpen is raised, and the next call, which brings a permit of its own, presses 继续拒绝: one permit
        lets one request out, and the first one was spent on being asked.
        """
        if self._prompt_open:
            self._prompt_open = False
            await self._fire("prompt.refuse_anyway", permit)
            return
        with before_sending(self._case):
            await self._fill_in(action)
        try:
            await self._fire("refuse.submit", permit)
        except EvidenceDemanded as demanded:
            raise await self._answer_prompt(action, demanded) from demanded

    async def _fire(self, key: str, permit: Permit) -> None:
        await fire(self._office, self._page, self._office.targets.write(key), permit)

    async def _fill_in(self, action: Refuse) -> None:
        """All that the request will carry, read back; id and amount compared last."""
        page, target = self._page, self._office.targets.write
        await clear_overlays(page, self._office.targets.screen("overlay"))
        await choose(page, find(page, target("refuse.reason")), wording.REFUSALS[action.reason], "refuse.reason")
        await fill(find(page, target("refuse.message")), action.message, "refuse.message")
        block = await self._block()
        self._expect_ready(block, action.amount, action.proofs)

    async def _answer_prompt(self, action: Refuse, demanded: EvidenceDemanded) -> EvidenceDemanded:
        if action.without_proof_allowed:
            self._prompt_open = True
            return PromptOpen(str(demanded), case=self._case.aftersale_id)
        target = self._office.targets.write("prompt.give_proof")
        await press(find(self._page, target), target.key)
        return demanded


def _suffix(proof: Proof) -> str:
    return {"image/jpeg": "jpg", "image/png": "png", "image/gif": "gif"}[proof.media_type]


def _names_any(alts: Sequence[str], proof: Proof) -> bool:
    return any(alt and proof.sha256.startswith(alt) for alt in alts)


def proofs_held(block: Block) -> list[str]:
    """What names each picture that a form holds: the start of its hash."""
    return [picture.alt for picture in block.pictures]


def _expect_proofs(block: Block, wanted: Sequence[Sha256], case: CaseKey) -> None:
    """As many thumbnails as proofs, each naming one of them: a stranger's picture must not go out under our name."""
    alts = proofs_held(block)
    named = [alt for alt in alts if len(alt) >= 8 and any(sha.startswith(alt) for sha in wanted)]
    if len(alts) != len(wanted) or len(set(named)) != len(wanted):
        raise EvidenceRefused(
            f"the form holds {alts}, meant were {[sha[:8] for sha in wanted]}", case=case.aftersale_id
        )
