"""A sweep over some cases, as `refundpilot sweep` has it: the form, what it would do, and the press that does exactly that."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from starlette.responses import RedirectResponse, Response

from bot.config.picks import Filters
from bot.console.visit import Visit
from bot.domain.action import Verb
from bot.domain.decision import Reason
from bot.domain.ids import ShopKey
from bot.domain.money import Money
from bot.engine.scenes import Scene
from bot.errors import ConfigError
from bot.ports.office_views import Unavailable
from bot.ports.results import WouldDo
from bot.ports.wanted import Wanted

SHOWN = 40
"""Cases that the table has, dearest first; the sums count all."""

FIELDS = ("shop", "at_least", "at_most", "deadline_before", "ids")


@dataclass(frozen=True, slots=True)
class Sum:
    """What would be done with one verb; `verb` None: what would not be done at once after all."""

    verb: Verb | None
    cases: int
    amount: Money


async def form(visit: Visit) -> Response:
    """What may be named; nothing named is every case."""
    return await _form(visit, None, 200)


async def _form(visit: Visit, wrong: ConfigError | None, status: int) -> Response:
    service = await visit.ask(visit.office.service)
    return await visit.page(
        "sweep",
        status=status,
        scenes=tuple(Scene),
        given={name: visit.asked(name) for name in FIELDS},
        ticked=_ticked(visit),
        nobody=isinstance(service, Unavailable),
        wrong=Reason(code=wrong.reason_code, params=wrong.params) if wrong else None,
    )


async def look(visit: Visit) -> Response:
    """Looked at first, always; the terminal's own grammar reads the fields."""
    try:
        wanted = Wanted(shop=_shop(visit), pick=_filters(visit).pick())
    except ConfigError as error:
        return await _form(visit, error, 422)
    id_ = await visit.office.look(wanted, visit.who)
    return RedirectResponse(f"/sweep/{id_}", status_code=303) if id_ else await _form(visit, None, 409)


async def looked(visit: Visit) -> Response:
    """What it would do, once it is known; until then the page waits and makes itself anew."""
    seen = visit.office.looked(str(visit.request.path_params["look"]))
    if seen is None:
        return await visit.page("problem", status=404, code="404", told=visit.text("look_gone"))
    would = seen.dry.would if seen.dry else ()
    return await visit.page(
        "look",
        look=seen,
        would=would[:SHOWN],
        more=max(0, len(would) - SHOWN),
        sums=tuple(_sums(would)),
        now_cases=sum(one.barred is None for one in would),
        stopped_shops=[one for one in seen.dry.sweep.shops if one.stopped] if seen.dry else [],
        mine=seen.by == visit.who.name,
        now=visit.office.now(),
    )


async def confirm(visit: Visit) -> Response:
    """Once; a second press, an old page or somebody else's is asked to look again."""
    id_ = str(visit.request.path_params["look"])
    answer = await visit.office.confirm(id_, visit.asked("once"), visit.who)
    return await visit.answered(answer, "/shops" if answer.kind == "done" else f"/sweep/{id_}")


def _sums(would: Sequence[WouldDo]) -> Iterator[Sum]:
    """By verb in its order, then what is barred."""
    for verb in (*Verb, None):
        if some := [one for one in would if (None if one.barred else one.verb) is verb]:
            yield Sum(verb, len(some), Money(sum(one.amount_fen for one in some)))


def _ticked(visit: Visit) -> tuple[str, ...]:
    return tuple(scene.value for scene in Scene if visit.asked(f"scene.{scene.value}"))


def _filters(visit: Visit) -> Filters:
    return Filters(
        scenes=_ticked(visit),
        at_least=visit.asked("at_least") or None,
        at_most=visit.asked("at_most") or None,
        deadline_before=visit.asked("deadline_before") or None,
        listed=visit.asked("ids") or None,
        named=lambda name: visit.text(f"w.{name.replace('-', '_')}"),
        now=visit.office.now(),
    )


def _shop(visit: Visit) -> ShopKey | None:
    """Raises ConfigError: the settings have no such shop any more."""
    platform, _, shop_id = visit.asked("shop").partition("/")
    if not platform:
        return None
    known = {shop.key for shop in visit.office.shops()}
    if shop_id and (key := ShopKey(platform=platform, shop_id=shop_id)) in known:
        return key
    raise ConfigError("no such shop", code="config.no_such_shop", raw=visit.asked("shop"))
