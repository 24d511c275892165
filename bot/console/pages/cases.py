"""Lists of cases, and one case's whole story; what a person decides is confirmed on a page of its own that says what will be done."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import parse_qsl, unquote

from starlette.responses import RedirectResponse, Response

from bot.config.picks import Filters
from bot.config.tokens import digest
from bot.console.files import Dossier
from bot.console.visit import Visit
from bot.domain.action import RefusalReason, Verb
from bot.domain.base import SHANGHAI
from bot.domain.decision import Reason
from bot.domain.hand import Instead
from bot.domain.ids import CaseKey, ShopKey
from bot.domain.money import Money
from bot.domain.outcome import CaseStatus
from bot.domain.text import half_width
from bot.errors import ConfigError
from bot.ports.deciding import HandPreview
from bot.ports.office import OFFERED
from bot.ports.office_views import CaseFile, CaseFilter, CaseRow, Unavailable
from bot.ports.wanted import HandVerdict

AT_ONCE = 25
"""Rows of one page of a list."""

WHY = re.compile(r".{2,200}", re.DOTALL)
"""A reason that somebody else can do something with."""


async def queue(visit: Visit) -> Response:
    """What waits for a person, the nearest deadline first, the chosen case beside it."""
    wanted = _filter(visit).model_copy(update={"status": CaseStatus.HELD})
    page = await visit.ask(lambda: visit.office.cases(wanted, visit.asked("after"), AT_ONCE))
    seen = _named(visit.asked("see")) or _next(page.rows, _named(visit.asked("behind")))
    file = await visit.ask(lambda: visit.office.case(seen)) if seen else None
    dossier = await visit.ask(lambda: Dossier.of(file, visit.say, visit.office.now())) if file else None
    params, now = _params(visit), visit.office.now()
    return await visit.page("queue", page=page, see=seen, dossier=dossier, params=params, wrong=_wrong(visit), now=now)


def _next(rows: Sequence[CaseRow], behind: CaseKey | None) -> CaseKey | None:
    """The first that nobody decided on yet, behind the one that somebody comes from; where all are, the first of all."""
    place = next((number for number, row in enumerate(rows, start=1) if row.case == behind), 0)
    turn = (*rows[place:], *rows[:place])
    return next((row.case for row in turn if row.under_way is None), rows[0].case if rows else None)


async def cases(visit: Visit) -> Response:
    """All cases, in any standing; an id that is whole leads to its case."""
    if text := half_width(visit.asked("text")):
        found = await visit.ask(lambda: visit.office.find(text))
        if len(found) == 1:
            return RedirectResponse(visit.case_url(found[0]), status_code=303)
    wanted = _filter(visit)
    page = await visit.ask(lambda: visit.office.cases(wanted, visit.asked("after"), AT_ONCE))
    params, now = _params(visit), visit.office.now()
    return await visit.page("cases", page=page, params=params, wrong=_wrong(visit), statuses=tuple(CaseStatus), now=now)


async def case(visit: Visit) -> Response:
    """The whole story."""
    return await _case(visit, bare=False)


async def unmask(visit: Visit) -> Response:
    """The same with the buyer's data in full, in this one answer, once it is written down who looked and why."""
    key, why = key_of(visit), visit.asked("why")
    if not WHY.fullmatch(why):
        return RedirectResponse(visit.case_url(key, "#unmask"), status_code=303)
    await visit.ask(lambda: visit.office.unmask(key, visit.who, why))
    return await _case(visit, bare=True)


async def _case(visit: Visit, *, bare: bool) -> Response:
    key = key_of(visit)
    file = await visit.ask(lambda: visit.office.case(key))
    if file is None:
        return await visit.page("problem", status=404, code="404", told=visit.text("no_case"))
    dossier = await visit.ask(lambda: Dossier.of(file, visit.say, visit.office.now()))
    return await visit.page("case", dossier=dossier, bare=bare, now=visit.office.now())


async def deciding(visit: Visit) -> Response:
    """What exactly would be done, before it is."""
    return await _deciding(visit, "", 200)


LACKS = frozenset(
    f"hand.{what}" for what in ("no_refusal", "text", "no_ground", "no_fee", "no_offer", "bad_offer", "other_amount")
)
"""What a person's own words in the form can mend; anything else stands in the way whatever they write."""


async def _previewed(visit: Visit, verdict: HandVerdict | None) -> HandPreview | None:
    return await visit.ask(lambda: visit.office.preview(verdict)) if verdict else None


def mark_of(preview: HandPreview | None) -> str:
    """Of what was shown: another one, and the person is shown it before anything is done."""
    return digest(preview.plan.model_dump_json())[:16] if preview and preview.plan else ""


async def _deciding(visit: Visit, wrong: str, status: int) -> Response:
    key, verb = key_of(visit), _verb(visit.asked("verb"))
    file = await visit.ask(lambda: visit.office.case(key))
    if file is None or verb is None or file.line.snapshot is None:
        return await visit.page("problem", status=404, code="404", told=visit.text("no_case"))
    dossier, budgets, service = await visit.ask(
        lambda: (
            Dossier.of(file, visit.say, visit.office.now()),
            tuple(one for one in visit.office.budgets() if one.line.shop == str(key.shop) and one.line.scope == "shop"),
            visit.office.service(),
        )
    )
    preview = await _previewed(visit, _verdict(visit, visit.asked("why") or "…"))
    return await visit.page(
        "decide",
        preview=preview,
        mark=mark_of(preview),
        barred=bool(preview and preview.refused and preview.refused.code not in LACKS),
        status=status,
        dossier=dossier,
        verb=verb,
        offered=dossier.offered(verb),
        second=dossier.unproven or (preview is not None and preview.needs_two),
        refusals=tuple(RefusalReason),
        budgets=budgets,
        nobody=isinstance(service, Unavailable),
        wrong=wrong,
        why=visit.asked("why"),
        now=visit.office.now(),
    )


async def decide(visit: Visit) -> Response:
    """Handed to the robot's own protocol, with the fingerprint of what the person saw."""
    key, why = key_of(visit), visit.asked("why")
    verdict = _verdict(visit, why) if WHY.fullmatch(why) else None
    if verdict is None:
        return await _deciding(visit, "details" if WHY.fullmatch(why) else "why", 422)
    preview = await _previewed(visit, verdict)
    if preview is not None and preview.refused is not None:
        return await _deciding(visit, "refused", 409)
    if any(map(visit.asked, _DETAILS)) and visit.asked("shown") != mark_of(preview):
        return await _deciding(visit, "shown", 200)
    answer = await visit.office.decide(verdict, visit.who)
    return await visit.answered(answer, _queue(visit) if answer.kind in {"done", "asked"} else visit.case_url(key))


def _queue(visit: Visit) -> str:
    """The queue as it was filtered when the case was chosen there, at the next one."""
    return visit.url("/queue", **{name: told for name, told in parse_qsl(visit.asked("queue")) if name in _PLACE})


_DETAILS = ("amount", "max_fee", "refusal", "message")
"""What a verdict may say beyond its verb; what is left empty is taken from the robot's own proposal."""


def _verdict(visit: Visit, why: str) -> HandVerdict | None:
    """What the form says; None where something in it cannot be read."""
    verb = _verb(visit.asked("verb"))
    details: dict[str, Any] = {name: told for name in _DETAILS if (told := visit.asked(name))}
    if verb is None:
        return None
    try:
        details |= {name: Money.parse(details[name]) for name in ("amount", "max_fee") if name in details}
        return HandVerdict(
            **details,
            case=key_of(visit),
            verb=verb,
            instead=Instead.RELEASE if verb is Verb.HOLD else Instead.WAIT,
            fingerprint=visit.asked("fingerprint"),
            by=visit.who.name,
            why=why,
            decided_at=visit.office.now(),
        )
    except ValueError:
        return None


def key_of(visit: Visit) -> CaseKey:
    """The case that the address names."""
    parts = visit.request.path_params
    return CaseKey(platform=parts["platform"], shop_id=parts["shop"], aftersale_id=parts["id"])


def shop_of(visit: Visit) -> ShopKey:
    """The shop that the address names."""
    parts = visit.request.path_params
    return ShopKey(platform=parts["platform"], shop_id=parts["shop"])


def _named(told: str) -> CaseKey | None:
    parts = [unquote(part) for part in told.split("/")]
    return CaseKey(platform=parts[0], shop_id=parts[1], aftersale_id=parts[2]) if len(parts) == 3 else None


def _verb(told: str) -> Verb | None:
    return next((verb for verb in (*OFFERED, Verb.HOLD) if verb == told), None)


_FIELDS = ("shop", "kind", "status", "least", "most", "within", "text")
_PLACE = (*_FIELDS, "after", "behind")


def _params(visit: Visit) -> Mapping[str, str]:
    return {name: visit.asked(name) for name in _FIELDS}


def _filter(visit: Visit) -> CaseFilter:
    """What the form says; what cannot be read passes everything, and `_wrong` says so."""
    shop = visit.asked("shop").partition("/")
    return CaseFilter(
        shop=ShopKey(platform=shop[0], shop_id=shop[2]) if shop[2] else None,
        status=next((one for one in CaseStatus if one == visit.asked("status")), None),
        proposals={"proposal": True, "hold": False}.get(visit.asked("kind")),
        least=_amount(visit.asked("least")),
        most=_amount(visit.asked("most")),
        before=_before(visit.asked("within"), visit.office.now()),
        text=half_width(visit.asked("text"))[:80],
    )


def _wrong(visit: Visit) -> Reason | None:
    """Why the sums do not filter as they stand there, in the words of a sweep's filters; None where they do."""
    try:
        Filters(
            at_least=visit.asked("least") or None,
            at_most=visit.asked("most") or None,
            named=lambda name: _sum(visit, name),
        ).pick()
    except ConfigError as error:
        return Reason(code=error.reason_code, params=error.params)
    return None


def _sum(visit: Visit, name: str) -> str:
    return visit.text({"at-least": "f.least", "at-most": "f.most"}[name])


def _amount(told: str) -> Money | None:
    try:
        return Money.parse(told) if told else None
    except ValueError:
        return None


def _before(hours: str, now: datetime) -> datetime | None:
    fine = hours.isascii() and hours.isdigit() and len(hours) <= 4
    return (now + timedelta(hours=int(hours))).astimezone(SHANGHAI) if fine else None


__all__ = ["CaseFile", "case", "cases", "decide", "deciding", "key_of", "queue", "shop_of", "unmask"]
