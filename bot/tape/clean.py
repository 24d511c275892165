"""From what was recorded to a tape without secrets and people: first everything is learned, beside the sweep, then everything is cleaned."""

from __future__ import annotations

import codecs
import hashlib
import re
import unicodedata
from collections.abc import Callable, Iterable, Iterator, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from enum import Enum
from typing import Final, Literal, TypeVar, assert_never, cast, get_origin
from urllib.parse import parse_qsl, urlsplit

from pydantic import BaseModel

from bot.ports.tape import Said
from bot.tape.entry import Entry
from bot.tape.hidden import in_text, named, tells, typed
from bot.tape.matching import flat
from bot.tape.people import Found, in_answer
from bot.tape.record import Seen, Shown, TapeRecorder
from bot.tape.rules import TapeRules
from bot.tape.scrub import SECRET, Scrubber, is_picture
from bot.tape.tape import Label, Proof, Reading, Take, Tape

RulesOf = Callable[[str], TapeRules]
V = TypeVar("V")

_JARS: Final = frozenset({"cookie", "set-cookie"})
_WIRE: Final = frozenset({"content-length", "content-encoding", "transfer-encoding"})
"""Of the bytes on the wire; what is kept is decoded, and a replay says its own."""

_PASSWORD: Final = 8
"""Letters of a word at the least that is looked for everywhere where it is a password of the home."""

_TEXTS: Final = ("text/", "json", "xml", "javascript", "x-www-form-urlencoded")
_CHARSETS: Final = ("utf-8", "utf-16", "big5", "iso8859", "cp125")
"""Beside these and GBK a page has none; some of what Python knows as a codec is none of texts."""

_META: Final = 1024
"""Bytes of a page in which browsers look for its charset."""

_CHARSET: Final = re.compile(r"charset=[\"']?([\w-]+)", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Hush:
    """What must not be on a tape: `secrets` of the home's credentials; `key` makes the pseudonyms; `rules_of` knows the platforms."""

    key: bytes
    secrets: tuple[str, ...]
    rules_of: RulesOf


def cleaned(recorder: TapeRecorder, label: Label, takes: Iterable[Take], cleaner: Cleaner) -> Tape:
    """The tape of a recorder.

    Args:
        recorder: what it kept.
        label: what the tape is to say of itself; takes, proofs and readings are filled in here.
        takes: one for each sweep that the recorder began.
        cleaner: has heard all that the recorder kept.
    """
    proofs = [(one, cleaner.scrubber.picture(one.data)) for one in recorder.shown]
    entries = tuple(map(cleaner.entry, recorder.entries()))
    pages = {f"{place:04}.html": cleaner.seen(one) for place, one in enumerate(recorder.seen())}
    told = {
        "takes": tuple(take.model_copy(update={"judged": cleaner.value(take.judged)}) for take in takes),
        "proofs": tuple(_proof(shown, picture, cleaner.scrubber.text(shown.origin)) for shown, picture in proofs),
        "readings": tuple(_reading(name, one) for name, one in pages.items()),
        "files": {name: cleaner.file(text) for name, text in label.files.items()},
    }
    pictures = {hashlib.sha256(picture).hexdigest(): picture for _, picture in proofs}
    return Tape(label.model_copy(update=told), entries, {name: one.html for name, one in pages.items()}, pictures)


def _reading(name: str, seen: Seen) -> Reading:
    return Reading(take=seen.take, at=seen.at, url=seen.url, file=name, lines=seen.lines)


def _proof(shown: Shown, picture: bytes, origin: str) -> Proof:
    sha256 = hashlib.sha256(picture).hexdigest()
    return Proof(take=shown.take, kind=shown.kind, origin=origin, sha256=sha256, at=shown.at)


class Learning:
    """Learns while the sweep goes on, one thing after the other in a thread of its own: at its end little is left to be learned."""

    def __init__(self, hush: Hush) -> None:
        self._cleaner = Cleaner(Scrubber(hush.key), hush.rules_of)
        self._thread = ThreadPoolExecutor(1, "tape")
        self._begun: list[Future[None]] = []
        for secret in hush.secrets:
            if tells(secret, _PASSWORD):
                self._cleaner.scrubber.secret(secret)

    def hear(self, told: Entry | Seen) -> None:
        """See `TapeRecorder`."""
        self._begun.append(self._thread.submit(self._cleaner.learn, told))

    def done(self) -> Cleaner:
        """Once everything is learned. Raises whatever broke on the way: half a cleaner cleans nothing."""
        self._thread.shutdown()
        for one in self._begun:
            one.result()
        return self._cleaner


@dataclass(frozen=True, slots=True)
class Cleaner:
    """A scrubber that knows where in requests, answers and pages secrets and people stand."""

    scrubber: Scrubber
    rules_of: RulesOf
    _heard: set[tuple[str, bytes]] = field(default_factory=set)
    """What each host's bodies told already, since the same script comes with every page."""

    def learn(self, told: Entry | Seen) -> None:
        """All of them before any is cleaned: a name that the last page tells must not stand on the first."""
        match told:
            case Entry():
                self._learn_entry(told)
            case Seen():
                self._learn_text(told.html, self.rules_of(told.url))
            case _:
                assert_never(told)

    def _learn_entry(self, entry: Entry) -> None:
        rules, host = self.rules_of(entry.asked.url), urlsplit(entry.asked.url).netloc
        for value in _secrets(entry, rules):
            self.scrubber.secret(value)
        said = ((name.rpartition(".")[2], str(value)) for name, value in _pairs(entry))
        self._learn_people(((rules.people[key], value) for key, value in said if key in rules.people), rules)
        for body, media in _bodies(entry):
            if (host, body) in self._heard:
                continue
            self._heard.add((host, body))
            if _is_picture(media) or is_picture(body):
                self.scrubber.picture(body)
            elif _is_text(body, media) and "css" not in media:
                self._learn_text(_decoded(body, media), rules)

    def _learn_text(self, text: str, rules: TapeRules) -> None:
        for secret in in_text(text, rules):
            self.scrubber.secret(secret)
        self._learn_people(in_answer(text, rules), rules)
        self.scrubber.learn_from(text)

    def _learn_people(self, found: Iterable[Found], rules: TapeRules) -> None:
        for kind, value in found:
            if value not in rules.people and unicodedata.normalize("NFKC", value) not in rules.words:
                self.scrubber.person(kind, value)

    def entry(self, entry: Entry) -> Entry:
        """The entry without them."""
        asked, said = entry.asked, entry.said
        rules = self.rules_of(asked.url)
        hidden = typed(rules.secrets)
        clean = replace(
            asked,
            url=self.scrubber.text(asked.url, hidden),
            headers=dict(self._headers(asked.headers.items(), rules)),
            body=None if asked.body is None else self._body(asked.body, asked.headers.get("content-type", ""), hidden),
        )
        return replace(entry, asked=clean, said=said and self._said(said, rules))

    def _said(self, said: Said, rules: TapeRules) -> Said:
        kept = [(name, value) for name, value in said.headers if name not in _WIRE]
        body = self._body(said.body, dict(said.headers).get("content-type", ""))
        return Said(said.status, tuple(self._headers(kept, rules)), body)

    def _headers(self, headers: Iterable[tuple[str, str]], rules: TapeRules) -> Iterator[tuple[str, str]]:
        for name, value in headers:
            if name == "set-cookie":
                yield name, _masked_cookie(value)
            elif name != "cookie":
                yield name, SECRET if named(name, rules) else self.scrubber.text(value)

    def _body(self, body: bytes, media: str, hidden: re.Pattern[str] | None = None) -> bytes:
        if _is_picture(media) or is_picture(body):
            return self.scrubber.picture(body)
        if not _is_text(body, media):
            return b""
        charset = _charset(body, media)
        clean = self.scrubber.text(body.decode(charset, errors="replace"), hidden)
        return clean.encode(charset, errors="xmlcharrefreplace")

    def seen(self, page: Seen) -> Seen:
        """The page without them."""
        lines = tuple(map(self.scrubber.text, page.lines))
        return replace(page, url=self.scrubber.text(page.url), html=self.scrubber.text(page.html), lines=lines)

    def file(self, text: str) -> str:
        """Settings or a policy: a buyer called as one of its words must not break it."""
        return self.scrubber.only(lambda known: tells(known) or not known.isascii()).text(text)

    def value(self, value: V) -> V:
        """Any of our own values with every free text in it cleaned; names, numbers and words of our own stay, whatever buyers call themselves."""
        return cast("V", self._value(value))

    def _value(self, value: object) -> object:
        match value:
            case BaseModel():
                free = (name for name, field in type(value).model_fields.items() if not _is_ours(field.annotation))
                return value.model_copy(update={name: self._value(getattr(value, name)) for name in free})
            case Enum():
                return value
            case str():
                return self.scrubber.text(value)
            case tuple():
                return tuple(map(self._value, value))
            case Mapping():
                return {key: self._value(inner) for key, inner in value.items()}
            case _:
                return value


def _is_ours(annotation: object) -> bool:
    """Whether only words of our own stand in such a field."""
    return get_origin(annotation) is Literal


def _secrets(entry: Entry, rules: TapeRules) -> Iterator[str]:
    """Cookies, and whatever stands under a key or a header that the platform's table names."""
    headers = [*entry.asked.headers.items(), *(entry.said.headers if entry.said else ())]
    jars = (value for name, value in headers if name in _JARS)
    under = (str(value) for name, value in (*_pairs(entry), *headers) if named(name.rpartition(".")[2], rules))
    for value in (*_crumbs(jars), *under):
        yield from filter(tells, {value, value.rpartition(" ")[2]})  # of `Bearer X` the X as well


def _pairs(entry: Entry) -> Iterator[tuple[str, object]]:
    """What a request says, name by name."""
    yield from parse_qsl(urlsplit(entry.asked.url).query)
    yield from flat(entry.asked)


def _crumbs(jars: Iterable[str]) -> Iterator[str]:
    for jar in jars:
        for crumb in jar.split(";"):
            name, _, value = crumb.strip().partition("=")
            if name.lower() not in {"path", "domain", "expires", "max-age", "samesite"}:
                yield value


def _masked_cookie(value: str) -> str:
    crumb, *attributes = value.split(";")
    return ";".join([f"{crumb.partition('=')[0]}={SECRET}", *attributes])


def _bodies(entry: Entry) -> Iterator[tuple[bytes, str]]:
    """Each with its media type."""
    if entry.asked.body:
        yield entry.asked.body, entry.asked.headers.get("content-type", "")
    if entry.said and entry.said.body:
        yield entry.said.body, dict(entry.said.headers).get("content-type", "")


def _is_picture(media: str) -> bool:
    return media.startswith("image/") and "svg" not in media


def _is_text(body: bytes, media: str) -> bool:
    """What is told to be text, or can be read as one."""
    if any(kind in media for kind in _TEXTS):
        return True
    try:
        body.decode()
    except UnicodeDecodeError:
        return False
    return True


def _charset(body: bytes, media: str) -> str:
    """As browsers find it: told by the header, by the page itself, or UTF-8."""
    found = _CHARSET.search(media) or _CHARSET.search(body[:_META].decode("latin-1"))
    try:
        name = codecs.lookup(found[1]).name if found else ""
    except LookupError:
        name = ""
    if name.startswith("gb"):
        return "gb18030"
    return name if name.startswith(_CHARSETS) else "utf-8"


def _decoded(body: bytes, media: str) -> str:
    return body.decode(_charset(body, media), errors="replace")
