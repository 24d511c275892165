"""One request of one person: who, in which language, what of their form is to be believed, and the page that answers."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from importlib.resources import files
from typing import Any, TypeVar
from urllib.parse import quote, urlencode

from jinja2 import Environment, PackageLoader, StrictUndefined
from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response

from bot.catalogue import Catalogue, Language
from bot.config.tokens import digest
from bot.console.access import Deed, may
from bot.console.drawing import HELPERS
from bot.console.sessions import Session, Sessions
from bot.domain.hand import same_person
from bot.ports.office import Office
from bot.ports.office_views import Answer, Person, Unavailable
from bot.report.phrases import Words

T = TypeVar("T")

MOST_FIELD = 400_000
"""Characters of one field: a policy is a tenth of it."""

NAVIGATION = ("today", "queue", "signoffs", "cases", "monitor", "strategies", "budgets", "shops", "alarms", "audit")
"""Pages in the order of the navigation."""

BY_ITSELF = "x-part"
"""The header by which our script says that it asks for a page by itself."""

HTML_LANG = {Language.ZH: "zh-CN", Language.EN: "en"}


@dataclass(slots=True)
class Front:
    """What all requests of one console share."""

    office: Office
    sessions: Sessions
    cookie: str
    heavy: asyncio.Semaphore = field(default_factory=lambda: asyncio.Semaphore(1))
    """One heavy question at a time: they take the interpreter from the robot."""


@dataclass(slots=True)
class Visit:
    """One request; `person` and `session` are None before somebody has come in."""

    request: Request
    front: Front
    session: Session | None
    person: Person | None
    form: Mapping[str, str] = field(default_factory=dict)
    since: str = ""
    """How everything stood before the page was made; it is told from there on what changed."""
    _words: Words | None = None

    @property
    def by_itself(self) -> bool:
        """Our own script asks, nobody pressed anything."""
        return BY_ITSELF in self.request.headers

    @property
    def office(self) -> Office:
        return self.front.office

    @property
    def who(self) -> Person:
        """The person who has come in: the routes let nobody else through."""
        if self.person is None:
            raise PermissionError("nobody has come in")
        return self.person

    @property
    def say(self) -> Catalogue:
        chosen = self.session.language if self.session else ""
        return Catalogue(Language(chosen or self.office.language))

    @property
    def words(self) -> Words:
        """With the names of today's strategies."""
        if self._words is None:
            self._words = Words.of(self.say, self.office.rules())
        return self._words

    def text(self, key: str, /, **params: object) -> str:
        """The entry `console.<key>`."""
        return self.say.text_of(f"console.{key}", **params)

    def asked(self, key: str, default: str = "") -> str:
        """A field of the form, else of the address."""
        return str(self.form.get(key, self.request.query_params.get(key, default)))[:MOST_FIELD].strip()

    async def ask(self, question: Callable[[], T]) -> T:
        """A question to the office, in a thread: the loop belongs to the robot."""
        return await asyncio.to_thread(question)

    async def ponder(self, question: Callable[[], T]) -> T:
        """A heavy one: they wait for one another."""
        async with self.front.heavy:
            return await asyncio.to_thread(question)

    def may(self, deed: str) -> bool:
        return may(self.person, Deed(deed))

    async def page(self, template: str, status: int = 200, **values: object) -> Response:
        """The template filled in, with the frame that every page has."""
        frame = await self._frame() if self.person else {}
        shown = environment().get_template(f"{template}.html.j2")
        body = {"v": self, "here": template, "form": self.form, **frame, **values}
        return HTMLResponse(await asyncio.to_thread(shown.render, **body), status_code=status)

    async def _frame(self) -> Mapping[str, object]:
        """What stands on top of each page: brakes, what waits, who is here, where a person is needed this minute."""
        office = self.office
        stopped, day, shops, sessions = await self.ask(
            lambda: (office.stopped(), office.day(), office.shops(), office.sessions())
        )
        needed = () if isinstance(sessions, Unavailable) else [one for one in sessions if one.left_s is not None]
        return {
            "stopped": stopped,
            "day": day,
            "shops": shops,
            "sessions": sessions,
            "needed": needed,
            "to_sign": self._to_sign(day.asked),
            "navigation": NAVIGATION,
        }

    def _to_sign(self, asked: Sequence[str]) -> int:
        """How many requests wait for this person's word: nobody answers their own."""
        mine = self.who.name
        return sum(not same_person(one, mine) for one in asked) if self.may(Deed.SIGN) else 0

    async def answered(self, answer: Answer, place: str) -> Response:
        """To the page that shows what was done; what was not done is told where it was asked."""
        self.note(answer)
        return RedirectResponse(place, status_code=303)

    def note(self, answer: Answer) -> None:
        """What an act came to, for the next page that this person is shown."""
        if self.session is not None:
            self.session.notice = (answer.kind, self.say.text(answer.told))

    def notice(self) -> tuple[str, str] | None:
        """What the last act came to, told once."""
        if self.session is None or self.by_itself:
            return None
        told, self.session.notice = self.session.notice, None
        return told

    def url(self, path: str, **params: object) -> str:
        """An address of ours with what is set."""
        told = urlencode({key: value for key, value in params.items() if value})
        return f"{path}?{told}" if told else path

    def case_url(self, case: Any, tail: str = "") -> str:
        """A case's own page; ids come from strangers."""
        parts = (quote(part, safe="") for part in (case.platform, case.shop_id, case.aftersale_id))
        return f"/case/{'/'.join(parts)}{tail}"

    @property
    def again(self) -> str:
        """Where this page can be asked for; of one that answered a form, whose address takes nothing else, what it stands under."""
        url = self.request.url
        if self.request.method == "GET":
            return f"{url.path}?{url.query}" if url.query else url.path
        return url.path.rpartition("/")[0] or url.path

    @property
    def lang(self) -> str:
        return HTML_LANG[self.say.language]

    @property
    def csrf(self) -> str:
        return self.session.csrf if self.session else ""

    def asset(self, name: str) -> str:
        """A file of ours under an address that changes with it."""
        return f"/static/{name}?{asset(name)[1]}"


@cache
def asset(name: str) -> tuple[bytes, str]:
    """Bytes and version of a file of ours."""
    data = (files("bot.console") / "static" / name).read_bytes()
    return data, digest(data.decode("utf-8", "replace"))[:12]


@cache
def environment() -> Environment:
    made = Environment(
        loader=PackageLoader("bot.console", "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    made.globals.update(HELPERS)
    made.filters["visible"] = HELPERS["visible"]
    made.filters["v_name"] = lambda verb, say: say.text_of(f"verb.{verb}")
    return made
