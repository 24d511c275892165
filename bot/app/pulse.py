"""The service's phase and its sign of life in the home: what it does right now, told to whoever watches beside it."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime

import psutil
from loguru import logger

from bot.clock import SystemClock
from bot.config import HomeFiles
from bot.config.swapping import swap_in
from bot.ports.clock import Clock
from bot.ports.status import NextRun, ServiceStatus
from bot.scheduler.heartbeat import EVERY_S, Beat, Phase, read_beat, write_beat
from bot.service.heartbeat import identity
from bot.service.systemd_notify import Feed

HEARD_S = 6 * EVERY_S
"""A service that was silent for longer is not alive, whatever its process says."""


class Pulse:
    """Writes the heartbeat every ten seconds and with each change of the phase, and feeds systemd's watchdog with it.

    A full disk is said in the log and stops nothing.
    """

    def __init__(self, files: HomeFiles, clock: Clock) -> None:
        self._files = files
        self._clock = clock
        own = identity()
        self._beat = Beat(
            at=clock.now(),
            pid=own.pid,
            created=own.created,
            command=own.command,
            phase=Phase.SLEEPING,
            phase_since=clock.now(),
        )
        self._systemd = Feed()
        self._plan: Sequence[NextRun] = ()

    @property
    def beat(self) -> Beat:
        """As written last."""
        return self._beat

    @property
    def phase(self) -> Phase:
        return self._beat.phase

    def turn(self, phase: Phase, shop: str | None = None) -> None:
        """Another phase from now on; `shop` None: the one in hand stays in hand."""
        now = self._clock.now()
        told = {"at": now, "phase": phase, "phase_since": now, "shop": self._beat.shop if shop is None else shop}
        self._write(self._beat.model_copy(update=told))

    def stir(self) -> None:
        """The work gets on: a sweep begins its phase anew, so that only one which stands still grows old. Written every ten seconds."""
        now = self._clock.now()
        # ahead of now: the clock was set back, and the watch counts from then on too
        if self.phase is Phase.SWEEPING and abs((now - self._beat.phase_since).total_seconds()) >= EVERY_S:
            self.turn(Phase.SWEEPING)

    def tick(self, now: datetime) -> None:
        """Beat where it is time to."""
        if abs((now - self._beat.at).total_seconds()) >= EVERY_S:
            self._write(self._beat.model_copy(update={"at": now}))

    def signed_in(self, since: Mapping[str, datetime]) -> None:
        """Since when, by shop; no secret is in it. Written where it changed."""
        if dict(since) != self._beat.signed_in:
            self._write(self._beat.model_copy(update={"signed_in": dict(since), "at": self._clock.now()}))

    def plans(self, coming: Sequence[NextRun]) -> None:
        """What is next, for `status`; written where it changed."""
        if coming != self._plan:
            self._plan = coming
            body = [one.model_dump(mode="json") for one in coming]
            self._swap(lambda: swap_in(self._files.plan, json.dumps(body, ensure_ascii=False) + "\n"))

    def _write(self, beat: Beat) -> None:
        self._beat = beat
        if beat.phase is Phase.STOPPED:
            self._systemd.leave()
        else:
            self._systemd.alive(beat.phase, beat.shop)
        self._swap(lambda: write_beat(self._files.heartbeat, beat))

    @staticmethod
    def _swap(write: Callable[[], None]) -> None:
        try:
            write()
        except OSError as error:
            # on Windows also a reader that has the file open in this very moment; the next beat follows in seconds
            logger.debug("no sign of life could be written: {}", error)


def service_status(files: HomeFiles) -> ServiceStatus | None:
    """By the newest sign of life; None where no service ever ran in this home."""
    beat = read_beat(files.heartbeat)
    if beat is None:
        return None
    age_s = (SystemClock().now() - beat.at).total_seconds()
    there = beat.phase is not Phase.STOPPED and psutil.pid_exists(beat.pid)
    return ServiceStatus(
        **beat.model_dump(exclude={"created", "command"}), alive=there and age_s <= HEARD_S, age_s=round(age_s, 1)
    )


def next_runs(files: HomeFiles, service: ServiceStatus | None) -> tuple[NextRun, ...]:
    """The plan of the service that runs; a plan that nobody will carry out is none."""
    if service is None or not service.alive:
        return ()
    try:
        body = json.loads(files.plan.read_text(encoding="utf-8"))
        return tuple(NextRun.model_validate(one) for one in body)
    except (OSError, ValueError):
        return ()
