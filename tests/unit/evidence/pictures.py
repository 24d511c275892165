"""Makes the pictures of these tests: honest ones of all four formats, and what hostile people would send."""

from __future__ import annotations

import io
import random
import struct
import zlib

from PIL import Image, ImageDraw

PNG_HEAD = b"\x89PNG\r\n\x1a\n"


def picture(form: str = "PNG", size: tuple[int, int] = (40, 30), colour: str = "teal", **options: object) -> bytes:
    """One colour."""
    out = io.BytesIO()
    Image.new("RGB", size, colour).save(out, form, **options)
    return out.getvalue()


def animation(form: str) -> bytes:
    """Two frames that differ."""
    out = io.BytesIO()
    frames = [Image.new("RGB", (20, 20), colour) for colour in ("red", "blue")]
    frames[0].save(out, form, save_all=True, append_images=frames[1:], duration=100)
    return out.getvalue()


def noise(size: tuple[int, int], form: str = "JPEG", seed: int = 7) -> bytes:
    """What no compressor likes, such as a photo of gravel; the same for the same seed."""
    out = io.BytesIO()
    raw = random.Random(seed).randbytes(size[0] * size[1] * 3)
    Image.frombytes("RGB", size, raw).save(out, form, **({"quality": 95} if form == "JPEG" else {}))
    return out.getvalue()


def screenshot(size: tuple[int, int] = (1440, 900), seed: int = 3) -> bytes:
    """Rows of small text on light ground, as a back end looks; PNG of some 190 kB."""
    chance = random.Random(seed)
    page = Image.new("RGB", size, "#f5f5f5")
    pen = ImageDraw.Draw(page)
    for y in range(8, size[1] - 20, 18):
        pen.rectangle((8, y - 2, size[0] - 8, y + 14), fill="white", outline="#dddddd")
        for x in range(16, size[0] - 100, 110):
            pen.text((x, y), "".join(chance.choices("0123456789ABCDEF", k=15)), fill="#333333")
    out = io.BytesIO()
    page.save(out, "PNG")
    return out.getvalue()


def chunk(kind: bytes, body: bytes) -> bytes:
    """One chunk of a PNG."""
    return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))


def bomb(width: int = 14_000, height: int = 14_000) -> bytes:
    """A small PNG of many white pixels (F49: 196 MP in some 24 kB)."""
    ihdr = chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 1, 0, 0, 0, 0))
    packer = zlib.compressobj(9)
    row = b"\x00" + b"\xff" * ((width + 7) // 8)
    packed = b"".join(packer.compress(row) for _ in range(height)) + packer.flush()
    return PNG_HEAD + ihdr + chunk(b"IDAT", packed) + chunk(b"IEND", b"")


def exif_photo(size: tuple[int, int] = (60, 40)) -> bytes:
    """A photo that tells where and with what it was taken, lying on its side."""
    exif = Image.Exif()
    exif[0x0110] = "SecretPhone 9"
    exif[0x0112] = 6
    exif.get_ifd(0x8825)[1] = "N"
    out = io.BytesIO()
    Image.new("RGB", size, "olive").save(out, "JPEG", exif=exif, comment=b"home of Ms Wang")
    return out.getvalue()
