"""What was read of a picture stands beside it, in both languages, a stranger's letters masked."""

from __future__ import annotations

import pytest

from bot.catalogue import Catalogue, Language
from bot.domain.proofs import Against, Demand, ProofCheck, ProofLook, ProofStanding
from bot.report.phrases import Words
from bot.report.proofs import said
from tests.unit.engine.builders import shipped_policy
from tests.unit.report.runs import Store, png, refusal

STORE = Store(png())
(SHA,) = STORE.kept
LOOKS = {
    "ok": (
        ProofLook(sha256=SHA, standing=ProofStanding.OK, shown=(Demand.WAYBILL, Demand.WEIGHT), sent=True),
        "goes out",
    ),
    "part": (ProofLook(sha256=SHA, standing=ProofStanding.PART, missing=(Demand.WEIGHT,)), "does not show the weight"),
    "used": (ProofLook(sha256=SHA, standing=ProofStanding.USED, used_for="a7"), "case a7"),
    "unreadable": (ProofLook(sha256=SHA, standing=ProofStanding.UNREADABLE, unsure=("SF12",)), "SF12"),
    "contradicts": (
        ProofLook(
            sha256=SHA,
            standing=ProofStanding.CONTRADICTS,
            against=(Against(demand=Demand.WAYBILL, wanted="SF1", seen="SF2"),),
        ),
        "it says SF2, right is SF1",
    ),
}


@pytest.mark.parametrize("standing", ProofStanding)
def test_each_standing_is_told_beside_its_picture(standing: ProofStanding) -> None:
    look, words = LOOKS[standing]
    line = refusal(1, (SHA,))
    told = ProofCheck(demands=(Demand.WAYBILL,), outcome="proof.ok", looks=(look,))
    line = type(line)(**{**{name: getattr(line, name) for name in line.__slots__}, "proofs": told})
    english = said(Words.of(Catalogue(Language.EN), shipped_policy()), line, SHA)
    assert words in " ".join(english)
    assert "{" not in "".join((*english, *said(Words.of(Catalogue(Language.ZH), shipped_policy()), line, SHA)))


def test_picture_that_was_not_read_says_nothing() -> None:
    assert said(Words.of(Catalogue(Language.EN), shipped_policy()), refusal(1, (SHA,)), SHA) == ()
