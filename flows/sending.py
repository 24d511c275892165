"""What every platform holds to around its one click that commits."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from bot.domain.ids import CaseKey
from bot.errors import BrokenPage, NotSent, PageError, TargetAmbiguous, TargetMissing


@contextmanager
def before_sending(case: CaseKey) -> Iterator[None]:
    """Page trouble before the click is certain not to have sent anything: it is raised as NotSent.

    As BrokenPage where a fresh page may cure it (F11: buttons stand there, and the script behind them was lost on the way);
    a target that is missing or ambiguous on a page that stands is a person's.
    """
    try:
        yield
    except PageError as error:
        kind = NotSent if isinstance(error, TargetMissing | TargetAmbiguous) else BrokenPage
        raise kind(
            str(error),
            case=case.aftersale_id,
            target=error.target,
            page=error.page,
            raw=error.raw,
            code=error.reason_code,
        ) from error
