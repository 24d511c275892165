"""Pictures that say what they were told: bytes to lines, for sweeps that read their proofs."""

from __future__ import annotations

from bot.domain.base import Sha256
from bot.domain.evidence import Evidence
from bot.domain.lines import Line
from bot.ports.evidence import PictureText


class ToldPictures:
    """A `PictureReader` over told lines; a picture that nobody told of has none."""

    def __init__(self) -> None:
        self.told: dict[Sha256, PictureText] = {}
        self.read_: list[Sha256] = []

    def tell(self, picture: Evidence, *rows: Line, looks: str = "") -> Evidence:
        self.told[picture.sha256] = PictureText(rows, looks)
        return picture

    async def read(self, evidence: Evidence) -> PictureText:
        self.read_.append(evidence.sha256)
        return self.told.get(evidence.sha256, PictureText((), ""))
