"""Exit codes that other programs rely on (design.md section 8), and the one table that gives each error its code."""

from __future__ import annotations

from enum import IntEnum

from bot import errors


class ExitCode(IntEnum):
    """What the process says to the program that started it; stable (runbook: Exit codes)."""

    DONE = 0
    HELD = 1
    CONFIG = 2
    PERSON = 3
    STOPPED = 4
    LEDGER = 5
    INTERRUPTED = 130


EXIT_OF: dict[type[BaseException], ExitCode] = {
    errors.ConfigError: ExitCode.CONFIG,
    errors.BrowserMissing: ExitCode.CONFIG,
    errors.OcrMissing: ExitCode.CONFIG,
    errors.NotAvailable: ExitCode.HELD,
    errors.TapeError: ExitCode.CONFIG,
    errors.SessionError: ExitCode.PERSON,
    errors.PageError: ExitCode.HELD,
    errors.CaseError: ExitCode.HELD,
    errors.ActionError: ExitCode.HELD,
    errors.GuardRefused: ExitCode.HELD,
    errors.Stopped: ExitCode.STOPPED,
    errors.LedgerError: ExitCode.LEDGER,
}
"""One line an error family; a class inherits its family's code."""

SEVERITY = (
    ExitCode.LEDGER,
    ExitCode.CONFIG,
    ExitCode.STOPPED,
    ExitCode.PERSON,
    ExitCode.HELD,
    ExitCode.INTERRUPTED,
    ExitCode.DONE,
)
"""Worst first: when several shops end differently, the worst one is told."""


def exit_code_of(error: BaseException) -> ExitCode:
    """The code of an error by its nearest listed ancestor; anything unlisted counts as failed (1)."""
    return next((EXIT_OF[kind] for kind in type(error).__mro__ if kind in EXIT_OF), ExitCode.HELD)


def worst(codes: list[ExitCode]) -> ExitCode:
    """The worst of several; DONE when there are none."""
    return min(codes, key=SEVERITY.index, default=ExitCode.DONE)
