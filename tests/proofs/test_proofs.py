"""One drawn proof of each kind through the real engine: good ones are taken, wrong ones never; the whole run is `tests.proofs.acceptance`."""

from __future__ import annotations

import random

import pytest

from bot.domain.proofs import ProofStanding
from bot.ocr import engine
from tests.proofs.acceptance import judged
from tests.proofs.generate import KINDS, Right, specimen, specimens

pytestmark = pytest.mark.skipif(not engine.installed(), reason="the extra `ocr` is not installed")


@pytest.mark.parametrize("kind", KINDS)
def test_drawn_proof_is_judged_as_it_should_be(kind: str) -> None:
    one = specimen(random.Random(f"{kind} 7"), kind)
    taken = judged(one, engine.reader()).standing is ProofStanding.OK
    assert one.right is Right.EITHER or taken is (one.right is Right.YES)


def test_same_seed_draws_the_same_proofs() -> None:
    assert [one.picture for one in specimens(3, 4)] == [one.picture for one in specimens(3, 4)]
    assert {one.kind for one in specimens(1, 60)} == set(KINDS)
