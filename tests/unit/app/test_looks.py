"""A look that the console asks for: confirmed once, by who asked, while it is fresh; exactly what was shown goes to the robot."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import cast

import pytest

from bot.app.office_looks import GOOD_FOR, KEPT, Looks
from bot.errors import Stopped
from bot.ports.exits import ExitCode
from bot.ports.office import Errands
from bot.ports.office_views import LookView, Role
from bot.ports.results import DryRun, SweepResult
from bot.ports.wanted import Pick, Wanted
from tests.unit.console.fakes import person
from tests.unit.engine.builders import NOW

WANTED = Wanted(pick=Pick(scenes=frozenset({"keep_goods"})))
THEN = Wanted(pick=Pick(ids=frozenset({"taobao/s1/1"})))
OPERATOR = person(Role.OPERATOR)


@dataclass
class Robot:
    """Looks when it is let go; answers with what it would do."""

    asked: list[Wanted] = field(default_factory=list)
    free: asyncio.Event = field(default_factory=asyncio.Event)
    fails: bool = False

    async def look(self, wanted: Wanted) -> DryRun:
        self.asked.append(wanted)
        await self.free.wait()
        if self.fails:
            raise Stopped("the kill switch is engaged", code="brake.kill")
        swept = SweepResult(run_id="r", shops=(), report="", exit_code=ExitCode.DONE)
        return DryRun(sweep=swept, would=(), then=THEN, exit_code=ExitCode.DONE)


@dataclass
class Days:
    at: datetime = NOW

    def __call__(self) -> datetime:
        return self.at


async def seen(robot: Robot, days: Days) -> tuple[Looks, LookView]:
    looks = Looks(cast("Errands", robot), days)
    id_ = looks.begin(WANTED, OPERATOR)
    first = looks.of(id_)
    assert first is not None
    assert (first.state, first.once, first.dry) == ("asked", "", None)
    assert looks.confirm(id_, "", OPERATOR) is None, "nothing was shown yet"
    robot.free.set()
    await asyncio.gather(*looks._running)
    after = looks.of(id_)
    assert after is not None
    assert (robot.asked, looks.changes) == ([WANTED], 1)
    return looks, after


async def test_what_was_shown_is_done_once_and_never_twice() -> None:
    looks, look = await seen(Robot(), Days())
    assert looks.confirm(look.id, "guessed", OPERATOR) is None
    assert looks.confirm(look.id, look.once, OPERATOR) == THEN
    assert looks.confirm(look.id, look.once, OPERATOR) is None
    assert looks.confirm(look.id, "", OPERATOR) is None, "an empty word is no word"


@pytest.mark.parametrize("late", [True, False])
async def test_neither_an_old_look_nor_somebody_elses_is_confirmed(*, late: bool) -> None:
    days = Days()
    looks, look = await seen(Robot(), days)
    days.at += GOOD_FOR + timedelta(seconds=1) if late else timedelta()
    assert looks.confirm(look.id, look.once, OPERATOR if late else person(Role.APPROVER)) is None


async def test_a_look_that_fails_says_why_and_can_not_be_confirmed() -> None:
    looks, look = await seen(Robot(fails=True), Days())
    assert (look.state, look.why and look.why.code) == ("failed", "brake.kill")
    assert looks.confirm(look.id, look.once, OPERATOR) is None


async def test_only_so_many_are_kept() -> None:
    looks = Looks(cast("Errands", Robot()), Days())
    first = looks.begin(WANTED, OPERATOR)
    for _ in range(KEPT):
        last = looks.begin(WANTED, OPERATOR)
    assert (looks.of(first), looks.of(last) is not None) == (None, True)
    for task in looks._running:
        task.cancel()
