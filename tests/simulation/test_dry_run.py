"""The dry run: it clicks nothing, shows what the sweep would do and what bars it, and asks for exactly that."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import pytest

from bot.app import looking as app
from bot.app.recording import take_of
from bot.config import FileKillSwitch, Home
from bot.domain.action import Verb
from bot.domain.money import Money
from bot.domain.outcome import CaseStatus
from bot.ledger import SqlLedger, audit
from bot.ports.exits import ExitCode
from bot.ports.progress import NullProgress
from bot.ports.results import DryRun, SweepResult
from bot.ports.wanted import EVERYTHING, Pick, Shown, Wanted
from bot.runner.orders import Posture
from bot.tape.tape import Take
from tests.simulation.harness import POLICY, World
from tests.simulation.model_shop import SHOP

SEEN_ONES = Pick(ids=frozenset({"0000", "0001", "0002", "0003", "0004"}))


async def look(
    world: World, path: Path, monkeypatch: pytest.MonkeyPatch, *, verbs: tuple[str, ...], posture: str = "act"
) -> DryRun:
    """As the composition root does it, over the model shop instead of a browser."""
    world.ledger = SqlLedger(path, world.clock, world.ids)

    async def run_sweep(_home: Home, wanted: Wanted, *_rest: Any) -> SweepResult:
        swept = await world.sweep(posture=Posture(str(wanted.posture)), pick=wanted.pick)
        return SweepResult(run_id=swept.run, shops=(swept,), report="", exit_code=ExitCode.DONE)

    monkeypatch.setattr(app, "run_sweep", run_sweep)
    shop = SimpleNamespace(key=SHOP, posture=posture, verbs=verbs)
    files = SimpleNamespace(ledger=path, stop=path.with_name("STOP"))
    home = SimpleNamespace(settings=SimpleNamespace(shop=(shop,)), policy=POLICY, files=files)
    return await app.dry_run(cast("Home", home), Wanted(pick=SEEN_ONES), NullProgress(), world.stop)


async def test_dry_run_clicks_nothing_and_its_errand_does_exactly_what_it_showed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    world = World(seed=1)
    every = tuple(verb.value for verb in Verb if verb is not Verb.HOLD)
    looked = await look(world, tmp_path / "l.db", monkeypatch, verbs=every)
    assert world.shop.effects == []
    shown = {one.aftersale_id: one.verb for one in looked.would}
    assert all(one.barred is None and one.amount_fen > 0 for one in looked.would)
    assert [one.amount_fen for one in looked.would] == sorted((one.amount_fen for one in looked.would), reverse=True)
    pick = looked.then.pick
    assert looked.then == Wanted(pick=Pick(ids=frozenset(one.case for one in looked.would), shown=pick.shown))
    assert {(one.case, one.verb, one.amount.fen) for one in pick.shown or ()} == {
        (one.case, one.verb, one.amount_fen) for one in looked.would
    }
    await world.sweep(pick=looked.then.pick)
    assert {case: verb for case, verb in world.ours if verb is not Verb.REMARK} == shown


async def test_what_is_decided_otherwise_since_it_was_shown_is_left_to_the_next_sweep(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A buyer asks for more while a person reads the table; they said yes to another sum."""
    world = World(seed=1)
    every = tuple(verb.value for verb in Verb if verb is not Verb.HOLD)
    looked = await look(world, tmp_path / "l.db", monkeypatch, verbs=every)
    dear = next(one for one in looked.would if one.verb is Verb.AGREE_REFUND)
    case = world.shop.cases[dear.aftersale_id]
    case.amount = case.paid = Money(dear.amount_fen + 1_000)
    await world.sweep(pick=looked.then.pick)
    acted = {case for case, verb in world.ours if verb is not Verb.REMARK}
    assert acted == {one.aftersale_id for one in looked.would} - {dear.aftersale_id}
    (line,) = (one for one in world.ledger.lines(world.ledger.runs(1)[0]) if str(one.case) == dear.case)
    assert (line.status, line.reasons[0].code) == (CaseStatus.DECIDED, "pick.not_as_shown")
    assert audit(world.ledger.engine, None).findings == ()


@pytest.mark.parametrize(
    ("verbs", "posture", "why"),
    [((), "act", {"brake.verb"}), (("agree_refund",), "propose", {"would.propose"})],
)
async def test_what_would_not_be_done_at_once_says_why(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, verbs: tuple[str, ...], posture: str, why: set[str]
) -> None:
    looked = await look(World(seed=1), tmp_path / "l.db", monkeypatch, verbs=verbs, posture=posture)
    assert {one.barred.code for one in looked.would if one.barred} == why
    assert all(one.barred for one in looked.would)


@pytest.mark.parametrize("brake", ["kill", "breaker"])
async def test_what_a_brake_would_stop_is_not_promised(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, brake: str
) -> None:
    world, every = World(seed=1), tuple(verb.value for verb in Verb if verb is not Verb.HOLD)
    if brake == "kill":
        FileKillSwitch(tmp_path / "STOP").engage(world.clock.now())
    else:
        with SqlLedger(tmp_path / "l.db", world.clock, world.ids) as ledger:
            ledger.set_breaker(SHOP, "three in a row")
    looked = await look(world, tmp_path / "l.db", monkeypatch, verbs=every)
    assert {one.barred and one.barred.code for one in looked.would} == {f"brake.{brake}"}


async def test_tape_of_some_cases_says_which_and_what_was_asked_of_them() -> None:
    """A replay asks for the same ones, which may no longer be as they were asked for: the others have no page on the tape."""
    world = World(seed=1)
    sure = frozenset({Shown(case="platform/shop/1", verb=Verb.AGREE_REFUND, amount=Money(1_999))})
    asked = Pick(ids=SEEN_ONES.ids, at_most=Money(9_999), deadline_before=world.clock.now(), shown=sure)
    orders = world.orders(pick=asked)
    await world.sweep(pick=SEEN_ONES, run=orders.run)
    take = Take.model_validate_json(take_of(world.ledger, orders, world.clock.now()).model_dump_json())
    assert take.pick(as_shown=True) == asked
    assert take.pick(as_shown=False) == asked.model_copy(update={"shown": None})
    assert take_of(world.ledger, world.orders(), world.clock.now()).pick(as_shown=True) == EVERYTHING
