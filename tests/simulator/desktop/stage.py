"""A window that is none: keeps what was drawn, lets a test move its clock, answers at once, and asks a world without a server."""

from __future__ import annotations

import copy
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import httpx

from simulator.app import Simulator
from simulator.desktop.client import Client
from simulator.desktop.door import Door, Refused
from simulator.desktop.stage import Do, Outcome, Told, outcome_of
from simulator.desktop.state import Shown
from simulator.desktop.traps import Traps
from simulator.scenarios.build import build
from simulator.world.model import Case
from tests.simulator.skins.visitor import client_of


class NearDoor(Door):
    """The client's door to an app in the same process."""

    def __init__(self, client: httpx.Client) -> None:
        super().__init__("")
        self._client = client

    def _ask(self, path: str, body: dict[str, Any] | None = None) -> dict[str, Any]:
        headers = {"Authorization": f"Bearer {self._token}"}
        answer = self._client.request("GET" if body is None else "POST", path, json=body, headers=headers)
        told: dict[str, Any] = answer.json()
        if answer.status_code != 200:
            raise Refused(told["code"], told["message"])
        return told


@dataclass
class FakeStage:
    """Implements `stage.Stage`; `hold` keeps answers back until `answer`."""

    drawn: list[Shown] = field(default_factory=list)
    now_ms: int = 0
    agenda: list[tuple[int, Do]] = field(default_factory=list)
    hold: bool = False
    held: list[Do] = field(default_factory=list)
    asked: list[tuple[str, Callable[[bool], None]]] = field(default_factory=list)
    update_asked: list[Callable[[bool], None]] = field(default_factory=list)
    news_standing: list[tuple[str, Do]] = field(default_factory=list)
    moves: list[tuple[float, float]] = field(default_factory=list)
    sizes: list[float] = field(default_factory=list)
    clipboard: str = ""
    closed: int = 0

    @property
    def seen(self) -> Shown:
        """What the eye sees now."""
        return self.drawn[-1]

    def draw(self, shown: Shown) -> None:
        self.drawn.append(copy.copy(shown))

    def later(self, delay_ms: int, do: Do) -> None:
        self.agenda.append((self.now_ms + delay_ms, do))

    def work(self, ask: Callable[[], Told], done: Callable[[Outcome], None]) -> None:
        def run() -> None:
            done(outcome_of(ask))

        if self.hold:
            self.held.append(run)
        else:
            run()

    def answer(self) -> None:
        self.held.pop(0)()

    def confirm(self, text: str, answer: Callable[[bool], None]) -> None:
        self.asked.append((text, answer))

    def news(self, text: str, closed: Do) -> None:
        self.news_standing.append((text, closed))

    def update(self, answer: Callable[[bool], None]) -> None:
        self.update_asked.append(answer)

    def close_popups(self) -> None:
        self.closed += 1

    def move(self, dx: float, dy: float) -> None:
        self.moves.append((dx, dy))

    def resize(self, factor: float) -> None:
        self.sizes.append(factor)

    def copy(self, text: str) -> None:
        self.clipboard = text

    def passes(self, ms: int) -> None:
        """Let time pass; what falls due happens in order."""
        until = self.now_ms + ms
        while due := [one for one in self.agenda if one[0] <= until]:
            first = min(due, key=lambda one: one[0])
            self.agenda.remove(first)
            self.now_ms = max(self.now_ms, first[0])
            first[1]()
        self.now_ms = until


class Sitting:
    """Somebody before the client, with traps as asked; signed in unless told otherwise."""

    def __init__(self, *, signed_in: bool = True, seed: int = 1, cases: int = 60, **rates: float) -> None:
        self.simulator = Simulator(build("on_the_road", 1, cases, lambda: 0.0))
        self.world = self.simulator.built.world
        self.stage = FakeStage()
        self.account = self.world.accounts.courier
        door = NearDoor(client_of(self.simulator.courier))
        self.client = Client(door, Traps(rates, seed), self.stage)
        self.client.start()
        if signed_in:
            self.sign_in()

    def sign_in(self) -> None:
        self.client.sign_in(self.account.name, self.account.password)
        self.stage.passes(2_000)

    @property
    def seen(self) -> Shown:
        return self.stage.seen

    def cases(self, archetype: str = "in_transit") -> list[Case]:
        return [one for one in self.world.store.cases.values() if one.truth.archetype == archetype]

    def number(self, place: int = 0, archetype: str = "in_transit") -> str:
        return self.cases(archetype)[place].order.forward or ""

    def to_the_form(self, number: str) -> None:
        self.client.search(number)
        self.stage.passes(2_000)
        self.client.open_form()
        self.stage.passes(2_000)

    def to_the_dialog(self, number: str, reason: str = "退款拦截") -> None:
        self.to_the_form(number)
        self.client.ask_fee(reason)
        self.stage.passes(7_000)
        self.client.submit(reason)

    def say(self, *, yes: bool) -> None:
        self.stage.asked.pop()[1](yes)

    def intercepted(self) -> list[str]:
        """Waybills whose intercept was applied."""
        return [
            self.world.store.cases[effect.aftersale_id].order.forward or "" for effect in self.world.store.effects.all
        ]
