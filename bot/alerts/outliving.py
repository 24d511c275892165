"""Alarms go on whatever breaks on their way: one bug must not silence all the others for the months that a service runs."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from loguru import logger

from bot.config.redact import SECRETS


@contextmanager
def outlived(what: str) -> Iterator[None]:
    """Whatever goes wrong inside is said in the log with `what`, and ends there; only who is cancelled, or told to stop, goes."""
    try:
        yield
    except Exception as error:  # noqa: BLE001 - no list of errors is whole, and one bug must not silence the other alarms
        logger.error("{}: {}", what, SECRETS(f"{type(error).__name__}: {error}"))
