"""The one table that says what happens after each kind of error (design.md 6); the most specific class wins."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum

from bot import errors


class Consequence(StrEnum):
    """What a sweep does next."""

    EXIT = "exit"
    SIGN_IN = "sign_in"
    CALL_PERSON = "call_person"
    BAR_VERB = "bar_verb"
    FREEZE_SCREEN = "freeze_screen"
    READ_AGAIN = "read_again"
    WAIT_AND_READ = "wait_and_read"
    DECIDE_AGAIN = "decide_again"
    GATHER_PROOF = "gather_proof"
    HOLD = "hold"
    HOLD_AND_ALARM = "hold_and_alarm"
    STOP_SHOP = "stop_shop"
    STOP_ALL = "stop_all"


TABLE: Mapping[type[errors.RefundPilotError], Consequence] = {
    errors.ConfigError: Consequence.EXIT,
    errors.BrowserMissing: Consequence.EXIT,
    errors.OcrMissing: Consequence.EXIT,
    errors.TapeError: Consequence.EXIT,
    errors.SessionExpired: Consequence.SIGN_IN,
    errors.ChallengeRequired: Consequence.CALL_PERSON,
    errors.PermissionMissing: Consequence.BAR_VERB,
    errors.SessionError: Consequence.STOP_SHOP,
    errors.RateLimited: Consequence.WAIT_AND_READ,
    errors.PageError: Consequence.READ_AGAIN,
    errors.CaseMoved: Consequence.DECIDE_AGAIN,
    errors.EvidenceDemanded: Consequence.GATHER_PROOF,
    errors.PersonDemanded: Consequence.HOLD_AND_ALARM,
    errors.CaseError: Consequence.HOLD,
    errors.NotSent: Consequence.HOLD,
    errors.BrokenPage: Consequence.DECIDE_AGAIN,
    errors.TooLate: Consequence.DECIDE_AGAIN,
    errors.PageDrifted: Consequence.FREEZE_SCREEN,
    errors.ActionError: Consequence.HOLD_AND_ALARM,
    errors.GuardRefused: Consequence.HOLD_AND_ALARM,
    errors.LedgerError: Consequence.STOP_ALL,
    errors.Stopped: Consequence.STOP_SHOP,
    errors.RefundPilotError: Consequence.HOLD_AND_ALARM,
}


def consequence(error: errors.RefundPilotError) -> Consequence:
    """Look the error's class up, then its bases, nearest first."""
    return next(TABLE[kind] for kind in type(error).__mro__ if kind in TABLE)
