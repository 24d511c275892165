"""The doctor's round: every check of the table, in order; a check that breaks is itself a finding."""

from __future__ import annotations

import inspect
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from pathlib import Path

import httpx

from bot.browser.provision import Tell
from bot.catalogue import Catalogue
from bot.doctor import channels, desktop, drawing, home, pc, reading, standing
from bot.doctor.finding import Finding, found
from bot.doctor.patient import ENGLISH, Fetch, Patient, admit
from bot.domain.decision import Reason
from bot.ports.clock import Clock

Found = Finding | Awaitable[Finding] | Iterator[Finding] | AsyncIterator[Finding]
Check = Callable[[Patient], Found]

CHECKS: tuple[Check, ...] = (
    pc.python,
    pc.system,
    drawing.browser,
    pc.display,
    pc.tray,
    pc.zone,
    pc.ticking,
    pc.skew,
    pc.keyring,
    reading.reading,
    home.settings,
    home.writable,
    home.disk,
    home.modes,
    home.tracked,
    home.instance,
    home.stop,
    home.people,
    home.selectors,
    standing.unit,
    standing.heartbeat,
    standing.sessions,
    standing.linger,
    standing.awake,
    standing.sync,
    channels.channels,
    desktop.desktop,
)

_TIMEOUT_S = 5.0


def fetch_headers(url: str) -> dict[str, str]:
    """Headers of `url`, redirects not followed: only the shop's own host is asked. Raises OSError when it does not answer."""
    try:
        answer = httpx.head(url, timeout=_TIMEOUT_S, trust_env=False)
    except httpx.HTTPError as error:
        raise OSError(str(error)) from error
    return {name.lower(): value for name, value in answer.headers.items()}


def _silent(_: Reason) -> None:
    """Nobody listens to what `provide` does."""


async def examine(
    home_path: Path | None,
    clock: Clock,
    *,
    tell: Tell = _silent,
    fetch: Fetch = fetch_headers,
    checks: tuple[Check, ...] = CHECKS,
    words: Catalogue = ENGLISH,
) -> tuple[Finding, ...]:
    """Look at the PC, and at a home if one is given. Never raises for what it finds.

    Args:
        home_path: the home's folder, or None for the PC alone.
        clock: the clock that the robot will go by.
        tell: hears what is being installed, if something is.
        fetch: asks a shop for its headers; tests give a made-up one.
        checks: the round.
        words: the language in which mistakes of the settings are told.
    """
    patient = admit(home_path, clock, fetch, tell, words)
    findings: list[Finding] = []
    for check in checks:
        try:
            findings += [finding async for finding in _results(check(patient))]
        except Exception as error:  # noqa: BLE001 - one broken check must not hide what the others find
            findings.append(found("check.broken", check=check.__name__, detail=f"{type(error).__name__}: {error}"))
    return tuple(findings)


async def _results(result: Found) -> AsyncIterator[Finding]:
    if isinstance(result, Finding):
        yield result
    elif inspect.isawaitable(result):
        yield await result
    elif isinstance(result, AsyncIterator):
        async for finding in result:
            yield finding
    else:
        for finding in result:
            yield finding
