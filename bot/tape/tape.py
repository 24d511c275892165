"""A tape as a value: what was asked and answered, what the pages looked like, what was decided, and with what it was all done."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Annotated, Final

from pydantic import AwareDatetime, Field

from bot.domain.base import Frozen
from bot.engine.autonomy import Word
from bot.ports.ledger import Judged
from bot.ports.wanted import EVERYTHING, Pick
from bot.tape.entry import Entry

VERSION: Final = 1

BY_HAND: Final = "by_hand"
"""Stands for the posture of a take in which a person did the work."""


class Reading(Frozen):
    """A page as it stood when it was read, and what was read there, a line each; `file` is its place in the container."""

    take: int
    at: AwareDatetime
    url: str
    file: str
    lines: tuple[str, ...]


class Proof(Frozen):
    """A picture that went into an act: what was taken or found, under what name, in which order. `sha256` of the scrubbed one."""

    take: int
    kind: str
    origin: str
    sha256: str
    at: AwareDatetime


class Take(Frozen):
    """One sweep of one shop: when it began, how far it went, all that was decided (in order) and how each case ended."""

    shop: Annotated[str, Field(pattern=r"^[^/]+/.+$")]
    posture: Annotated[str, Field(pattern=rf"^(observe|propose|act|{BY_HAND})$")]
    began: AwareDatetime
    judged: tuple[Judged, ...] = ()
    ended: dict[str, str] = Field(default_factory=dict)
    """Case status by after-sale id."""
    presumed: tuple[str, ...] = ()
    """Cases with a receipt that was only presumed to be ours: the answer to the click was no receipt, the page read back was."""
    picked: bool = False
    """Only some of the pending cases were asked for: those that have an end."""
    seconds_per_case: Annotated[float, Field(ge=0, allow_inf_nan=False)] | None = None
    """The pace that the order of work was planned with; None on a tape of before."""
    parcels_first: bool = False
    """Whether refunds of shipped goods went before the others; a tape of before has them in their old order."""
    words: dict[str, tuple[Word, ...]] | None = None
    """What people had said of strategies that have to earn their autonomy, the newest first; None on a tape of before."""
    unended: tuple[str, ...] = ()
    """Cases of earlier sweeps without an end, which a whole list need not show: a sweep opens them all the same."""
    scenes: frozenset[str] = frozenset()
    """The scenes that were asked for, on a tape of before `asked`; empty for any."""
    asked: Pick | None = None
    """What a case had to be like besides, where only some were asked for; None on a tape of before."""

    def pick(self, *, as_shown: bool) -> Pick:
        """Which cases the sweep worked on. `as_shown`: only as a person saw them decided, which another policy need not do."""
        if not self.picked:
            return EVERYTHING
        asked = self.asked or Pick(scenes=self.scenes)
        return asked.model_copy(update={"ids": frozenset(self.ended), "shown": asked.shown if as_shown else None})


class Label(Frozen):
    """What stands beside the HAR: made when and with what. `sites`: origin to platform; `files`: the home's settings and policy."""

    version: int = VERSION
    made_at: AwareDatetime
    made_by: str
    sites: dict[str, str]
    files: dict[str, str]
    selectors: dict[str, str]
    takes: tuple[Take, ...] = ()
    proofs: tuple[Proof, ...] = ()
    readings: tuple[Reading, ...] = ()
    har_sha256: str = ""


@dataclass(frozen=True, slots=True)
class Tape:
    """`pages`: HTML by the name of the reading's file; `pictures`: PNG by hash."""

    label: Label
    entries: tuple[Entry, ...]
    pages: dict[str, str] = field(default_factory=dict)
    pictures: dict[str, bytes] = field(default_factory=dict)
