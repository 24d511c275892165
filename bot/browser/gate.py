"""The gate: holds every request of the browser until a guard has judged it, below the reach of any page.

It stands on one DevTools session of the whole browser (`Fetch.enable` for all resource types) and not on
`context.route`. Measured with Chromium 156 and Playwright 1.65 by counting at the server: `context.route` let through the
second hop of a 307, sendBeacon and keepalive fetches on page hide, requests of removed frames, of shared workers and of
closed blank popups, fetchLater, and released whatever it held when the page was closed. The browser-wide session saw and
stopped all of them. It also leaves the HTTP cache on: a page of 12 requests took 117 ms bare, 134 ms behind this gate,
220 ms behind `context.route` (CPU 141 / 152 / 277 ms). Narrowing it by resource type gained 2 ms: not worth a blind spot.
What a killed bot, driver or browser held is never sent (ten kills, none reached the server).

The answer to a write is held as well, until it was read here: a page may leave as soon as it is answered, and takes the
body with it (seen on a loaded machine: the receipt of a plain refund was then only presumed to be ours).

Documents and data that leave here ask the server, whatever it said of keeping them: what became of a click is read off two of
them, and the shop's time off their Date. Scripts, styles and pictures stay in the HTTP cache.

This is also where a sweep is recorded (every answer is held until it was read) and replayed (nothing leaves; what the guard
lets pass is answered from the tape).
"""

from __future__ import annotations

import asyncio
import base64
from collections import deque
from collections.abc import Awaitable, Callable, Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

from playwright.async_api import Browser, CDPSession
from playwright.async_api import Error as PlaywrightError

from bot.browser.exchange import Answer
from bot.browser.guard import Guard
from bot.browser.rules import GuardedRequest
from bot.browser.verdicts import Admission, Passed, Refusal, Why, refusal
from bot.ports.tape import GET, PICTURE, Asked, Player, Recorder, Said

Event = Mapping[str, Any]
Frames = Callable[[], Awaitable[frozenset[str]]]
"""Ids of all frames that a session's pages hold right now."""
Sender = Callable[[GuardedRequest], Awaitable[Said]]
"""Sends a request outside the browser; raises PlaywrightError."""

_KEPT = 200
_OK = 200
_BODY_S, _QUIET_S = 20.0, 45.0
"""How long an answer's body may take, and all that stands at the gate; a write that is sent from here takes at most 30."""
_LASTING = "immutable"
"""Of Cache-Control (RFC 8246)."""
_NEVER_KEPT = frozenset({"Document", "XHR", "Fetch"})
_ASK = {"name": "Cache-Control", "value": "no-cache"}
"""`max-age=0`, as a reload says it, loses against a page's own `force-cache` (seen)."""


@dataclass(frozen=True, slots=True)
class Post:
    """A guard at its post: the browser context it stands for, how to learn its frames, how to send in its stead."""

    guard: Guard
    frames: Frames
    send: Sender


@dataclass(frozen=True, slots=True)
class Heads:
    """What turns beside the gate: a recorder that is told, or a player that answers instead of the network; at most one."""

    recorder: Recorder | None = None
    player: Player | None = None


@dataclass(frozen=True, slots=True)
class Out:
    """A request that left and whose answer will be held: as what it was asked, the permit of a write, who answers for it.

    `since`: how many others the recorder had kept by then.
    """

    asked: Asked
    admission: Admission | None
    post: Post | None
    since: int


class Gate:
    """One per browser. A request of a frame that no guard answers for may only read, and only where some guard may."""

    def __init__(self, cdp: CDPSession, heads: Heads) -> None:
        self.strangers: deque[Refusal] = deque(maxlen=_KEPT)
        self.enlisting = asyncio.Lock()
        self.heads = heads
        self._cdp = cdp
        self._posts: dict[str, Post] = {}
        self._contexts: dict[str, str] = {}
        self._out: dict[str, Out] = {}
        self._lasting: dict[str, bytes] = {}
        self._tasks: set[asyncio.Task[None]] = set()

    @classmethod
    async def shut(cls, browser: Browser, heads: Heads) -> Gate:
        """Stand before everything that `browser` will ever send; call it before the first context is made."""
        gate = cls(await browser.new_browser_cdp_session(), heads)
        cdp = gate._cdp
        cdp.on("Target.targetCreated", gate._learn_target)
        cdp.on("Target.targetDestroyed", gate._forget_target)
        cdp.on("Fetch.requestPaused", gate._paused)
        await cdp.send("Target.setDiscoverTargets", {"discover": True})
        await cdp.send("Fetch.enable", {"patterns": [{"urlPattern": "*", "requestStage": "Request"}]})
        return gate

    async def context_ids(self) -> frozenset[str]:
        """The browser's own ids of its contexts: the one that is new after `new_context` belongs to that context."""
        found = await self._cdp.send("Target.getBrowserContexts")
        return frozenset(found["browserContextIds"])

    def post(self, context_id: str, post: Post) -> None:
        """Put a guard at its post, before the context has a page."""
        self._posts[context_id] = post

    def relieve(self, context_id: str) -> None:
        """Take the guard away: from now on that context has no one to answer for it.

        What its pages asked for and did not wait for (pictures of a tab that was closed) is told as broken off.
        """
        post = self._posts.pop(context_id, None)
        given_up = [request_id for request_id, out in self._out.items() if out.post is post]
        for out in map(self._out.pop, given_up):
            if self.heads.recorder is not None:
                self.heads.recorder.exchange(out.asked, None, out.since)

    async def quiet(self) -> None:
        """Wait until every request that stands at the gate has its answer (before pages are closed).

        What the browser itself does not answer is given up.
        """
        with suppress(TimeoutError):
            async with asyncio.timeout(_QUIET_S):
                while self._tasks:
                    await asyncio.gather(*self._tasks, return_exceptions=True)

    def _learn_target(self, event: Event) -> None:
        info = event["targetInfo"]
        self._contexts[info["targetId"]] = info.get("browserContextId", "")

    def _forget_target(self, event: Event) -> None:
        self._contexts.pop(event["targetId"], None)

    def _paused(self, event: Event) -> None:
        answered = self._out.pop(event["requestId"], None)
        task = asyncio.get_running_loop().create_task(self._hear(event, answered) if answered else self._decide(event))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _hear(self, event: Event, out: Out) -> None:
        """Read the answer to what left, then let the page have it; one whose body does not come counts as broken off."""
        status = event.get("responseStatusCode")
        try:
            said = None
            if status is not None:
                with suppress(TimeoutError):
                    async with asyncio.timeout(_BODY_S):
                        said = await self._said(event, status, out)
            self._heard(out, said)
            await self._cdp.send("Fetch.continueRequest", {"requestId": event["requestId"]})
        except PlaywrightError:
            return  # the page, the request or the browser is gone: nobody waits for it any more

    def _heard(self, out: Out, said: Said | None) -> None:
        if out.admission is not None:
            out.admission.hear(None if said is None else Answer.of(said.status, dict(said.headers), said.body))
        if self.heads.recorder is not None:
            self.heads.recorder.exchange(out.asked, said)

    async def _said(self, event: Event, status: int, out: Out) -> Said:
        """What never changes, by its own headers, is fetched once: pages of a shop bring the same scripts again and again.

        Documents, data, and an answer to anything but a plain request are read each time, whatever their headers say: money hangs on them.
        """
        url, headers = event["request"]["url"], _listed(event["responseHeaders"])
        plain = out.asked.kind in {GET, PICTURE} and event["resourceType"] not in _NEVER_KEPT
        lasting = plain and status == _OK and _LASTING in dict(headers).get("cache-control", "")
        body = self._lasting.get(url, b"") if lasting else b""
        body = body or await self._body_of(event["requestId"])
        if lasting:
            self._lasting[url] = body
        return Said(status, headers, body)

    async def _body_of(self, request_id: str) -> bytes:
        """Empty where the browser has none to show, as for a redirect."""
        try:
            found = await self._cdp.send("Fetch.getResponseBody", {"requestId": request_id})
        except PlaywrightError:
            return b""
        return base64.b64decode(found["body"]) if found["base64Encoded"] else str(found["body"]).encode()

    async def _decide(self, event: Event) -> None:
        """Judge one held request and tell the browser. Whatever goes wrong here, the request does not leave."""
        request = _request(event)
        post: Post | None = None
        try:
            post = await self._post_of(event, request)
            verdict = post.guard.judge(request) if post else self._judge_stranger(request)
        except Exception as error:  # noqa: BLE001 - the last line of defence: a broken guard must never let anything out
            verdict = refusal(request, Why.BROKEN, detail=type(error).__name__)
            self._record(verdict, post)
        try:
            await self._carry_out(event, request, verdict, post)
        except PlaywrightError:
            return  # the page, the request or the browser is gone: nothing left to answer

    async def _carry_out(
        self, event: Event, request: GuardedRequest, verdict: Passed | Refusal, post: Post | None
    ) -> None:
        heads, request_id = self.heads, event["requestId"]
        leaving = {"requestId": request_id, **_asking(event)}
        if isinstance(verdict, Refusal):
            turning = heads.recorder or heads.player
            if turning is not None:
                turning.refused(_asked(request, verdict.kind or GET), verdict.why)
            await self._cdp.send("Fetch.failRequest", {"requestId": request_id, "errorReason": "BlockedByClient"})
            return
        plain = PICTURE if event["resourceType"] == "Image" else GET
        asked = _asked(request, verdict.endpoint.kind if verdict.endpoint else plain)
        since = heads.recorder.kept if heads.recorder else 0
        out = Out(asked, verdict.admission, post, since)
        if heads.player is not None:
            await self._play(request_id, out, heads.player)
        elif verdict.admission and post and post.guard.rules.sends_itself:
            await self._send_instead(request_id, request, out, post)
        elif verdict.admission is None and heads.recorder is None:
            await self._cdp.send("Fetch.continueRequest", leaving)
        else:
            self._out[request_id] = out
            await self._cdp.send("Fetch.continueRequest", {**leaving, "interceptResponse": True})

    async def _play(self, request_id: str, out: Out, player: Player) -> None:
        """Answer from the tape; the network is not asked, whatever the tape has."""
        said = player.answer(out.asked)
        self._heard(out, said)
        await self._answer(request_id, said)

    async def _send_instead(self, request_id: str, request: GuardedRequest, out: Out, post: Post) -> None:
        """Send once from here; when that fails the page sees a failed request, and the outcome is unknown (F16)."""
        try:
            said: Said | None = await post.send(request)
        except PlaywrightError:
            said = None
        self._heard(out, said)
        await self._answer(request_id, said)

    async def _answer(self, request_id: str, said: Said | None) -> None:
        if said is None:
            await self._cdp.send("Fetch.failRequest", {"requestId": request_id, "errorReason": "ConnectionFailed"})
            return
        headers = [{"name": name, "value": value} for name, value in said.headers]
        body = base64.b64encode(said.body).decode()
        reply = {"responseCode": said.status, "responseHeaders": headers, "body": body}
        await self._cdp.send("Fetch.fulfillRequest", {"requestId": request_id, **reply})

    async def _post_of(self, event: Event, request: GuardedRequest) -> Post | None:
        """Who answers for the frame (or worker) that asks. Frames inside a page are looked up only for a write."""
        frame = event.get("frameId", "")
        known = self._posts.get(self._contexts.get(frame, ""))
        if known is not None:
            return known
        for post in tuple(self._posts.values()):
            if _must_know(post.guard, request) and frame in await post.frames():
                return post
        return None

    def _judge_stranger(self, request: GuardedRequest) -> Passed | Refusal:
        """A frame inside a page, or nobody's: reads pass where some guard would let them pass, nothing else does."""
        for post in self._posts.values():
            if request.origin in post.guard.rules.origins and not _must_know(post.guard, request):
                return post.guard.judge(request)
        verdict = refusal(request, Why.STRANGER)
        self._record(verdict, None)
        return verdict

    def _record(self, verdict: Refusal, post: Post | None) -> None:
        """Nobody's refusal is told to every guard whose shop it was aimed at."""
        self.strangers.append(verdict)
        for other in (post,) if post else tuple(self._posts.values()):
            if post or verdict.origin in other.guard.rules.origins:
                other.guard.record(verdict)


def _must_know(guard: Guard, request: GuardedRequest) -> bool:
    """Whether it matters whose frame this is: for anything but a read of this guard's shop."""
    if request.origin not in guard.rules.origins:
        return False
    endpoint = guard.rules.find(request)
    return endpoint.mutates if endpoint else request.method not in {"GET", "HEAD"} or guard.rules.changes(request)


def _request(event: Event) -> GuardedRequest:
    asked = event["request"]
    return GuardedRequest(
        method=asked["method"],
        url=asked["url"],
        headers={name.lower(): value for name, value in asked["headers"].items()},
        body=_body(asked),
    )


def _asking(event: Event) -> dict[str, Any]:
    """What turns a request for a document or data into one that the cache alone may not answer."""
    asked = event["request"]
    if asked["method"] != "GET" or event["resourceType"] not in _NEVER_KEPT:
        return {}
    kept = [
        {"name": name, "value": value} for name, value in asked["headers"].items() if name.lower() != "cache-control"
    ]
    return {"headers": [*kept, _ASK]}


def _asked(request: GuardedRequest, kind: str) -> Asked:
    return Asked(request.method, request.url, kind, request.headers, request.body)


def _listed(headers: Iterable[Event]) -> tuple[tuple[str, str], ...]:
    return tuple((header["name"].lower(), header["value"]) for header in headers)


def _body(asked: Event) -> bytes | None:
    """All parts of the body, or None when the browser holds back any of them (files, blobs on disk)."""
    entries = asked.get("postDataEntries")
    if not entries or any("bytes" not in entry for entry in entries):
        return None
    return b"".join(base64.b64decode(entry["bytes"]) for entry in entries)
