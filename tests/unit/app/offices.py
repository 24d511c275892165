"""An office over a trial home, with a service that only notes what it is asked, and the people who work there."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from bot.app.office import HomeOffice, open_office
from bot.catalogue import Catalogue
from bot.config import load_home
from bot.domain.action import Verb
from bot.domain.decision import Reason
from bot.domain.ids import ShopKey
from bot.domain.outcome import Hold
from bot.ports.clock import Clock
from bot.ports.exits import ExitCode
from bot.ports.office_views import Person, Role
from bot.ports.results import DryRun, SweepResult
from bot.ports.wanted import HandVerdict, Pick, Wanted
from tests.unit.config.homes import spoil, trial_home
from tests.unit.ledger.story import RUN, START, Story, snapshot, story_at

SAY = Catalogue("en")

LI, WANG = Person(name="Li", role=Role.APPROVER), Person(name="Wang", role=Role.OPERATOR)

CHEN = Person(name="Chen", role=Role.APPROVER)

PEOPLE = """
[[console.person]]
name = "Li"
role = "approver"
[[console.person]]
name = "Chen"
role = "approver"
[[console.person]]
name = "Wang"
"""

TWO = """
name = "two"
[[strategy]]
id = "one"
name = "一 / one"
verb = "hold"
[strategy.when]
amount_over = "500.00"
[[strategy]]
id = "two"
name = "二 / two"
verb = "agree_refund"
active = true
autonomy = "granted"
max_amount = "10.00"
[strategy.when]
type = ["refund_unshipped"]
"""

"""Two strategies, one of which acts."""


@dataclass
class Service:
    """Takes errands."""

    asked: list[Wanted] = field(default_factory=list)
    handed: list[int] = field(default_factory=list)
    alarms: list[Reason] = field(default_factory=list)
    fails: Exception | None = None
    ended: list[ShopKey] = field(default_factory=list)

    async def ask(self, wanted: Wanted) -> SweepResult:
        self.asked.append(wanted)
        if self.fails:
            raise self.fails
        return SweepResult(run_id="r", shops=(), report="", exit_code=ExitCode.DONE)

    def hand_over(self, number: int, verdict: HandVerdict) -> None:
        self.handed.append(number)
        self.asked.append(Wanted(verdicts=(verdict,)))

    def tell(self, reason: Reason) -> None:
        self.alarms.append(reason)

    def end_sign_in(self, shop: ShopKey) -> None:
        self.ended.append(shop)

    async def look(self, wanted: Wanted) -> DryRun:
        swept = SweepResult(run_id="r", shops=(), report="", exit_code=ExitCode.DONE)
        then = Wanted(pick=Pick(ids=frozenset({"taobao/s1/1"})))
        return DryRun(sweep=swept, would=(), then=then, exit_code=ExitCode.DONE)

    def next_runs(self) -> tuple[Any, ...]:
        return ()

    def service(self) -> Any:
        raise NotImplementedError  # no test here asks how the service is: whoever does shall hear of it

    def sessions(self) -> tuple[Any, ...]:
        return ()


@dataclass
class Told:
    """An office, its service, and the story that its ledger tells."""

    office: HomeOffice
    service: Service
    story: Story
    home: Path

    @property
    def serves(self) -> bool:
        return self.office._acts._errands is not None

    @serves.setter
    def serves(self, there: bool) -> None:
        self.office._acts._errands = self.service if there else None

    def verdict(self, number: int = 1, **changes: Any) -> HandVerdict:
        seen = snapshot(number)
        base: dict[str, Any] = {
            "case": seen.key,
            "verb": Verb.AGREE_REFUND,
            "fingerprint": seen.fingerprint,
            "by": "Wang",
            "why": "the buyer is right",
            "decided_at": START,
        }
        return HandVerdict(**(base | changes))

    async def decide(self, person: Person = WANG, **changes: Any) -> str:
        answer = await self.office.decide(self.verdict(**changes), person)
        await asyncio.sleep(0)
        return answer.told.code

    def held(self, number: int = 1, code: str = "test.why", **changes: Any) -> None:
        self.story.judge(number)
        hold = Hold(case=snapshot(number).key, reasons=(Reason(code=code),), owner="ops", deadline=START, **changes)
        self.story.ledger.hold(RUN, hold)


@contextmanager
def told(
    tmp_path: Path, people: str = PEOPLE, *, limit: str = "20.00", serves: bool = True, clock: Clock | None = None
) -> Iterator[Told]:
    home = trial_home(tmp_path / "home")
    spoil(home / "refundpilot.toml", "[console]\n", "")
    spoil(home / "refundpilot.toml", "\nport = 0\n", "\n")
    spoil(home / "refundpilot.toml", 'second_person_above = "1000.00"', f'second_person_above = "{limit}"')
    spoil(home / "refundpilot.toml", "[browser]", f"{people}\n[browser]")
    story, service = story_at(home / "ledger.db"), Service()
    with open_office(load_home(home, with_logins=False), service if serves else None, clock) as office:
        yield Told(office, service, story, home)
    story.ledger.close()


OFF = TWO.replace("active = true", "active = false")


def base(home: Told) -> str:
    return home.office.policy().hash


def text_of(home: Told) -> str:
    return (home.home / "policy.toml").read_text(encoding="utf-8")


def put(home: Told, text: str) -> None:
    (home.home / "policy.toml").write_text(text, encoding="utf-8")
