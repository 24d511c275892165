"""How long what is kept (S22): moments before which it goes, and what went."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from bot.domain.base import Frozen, Sha256
from bot.ports.exits import ExitCode


@dataclass(frozen=True, slots=True)
class Cutoffs:
    """What is older goes (the PC's clock): pages and pictures of ended cases, what a refusal or complaint rests on, buyers not seen since."""

    pages: datetime
    disputes: datetime
    buyers: datetime


class Retired(Frozen):
    """What the ledger let go: payloads by their event's number, pictures by hash, buyers by token.

    `kept`: cases that are over their time and stay, since they are open or may still be disputed.
    """

    payloads: tuple[int, ...] = ()
    pictures: tuple[Sha256, ...] = ()
    buyers: tuple[str, ...] = ()
    kept: int = 0


class ForgetResult(Frozen):
    """`refundpilot forget`: what went of a buyer; of what would go where `dry_run` is set.

    `cases`: their after-sale ids. `open_cases`: so many of them that the shop still shows, so that the next sweep meets the buyer again.
    `inbox`: folders of the merchant's own pictures for their orders, which are left to the merchant.
    """

    dry_run: bool
    cases: tuple[str, ...] = ()
    open_cases: int = 0
    pictures: int = 0
    bundles: int = 0
    reports: int = 0
    inbox: tuple[str, ...] = ()
    exit_code: ExitCode = ExitCode.DONE


class TidyResult(Frozen):
    """`refundpilot tidy`: how much of what went; of what would go where `dry_run` is set.

    `kept`: cases whose pages and pictures stay beyond their time, because they are open or may still be disputed.
    """

    dry_run: bool
    payloads: int = 0
    pictures: int = 0
    buyers: int = 0
    bundles: int = 0
    reports: int = 0
    logs: int = 0
    alarms: int = 0
    kept: int = 0
    exit_code: ExitCode = ExitCode.DONE
