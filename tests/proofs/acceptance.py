"""The check against many proofs: `python -m tests.proofs.acceptance --pictures 300 --seed S`.

Each goes the way of a picture from the inbox: made fit for the platform, read in its pixels, judged. Exits 1 where a wrong one was
taken or too few good ones were.
"""

from __future__ import annotations

import argparse
import io
import sys
from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path

from PIL import Image

from bot.domain.proofs import Judgement, ProofStanding
from bot.engine.proofs.judge import judge_proof
from bot.evidence.fit import Bounds, fit
from bot.evidence.reading import lines_of
from bot.evidence.worker import raster
from bot.ocr.engine import reader
from bot.ports.ocr import TextReader
from tests.proofs.generate import Right, Specimen, specimens

BOUNDS = Bounds(130_000, ("image/jpeg", "image/png", "image/gif"))
GOOD_PERCENT = 95
PNG = b"\x89PNG"


@dataclass
class Score:
    """What became of the pictures; `odd`: those that were judged otherwise than they should be."""

    taken: Counter[tuple[str, Right]] = field(default_factory=Counter)
    seen: Counter[tuple[str, Right]] = field(default_factory=Counter)
    standings: defaultdict[str, Counter[str]] = field(default_factory=lambda: defaultdict(Counter))
    odd: list[tuple[int, Specimen, Judgement]] = field(default_factory=list)

    def add(self, number: int, one: Specimen, judged: Judgement) -> None:
        taken = judged.standing is ProofStanding.OK
        self.seen[one.kind, one.right] += 1
        self.taken[one.kind, one.right] += taken
        self.standings[one.kind][judged.standing] += 1
        if (one.right is Right.NO and taken) or (one.right is Right.YES and not taken):
            self.odd.append((number, one, judged))

    def of(self, right: Right) -> tuple[int, int]:
        """(taken, seen)."""
        taken, seen = (sum(n for (_, one), n in of.items() if one is right) for of in (self.taken, self.seen))
        return taken, seen

    @property
    def passed(self) -> bool:
        wrong, _ = self.of(Right.NO)
        good, all_good = self.of(Right.YES)
        return wrong == 0 and 100 * good >= GOOD_PERCENT * all_good


def judged(one: Specimen, engine: TextReader) -> Judgement:
    fitted = raster(fit(one.picture, BOUNDS))
    lines = lines_of(Image.open(io.BytesIO(fitted), formats=["PPM"]), engine)
    return judge_proof(one.style.demands, one.facts, lines)


def score(many: Iterable[Specimen], engine: TextReader) -> Score:
    told = Score()
    for number, one in enumerate(many):
        told.add(number, one, judged(one, engine))
    return told


def suffix(picture: bytes) -> str:
    return ".png" if picture.startswith(PNG) else ".jpg"


def main() -> int:
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--pictures", type=int, default=300)
    options.add_argument("--seed", type=int, default=1)
    options.add_argument("--keep", type=Path, help="a folder for the pictures that were misjudged")
    asked = options.parse_args()
    told = score(specimens(asked.seed, asked.pictures), reader())
    print(f"{asked.pictures} pictures, seed {asked.seed}")
    for kind, standings in sorted(told.standings.items()):
        print(f"  {kind:13}", ", ".join(f"{standing} {count}" for standing, count in sorted(standings.items())))
    for name, right in (
        ("wrong accepted", Right.NO),
        ("good accepted", Right.YES),
        ("hard but true, accepted", Right.EITHER),
    ):
        print(f"{name}: {told.of(right)[0]} of {told.of(right)[1]}")
    for number, one, verdict in told.odd:
        print(f"  misjudged {number} {one.kind} {one.style.name}: {verdict}")
        if asked.keep:
            asked.keep.mkdir(parents=True, exist_ok=True)
            (asked.keep / f"{number}-{one.kind}{suffix(one.picture)}").write_bytes(one.picture)
    return 0 if told.passed else 1


if __name__ == "__main__":
    sys.exit(main())
