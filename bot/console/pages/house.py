"""The house itself: budgets, shops and sessions, alarms, audit and anchors, what waits for a second person; pictures."""

from __future__ import annotations

import io
import json
import re
from collections.abc import Sequence
from dataclasses import dataclass

from PIL import Image
from starlette.responses import PlainTextResponse, Response

from bot.console.pages.cases import shop_of
from bot.console.pages.strategies import changed_lines
from bot.console.visit import Visit
from bot.domain.base import Sha256
from bot.domain.decision import Plan
from bot.domain.money import Money
from bot.errors import EvidenceRefused
from bot.ports.deciding import HandPreview
from bot.ports.office import Office
from bot.ports.office_views import AlarmLine, BudgetView, Signoff, Unavailable
from bot.ports.wanted import HandVerdict, Wanted

ALARMS, DOINGS, BUYERS = 100, 40, 12
_ANCHOR = re.compile(r"\s*(?P<seq>[0-9]{1,12})[\s:/]+(?P<hash>[0-9a-f]{64})\s*", re.ASCII)
_PICTURES = {"PNG": "image/png", "JPEG": "image/jpeg", "WEBP": "image/webp", "GIF": "image/gif"}


async def budgets(visit: Visit) -> Response:
    """Today's, each with its cap: shops first, then strategies, then the buyers who got most."""
    lines = sorted(await visit.ask(visit.office.budgets), key=_place)
    buyers = [one for one in lines if _kind(one) == "buyer"]
    shown = [one for one in lines if _kind(one) != "buyer"] + buyers[:BUYERS]
    return await visit.page("budgets", budgets=shown, hidden=max(0, len(buyers) - BUYERS))


def _kind(view: BudgetView) -> str:
    return view.line.scope.partition(":")[0]


def _place(view: BudgetView) -> tuple[int, int]:
    order = ("shop", "strategy", "agreed", "buyer")
    kind = _kind(view)
    return order.index(kind) if kind in order else len(order), -view.line.posted_fen - view.line.pending_fen


async def shops(visit: Visit) -> Response:
    service, runs = await visit.ask(lambda: (visit.office.service(), visit.office.next_runs()))
    # the robot's own clock says how old a sign-in is, not the shop's
    clock = visit.office.now() if isinstance(service, Unavailable) else service.heartbeat or visit.office.now()
    return await visit.page("shops", service=service, runs=runs, clock=clock, now=visit.office.now())


async def close_breaker(visit: Visit) -> Response:
    shop = shop_of(visit)
    return await visit.answered(await visit.ask(lambda: visit.office.close_breaker(shop, visit.who)), "/shops")


async def end_sign_in(visit: Visit) -> Response:
    """The robot signs in anew the next time: after a password was changed, or when somebody doubts."""
    shop = shop_of(visit)
    return await visit.answered(await visit.ask(lambda: visit.office.end_sign_in(shop, visit.who)), "/shops")


async def sign_in(visit: Visit) -> Response:
    """Now, while whoever presses sits at the PC and can pass the check that the shop may ask for."""
    return await visit.answered(await visit.office.enter(shop_of(visit), visit.who, anew=True), "/shops")


async def check(visit: Visit) -> Response:
    """Whether the shop still knows the robot."""
    return await visit.answered(await visit.office.enter(shop_of(visit), visit.who, anew=False), "/shops")


async def sweep(visit: Visit) -> Response:
    """This shop, now."""
    return await visit.answered(await visit.office.sweep(Wanted(shop=shop_of(visit)), visit.who), "/shops")


async def alarms(visit: Visit) -> Response:
    lines = await visit.ask(lambda: visit.office.alarms(ALARMS))
    return await visit.page("alarms", lines=lines, now=visit.office.now())


async def acknowledge(visit: Visit) -> Response:
    alarm = visit.asked("id")
    return await visit.answered(await visit.ask(lambda: visit.office.acknowledge(alarm, visit.who)), "/alarms")


async def answering(visit: Visit) -> Response:
    """What a message's link is about, for whoever has it: looking answers nothing, since chat programs open links by themselves."""
    token = str(visit.request.path_params["token"])
    return await _linked(visit, await visit.ask(lambda: visit.office.alarms_by_link(token)), "")


async def answer(visit: Visit) -> Response:
    """Somebody with the link looks after it; they may do nothing else here."""
    token = str(visit.request.path_params["token"])
    told = await visit.ask(lambda: visit.office.acknowledge_by_link(token))
    return await _linked(visit, await visit.ask(lambda: visit.office.alarms_by_link(token)), visit.say.text(told.told))


async def _linked(visit: Visit, alarms: Sequence[AlarmLine], told: str) -> Response:
    return await visit.page("answer", status=200 if alarms else 403, alarms=alarms, told=told)


async def audit(visit: Visit) -> Response:
    """The head to copy, and who did what at the console."""
    return await _audit(visit, None, "")


async def audit_now(visit: Visit) -> Response:
    """Recomputed, against a head that was kept elsewhere where one is given."""
    told = visit.asked("anchor")
    found = _ANCHOR.fullmatch(told)
    if told and found is None:
        return await _audit(visit, None, "anchor")
    anchor = (int(found["seq"]), found["hash"]) if found else None
    return await _audit(visit, await visit.ponder(lambda: visit.office.audit(anchor)), "")


async def _audit(visit: Visit, result: object, wrong: str) -> Response:
    head, doings = await visit.ask(lambda: (visit.office.head(), visit.office.doings(DOINGS)))
    return await visit.page("audit", head=head, doings=doings, result=result, wrong=wrong, anchor=visit.asked("anchor"))


async def signoffs(visit: Visit) -> Response:
    """What waits for a second person, with all that they sign."""
    lines = await visit.ask(lambda: [_shown(visit.office, one) for one in visit.office.signoffs()])
    return await visit.page("signoffs", lines=lines)


@dataclass(frozen=True, slots=True)
class Shown:
    """A request as its second person sees it; what it is held against is only looked up while it is open.

    `preview`: what the verdict comes to by now. `moved`: agreeing does nothing any more. `diff`: lines of the policy that would change.
    `pays`: what that pays out more on the past; None where none says, or nothing was kept of it: then `unrehearsed` tells which.
    """

    one: Signoff
    verdict: HandVerdict | None = None
    preview: HandPreview | None = None
    moved: bool = False
    diff: Sequence[str] = ()
    pays: Money | None = None
    unrehearsed: bool = False

    @property
    def said(self) -> Plan | HandVerdict | None:
        """Sum, fee, reason and words: those that it comes to, else those that were asked for."""
        return (self.preview.plan if self.preview else None) or self.verdict


def _shown(office: Office, one: Signoff) -> Shown:
    waits = one.state == "open"
    if one.kind == "verdict":
        verdict = HandVerdict.model_validate_json(one.body)
        file = office.case(verdict.case) if waits else None
        seen = file.line.snapshot if file else None
        moved = waits and (seen is None or seen.fingerprint != verdict.fingerprint)
        return Shown(one, verdict, office.preview(verdict, one.id) if waits else None, moved)
    body, policy = json.loads(one.body), office.policy()
    edited, fen = waits and body["base"] != policy.hash, body.get("moved")
    before = (office.version_text(body["base"]) if edited else "") or policy.text
    diff = changed_lines(before, body["text"]) if waits else ()
    pays = None if fen is None else Money(fen)
    return Shown(one, moved=edited, diff=diff, pays=pays, unrehearsed=fen is None and "moved" in body)


async def sign(visit: Visit) -> Response:
    agrees = visit.asked("agrees") == "yes"
    return await visit.answered(await visit.office.sign(visit.asked("id"), visit.who, agrees=agrees), "/signoffs")


async def withdraw(visit: Visit) -> Response:
    signoff = visit.asked("id")
    return await visit.answered(await visit.ask(lambda: visit.office.withdraw(signoff, visit.who)), "/signoffs")


async def picture(visit: Visit) -> Response:
    """A kept picture as it is: its bytes were checked when they were kept, and are hashed again."""
    sha256 = Sha256(visit.request.path_params["sha256"])
    try:
        data = await visit.ask(lambda: visit.office.picture(sha256))
        kind = await visit.ask(lambda: _media_type(data))
    except (EvidenceRefused, OSError):
        return PlainTextResponse("404 Not Found", status_code=404)
    headers = {"content-security-policy": "default-src 'none'; sandbox"}
    return Response(data, media_type=kind, headers=headers)


def _media_type(data: bytes) -> str:
    """Raises OSError: no picture."""
    with Image.open(io.BytesIO(data), formats=tuple(_PICTURES)) as found:
        return _PICTURES[str(found.format)]
