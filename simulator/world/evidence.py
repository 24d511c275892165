"""Pictures: the seller's uploaded proofs, kept by the sha256 of their bytes, and the buyers' pictures, drawn when asked for."""

from __future__ import annotations

import hashlib
import io
from functools import lru_cache

from PIL import Image, ImageDraw, ImageFont

from simulator.world.errors import Code, WorldError
from simulator.world.model import Case, Picture, Proof
from simulator.world.store import Store
from simulator.world.wording import UPLOAD_COUNT_TEXT, UPLOAD_SIZE_TEXT, UPLOAD_TYPE_TEXT

MAX_BYTES = 130_000
MAX_PROOFS = 3
MAGIC = {b"\xff\xd8\xff": "image/jpeg", b"\x89PNG\r\n\x1a\n": "image/png", b"GIF8": "image/gif"}
PICTURE_SIZE = (320, 240)
_TILES = 10


class EvidenceStore:
    """Uploaded proofs (docs/simulator.md: JPG/PNG/GIF, at most 130,000 bytes each, at most 3 a case)."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._bytes: dict[str, bytes] = {}

    def upload(self, case: Case, content: bytes) -> Proof:
        """Keep a proof of a case; the same bytes again give the same proof."""
        digest = hashlib.sha256(content).hexdigest()
        return self._kept(case.proofs, content, digest)

    def upload_to_complaint(self, case: Case, content: bytes) -> Proof:
        """Keep a picture of a complaint, under the same limits; it is no proof of a refusal."""
        return self._kept(case.complaint_proofs, content, hashlib.sha256(content).hexdigest())

    def _kept(self, proofs: list[Proof], content: bytes, digest: str) -> Proof:
        known = next((proof for proof in proofs if proof.sha256 == digest), None)
        return known or self._keep(proofs, content, digest)

    def _keep(self, proofs: list[Proof], content: bytes, digest: str) -> Proof:
        media_type = next((kind for magic, kind in MAGIC.items() if content.startswith(magic)), None)
        if media_type is None:
            raise WorldError(Code.BAD_REQUEST, UPLOAD_TYPE_TEXT)
        if len(content) > MAX_BYTES:
            raise WorldError(Code.BAD_REQUEST, UPLOAD_SIZE_TEXT)
        if len(proofs) >= MAX_PROOFS:
            raise WorldError(Code.BAD_REQUEST, UPLOAD_COUNT_TEXT)
        proof = Proof(digest, len(proofs) + 1, media_type, len(content))
        proofs.append(proof)
        self._bytes[digest] = content
        return proof

    def content(self, digest: str) -> bytes | None:
        """The bytes of an uploaded proof."""
        return self._bytes.get(digest)


def picture_named(caption: str, seed: str) -> Picture:
    """A buyer's picture that is drawn later; its name is the hash of what will be drawn."""
    return Picture(hashlib.sha256(f"{seed}\n{caption}".encode()).hexdigest(), caption)


def picture_png(picture: Picture | None) -> bytes | None:
    """Draw a buyer's picture: a coloured thing on a table, in a light of its own, with a caption; always the same for the same picture."""
    return _draw(picture) if picture is not None else None


@lru_cache(maxsize=64)
def _draw(picture: Picture) -> bytes:
    image = Image.new("RGB", PICTURE_SIZE, _colour(picture.sha, 0, 200))
    draw = ImageDraw.Draw(image)
    _light(draw, picture.sha)
    draw.rectangle((0, 170, 320, 240), fill=_colour(picture.sha, 6, 120))
    draw.rounded_rectangle((80, 50, 240, 190), 18, fill=_colour(picture.sha, 12, 60), outline="#333333", width=2)
    draw.line((110, 70, 150, 120, 130, 165), fill="#222222", width=3)
    draw.text((8, 212), picture.caption, fill="#111111", font=_font(), stroke_width=2, stroke_fill="#ffffff")
    out = io.BytesIO()
    image.save(out, "PNG")
    return out.getvalue()


def _light(draw: ImageDraw.ImageDraw, sha: str) -> None:
    """Light and shade of the room, as no two photographs have them alike."""
    width, height = PICTURE_SIZE[0] // _TILES, PICTURE_SIZE[1] // _TILES
    for place, shade in enumerate(hashlib.shake_256(sha.encode()).digest(_TILES * _TILES)):
        x, y = place % _TILES * width, place // _TILES * height
        draw.rectangle((x, y, x + width, y + height), fill=(shade, shade, shade))


def _colour(sha: str, at: int, floor: int) -> tuple[int, int, int]:
    red, green, blue = (floor + int(sha[at + i : at + i + 2], 16) * (255 - floor) // 255 for i in (0, 2, 4))
    return red, green, blue


@lru_cache(maxsize=1)
def _font() -> ImageFont.FreeTypeFont | ImageFont.ImageFont:
    """A font that knows Chinese if the machine has one of the usual; else Pillow's own."""
    for name in ("wqy-microhei.ttc", "msyh.ttc", "simhei.ttf", "NotoSansCJK-Regular.ttc"):
        try:
            return ImageFont.truetype(name, 18)
        except OSError:
            continue
    return ImageFont.load_default(18)
