"""How long the questions of a day take on a large ledger, beside a naive read of every event.

    uv run python -m benchmarks.figures [--cases 50000]

Each question is asked several times on an open reader; the middle one counts. The naive read is what a report without sums of
its own would do: fold every event of the chain, as the audit does, and add up what was settled.
"""

from __future__ import annotations

import argparse
import statistics
import tempfile
import time
from collections.abc import Callable
from datetime import datetime
from pathlib import Path

from benchmarks.ledgers import Size, generate
from bot.domain.base import SHANGHAI
from bot.ledger import SqlReader, delays, figures, history, standing
from bot.ports.figures import Span

END = datetime(2026, 11, 28, 20, 0, tzinfo=SHANGHAI)
TIMES = 5


def middle_ms(work: Callable[[], object]) -> float:
    """Milliseconds of the processor that the middle one of several took: other work on the machine does not count."""
    told = []
    for _ in range(TIMES):
        begun = time.process_time()
        work()
        told.append((time.process_time() - begun) * 1000)
    return statistics.median(told)


def questions(reader: SqlReader, span: Span, days: int) -> dict[str, Callable[[], object]]:
    """Each by name, on a connection of its own, as a page asks it."""

    def asked(work: Callable[..., object], *more: object) -> Callable[[], object]:
        def ask() -> None:
            with reader._store.reading() as db:  # noqa: SLF001  # one question alone has no method of its own
                result = work(db, *more)
                tuple(result) if hasattr(result, "__next__") else None

        return ask

    return {
        "moved": asked(figures.moved, span),
        "saved": asked(figures.saved, span),
        "time to act": asked(delays.to_act, span),
        "time to intercept": asked(delays.to_intercept, span),
        "countdowns that ended": asked(standing.due, span, END),
        "cases by state": asked(standing.states),
        "at risk": asked(standing.at_risk, END),
        "holds by reason": asked(standing.holds),
        "next 24 hours": asked(standing.load_ahead, END),
        "who needs a person": asked(standing.held, END, 500),
        f"amounts of {days} days": asked(figures.outcomes, Span.of(span.last, days)),
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--cases", type=int, default=50_000)
    parser.add_argument("--days", type=int, default=30)
    told = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="refundpilot-bench-") as folder:
        path = Path(folder) / "ledger.db"
        generate(path, Size(cases=told.cases, days=told.days, shops=5, end=END))
        span = Span.of(END.date())
        with SqlReader(path) as reader:
            for name, ask in questions(reader, span, 14).items():
                print(f"{name:24} {middle_ms(ask):7.1f} ms")
            whole = middle_ms(lambda: reader.figures(span, END))
            begun = time.process_time()
            with reader._store.reading() as db:  # noqa: SLF001  # as above
                sum(story.armed.facts["spends"] for story in history.read(db).stories.values() if story.settled)
            naive = (time.process_time() - begun) * 1000
    print(
        f"{'all figures together':24} {whole:7.1f} ms; every event read: {naive:.0f} ms, {naive / whole:.0f} times as long"
    )


if __name__ == "__main__":
    main()
