"""The merchant's rules: looked at, switched, put in order, edited with a rehearsal before they are saved, and every version of before."""

from __future__ import annotations

import difflib
from collections.abc import Sequence

from starlette.responses import Response

from bot.config.tokens import digest
from bot.console.access import Deed, may
from bot.console.pages.cases import WHY
from bot.console.visit import Visit
from bot.domain.money import Money
from bot.ports.office import REHEARSED_DAYS
from bot.ports.office_views import PolicyView, StrategyLine
from bot.report.rehearsal import Page

FLIPS = 40
"""Flips that the page lists."""

MOST_LINES = 600
"""Lines of what changed since a version; who signs a change sees all of it."""


async def strategies(visit: Visit) -> Response:
    """All of them in their order, with what each spent today."""
    policy = await visit.ask(visit.office.policy)
    groups: dict[str, list[StrategyLine]] = {}
    for line in policy.strategies:
        groups.setdefault(line.group, []).append(line)
    return await visit.page("strategies", policy=policy, groups=groups)


async def switch(visit: Visit) -> Response:
    """On or off; on is an approver's."""
    on = visit.asked("on") == "yes"
    if on and not may(visit.person, Deed.SWITCH_ON):
        return await visit.page("problem", status=403, code="403", told=visit.text("not_yours"))
    strategy = visit.asked("id")
    # what only does less is not kept waiting behind somebody's rehearsal
    ask = visit.ponder if on else visit.ask
    answer = await ask(lambda: visit.office.switch(strategy, visit.who, on=on))
    return await visit.answered(answer, "/strategies")


async def reorder(visit: Visit) -> Response:
    """One up or down, or a whole group as it was dragged; always by the safe way."""
    policy = await visit.ask(visit.office.policy)
    wanted = _wanted(visit, policy)
    if len(wanted) < 2:
        return await strategies(visit)
    answer = await visit.ponder(lambda: visit.office.reorder(wanted, visit.who))
    return await visit.answered(answer, "/strategies")


def _wanted(visit: Visit, policy: PolicyView) -> Sequence[str]:
    if dragged := visit.asked("ids"):
        return tuple(filter(None, dragged.split(",")))
    mine = next((one for one in policy.strategies if one.id == visit.asked("id")), None)
    group = [one.id for one in policy.strategies if mine is not None and one.group == mine.group]
    if mine is None:
        return ()
    place = group.index(mine.id)
    other = place + (-1 if visit.asked("move") == "up" else 1)
    return (
        ()
        if not 0 <= other < len(group)
        else sorted((mine.id, group[other]), key=lambda one: one != _first(place, other, group))
    )


def _first(place: int, other: int, group: Sequence[str]) -> str:
    """Of two neighbours that change places the one that comes first then."""
    return group[max(place, other)]


async def edit(visit: Visit) -> Response:
    """The text as it stands."""
    policy = await visit.ask(visit.office.policy)
    return await visit.page(
        "edit",
        text=policy.text,
        base=policy.hash,
        overtaken=False,
        broken=policy.broken,
        trial=None,
        moved=None,
        flips=(),
        why="",
    )


async def rehearse(visit: Visit) -> Response:
    """Nothing is written: what is wrong with it, and what it would have done."""
    kept = visit.asked("version")
    text = visit.form.get("text", "").replace("\r\n", "\n") or await visit.ask(lambda: visit.office.version_text(kept))
    return await _rehearsed(visit, text, visit.asked("base"), "", 200)


async def _rehearsed(visit: Visit, text: str, base: str, why: str, status: int) -> Response:
    """`base`: what the text was made of, empty for what stands now; where that was overtaken the page says so, and goes on from what stands now."""
    policy = await visit.ask(visit.office.policy)
    overtaken = bool(base) and base != policy.hash
    trial = await visit.ponder(lambda: visit.office.rehearse(text, REHEARSED_DAYS, visit.say))
    moved = Money(trial.rehearsal.paid_more_fen) if trial.rehearsal else None
    if visit.session is not None and trial.check.whole:
        visit.session.dry[digest(text)] = moved.fen if moved else None
    return await visit.page(
        "edit",
        status=status,
        text=text,
        base=policy.hash,
        overtaken=overtaken,
        theirs=changed_lines(policy.text, text)[:MOST_LINES] if overtaken else (),
        broken=(),
        trial=trial,
        moved=moved,
        shown=Page(trial.rehearsal, visit.say) if trial.rehearsal else None,
        flips=trial.rehearsal.flips[:FLIPS] if trial.rehearsal else (),
        why=why,
    )


async def save(visit: Visit) -> Response:
    """Only what was rehearsed in this session, with a word why; what is not taken stays in the editor."""
    text, base, why = visit.form.get("text", "").replace("\r\n", "\n"), visit.asked("base"), visit.asked("why")
    tried = visit.session.dry if visit.session else {}
    if digest(text) not in tried or not WHY.fullmatch(why):
        return await _rehearsed(visit, text, base, why, 422)
    if base != (await visit.ask(visit.office.policy)).hash:
        return await _rehearsed(visit, text, base, why, 409)
    fen = tried[digest(text)]
    moved = None if fen is None else Money(fen)
    answer = await visit.ask(lambda: visit.office.save_policy(text, base, visit.who, why, moved))
    if answer.kind == "refused":
        visit.note(answer)
        return await _rehearsed(visit, text, base, why, 409)
    return await visit.answered(answer, "/strategies")


async def history(visit: Visit) -> Response:
    """Every version that was kept; one of them held against what is in force."""
    versions, policy = await visit.ask(lambda: (visit.office.versions(), visit.office.policy()))
    chosen = visit.asked("version")
    text = await visit.ask(lambda: visit.office.version_text(chosen)) if chosen else ""
    diff = changed_lines(text, policy.text)[:MOST_LINES] if text else []
    return await visit.page("history", versions=versions, chosen=chosen, text=text, diff=diff)


def changed_lines(before: str, after: str) -> list[str]:
    """From one text to another, each change with two lines around it."""
    return list(difflib.unified_diff(before.splitlines(), after.splitlines(), lineterm="", n=2))[2:]
