"""What a platform says about its own network: allowed origins, and a table of the requests that are more than a plain GET."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from functools import cached_property
from typing import TypeVar, assert_never
from urllib.parse import parse_qsl, urlsplit

from bot.domain.action import Verb
from bot.domain.money import Money

T = TypeVar("T")

_DEFAULT_PORTS = {"http": 80, "https": 443, "ws": 80, "wss": 443}


class Kind(StrEnum):
    """What a listed request does to the shop: nothing (read, noise), keeps a file (upload), or moves the case (write)."""

    READ = "read"
    NOISE = "noise"
    UPLOAD = "upload"
    WRITE = "write"


@dataclass(frozen=True, slots=True)
class Stated:
    """What a request's own body says it is about. `amount` is None where the body carries no money; see `Permit.insists`."""

    aftersale_id: str
    amount: Money | None = None
    insists: bool = False


class UnreadableBody(ValueError):
    """The request does not say plainly what it is about; the guard refuses it."""


def origin_of(url: str) -> str:
    """`scheme://host[:port]` in lower case, default ports left out; userinfo never counts as a host (S6).

    Raises:
        ValueError: not a URL with a host.
    """
    parts = urlsplit(url)
    if not parts.hostname:
        raise ValueError(f"no host in {url!r}")
    host = f"[{parts.hostname}]" if ":" in parts.hostname else parts.hostname
    port = "" if parts.port in {None, _DEFAULT_PORTS.get(parts.scheme)} else f":{parts.port}"
    return f"{parts.scheme}://{host}{port}"


@dataclass(frozen=True)
class GuardedRequest:
    """One request as it stands at the guard. `body` is None where the browser would not show it."""

    method: str
    url: str
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes | None = None

    @cached_property
    def origin(self) -> str:
        """Raises ValueError for a URL without a host."""
        return origin_of(self.url)

    @cached_property
    def path(self) -> str:
        """The path exactly as sent: `//agree` or `%61gree` is another path, so it is an unlisted one."""
        return urlsplit(self.url).path or "/"

    @cached_property
    def query(self) -> dict[str, str]:
        """Raises ValueError for a key that comes twice."""
        return _once(parse_qsl(urlsplit(self.url).query, keep_blank_values=True))

    def json(self) -> dict[str, object]:
        """The body as one JSON object.

        Raises:
            UnreadableBody, ValueError: no body, not UTF-8, not an object, or a key that comes twice (two parsers could read two amounts).
        """
        found = json.loads(self._text(), object_pairs_hook=_once)
        if not isinstance(found, dict):
            raise UnreadableBody("the body is not a JSON object")
        return found

    def form(self) -> dict[str, str]:
        """The body as url-encoded fields. Raises ValueError as `json` does."""
        return _once(parse_qsl(self._text(), keep_blank_values=True, strict_parsing=True))

    def _text(self) -> str:
        if self.body is None:
            raise UnreadableBody("the browser shows no body")
        return self.body.decode("utf-8")


def _once(pairs: Iterable[tuple[str, T]]) -> dict[str, T]:
    found: dict[str, T] = {}
    for key, value in pairs:
        if key in found:
            raise UnreadableBody(f"the key {key!r} comes twice")
        found[key] = value
    return found


def whole_fen(value: object) -> Money:
    """An amount as a request body states it: a whole number of fen, or its plain ASCII digits.

    Raises:
        ValueError: floats, booleans, signs, spaces, exponents, other scripts' digits (F55).
    """
    if isinstance(value, int) and not isinstance(value, bool) and value >= 0:
        return Money(value)
    if isinstance(value, str) and value.isascii() and value.isdigit():
        return Money(int(value))
    raise ValueError(f"not a whole number of fen: {value!r}")


Reader = Callable[[GuardedRequest], Stated | None]
"""Reads case and amount out of a request; None, or any error of parsing, means unreadable: the guard refuses."""


@dataclass(frozen=True, slots=True)
class Endpoint:
    """One request that the platform's pages make. A GET needs an entry only if it writes (some old interfaces do).

    `stated` is needed for a write; for an upload it may be left out where the request names no case. `origin` narrows
    the entry to one origin; empty means any allowed one.
    """

    method: str
    path: str
    kind: Kind
    verbs: frozenset[Verb] = frozenset()
    stated: Reader | None = None
    origin: str = ""

    @property
    def mutates(self) -> bool:
        """Whether the shop keeps something of it."""
        return self.kind in {Kind.UPLOAD, Kind.WRITE}

    def __post_init__(self) -> None:
        """Raises ValueError for an entry that could never be guarded."""
        match self.kind:
            case Kind.WRITE:
                wrong = not self.verbs or self.stated is None
            case Kind.READ | Kind.NOISE | Kind.UPLOAD:
                wrong = bool(self.verbs)
            case _:
                assert_never(self.kind)
        if wrong:
            raise ValueError(f"{self.method} {self.path}: a write needs verbs and a reader, anything else has no verbs")


@dataclass(frozen=True)
class GuardRules:
    """All that may leave a platform's pages.

    `sockets`: URL prefixes of WebSockets that may be opened; others are closed at once. `sends_itself`: writes leave from
    the guard and not from the browser, so that Chromium cannot send them a second time on a reused connection
    (reliability.md M2, 3.1 rule 12); it costs another TLS and header print, so it is off unless a platform was checked.
    """

    origins: frozenset[str]
    endpoints: tuple[Endpoint, ...] = ()
    sockets: tuple[str, ...] = ()
    sends_itself: bool = False

    def __post_init__(self) -> None:
        """Raises ValueError for an origin that is not one, or an endpoint listed twice."""
        for origin in self.origins:
            if origin_of(origin) != origin:
                raise ValueError(f"not an origin: {origin!r}, it would be {origin_of(origin)!r}")
        if len(self._table) != len(self.endpoints):
            raise ValueError("an endpoint is listed twice")

    @cached_property
    def _table(self) -> dict[tuple[str, str, str], Endpoint]:
        return {(entry.origin, entry.method, entry.path): entry for entry in self.endpoints}

    @cached_property
    def hosts(self) -> frozenset[str]:
        """Host names (no ports) for the browser's resolver rules."""
        return frozenset(urlsplit(origin).hostname or "" for origin in self.origins)

    def find(self, request: GuardedRequest, method: str = "") -> Endpoint | None:
        """The entry for this request (or for another `method` on the same path), the narrower one first."""
        asked = method or request.method
        return self._table.get((request.origin, asked, request.path)) or self._table.get(("", asked, request.path))

    def lists_path(self, request: GuardedRequest) -> bool:
        """Whether any entry stands for this path, whatever the method."""
        return any(self._at(request))

    def changes(self, request: GuardedRequest) -> bool:
        """Whether something is changed at this path by some method: a server may well take another one for it too."""
        return any(entry.mutates for entry in self._at(request))

    def _at(self, request: GuardedRequest) -> Iterator[Endpoint]:
        return (one for one in self.endpoints if one.path == request.path and one.origin in {"", request.origin})
