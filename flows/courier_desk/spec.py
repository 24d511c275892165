"""The courier's desktop client as a platform: one InterceptDesk over one running program."""

from __future__ import annotations

from typing import Final

from bot.desktop.program import Named, Program
from bot.desktop.reading import plain
from bot.desktop.targets import load_screen_targets
from bot.ports.desks import InterceptDesk
from flows.courier_desk.intercept import ClientDesk
from flows.courier_desk.office import Office
from flows.courier_desk.session import Session
from flows.spec import Counter, DeskSpec, Login, Screen

NAME: Final = "courier_desk"


def open_desk(screen: Screen, counter: Counter, login: Login) -> InterceptDesk:
    """Nothing is touched before the first question. Raises ConfigError: the selectors cannot be used."""
    program = Program(screen.desktop, Named(counter.title, counter.process))
    office = Office(program, load_screen_targets(NAME, screen.selectors), screen.desktop.clock)
    couriers = frozenset(plain(one) for one in counter.couriers)
    return ClientDesk(counter.name, couriers, office, Session(office, login))


SPEC: Final = DeskSpec(name=NAME, open_desk=open_desk)
