"""Claims on what is seen before any decoder runs: magic bytes, sizes, polyglots (F48, F49, S13, S14)."""

from __future__ import annotations

import gzip
import io
import tracemalloc

import pytest
from PIL import Image

from bot.errors import EvidenceRefused
from bot.evidence import checks
from bot.evidence.checks import Seen, header, media_type_of, refuse_polyglot
from bot.evidence.layout import size_of, tail_of
from tests.unit.evidence.pictures import PNG_HEAD, bomb, chunk, exif_photo, noise, picture

FORMS = {"image/png": "PNG", "image/jpeg": "JPEG", "image/gif": "GIF", "image/webp": "WEBP"}
EACH = pytest.mark.parametrize(("media_type", "form"), FORMS.items())


def _code(data: bytes) -> str:
    with pytest.raises(EvidenceRefused) as refused:
        refuse_polyglot(data, header(data).media_type)
    return refused.value.reason_code


@EACH
def test_an_honest_picture_is_known_by_its_own_bytes(media_type: str, form: str) -> None:
    data = picture(form, (41, 23))
    assert header(data) == Seen(media_type, 41, 23)
    refuse_polyglot(data, media_type)


@pytest.mark.parametrize(
    ("form", "options"),
    [
        ("JPEG", {"progressive": True}),
        ("JPEG", {"quality": 30, "subsampling": 2}),
        ("WEBP", {"lossless": True}),
        ("WEBP", {"exif": b"Exif\0\0MM\0*\0\0\0\x08\0\0\0\0\0\0"}),
        ("PNG", {"optimize": True}),
    ],
)
def test_size_and_end_are_read_from_every_kind_of_each_format(form: str, options: dict[str, object]) -> None:
    data = picture(form, (301, 97), **options)
    seen = header(data)
    assert (seen.width, seen.height) == (301, 97)
    assert tail_of(data, seen.media_type) == b""
    assert tail_of(data + b"more", seen.media_type) == b"more"


@EACH
def test_a_cut_header_tells_no_size_and_never_fails(media_type: str, form: str) -> None:
    whole = picture(form)
    for length in range(len(whole)):
        assert size_of(whole[:length], media_type) in {None, (40, 30)}
        assert tail_of(whole[:length], media_type) == b""


def _saved(form: str) -> bytes:
    out = io.BytesIO()
    Image.new("RGB", (9, 9)).save(out, form)
    return out.getvalue()


@pytest.mark.parametrize(
    "data",
    [
        b"<!DOCTYPE html><html><body>502</body></html>",
        b"SIMPLE  =                    T",
        gzip.compress(b"SIMPLE  =                    T"),
        b"<svg xmlns='http://www.w3.org/2000/svg'/>",
        b"%PDF-1.7",
        b"PK\x03\x04" + b"\0" * 40,
        b"%!PS-Adobe-3.0 EPSF-3.0",
        _saved("BMP"),
        _saved("TIFF"),
        _saved("ICO"),
        _saved("PPM"),
        b"RIFF\x24\0\0\0WAVEfmt ",
    ],
    ids=["html", "fits", "fits.gz", "svg", "pdf", "zip", "eps", "bmp", "tiff", "ico", "ppm", "wav"],
)
def test_whatever_is_none_of_four_formats_is_refused_by_its_first_bytes(data: bytes) -> None:
    assert _code(data) == "evidence.no_picture"


def test_no_bytes_are_no_picture() -> None:
    assert _code(b"") == "evidence.empty"


def test_too_many_bytes_are_refused_whatever_they_are(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(checks, "MAX_BYTES", 100)
    assert _code(PNG_HEAD + b"\0" * 93) == "evidence.too_many_bytes"


@pytest.mark.parametrize("size", [(14_000, 14_000), (65_000, 1_000), (2_000_000_000, 2_000_000_000)])
def test_a_pixel_bomb_is_refused_by_its_header(size: tuple[int, int]) -> None:
    data = bomb(*size) if size[0] < 20_000 else PNG_HEAD + chunk(b"IHDR", b"".join(n.to_bytes(4) for n in size))
    tracemalloc.start()
    try:
        assert _code(data) == "evidence.too_many_pixels"
        assert tracemalloc.get_traced_memory()[1] < 1_000_000
    finally:
        tracemalloc.stop()


@pytest.mark.parametrize("size", [(0, 10), (10, 0)])
def test_a_picture_of_no_pixels_is_broken(size: tuple[int, int]) -> None:
    assert _code(PNG_HEAD + chunk(b"IHDR", b"".join(n.to_bytes(4) for n in size))) == "evidence.broken"


@EACH
@pytest.mark.parametrize("tail", [b"PK\x03\x04zip", b"%PDF-1.4", b"MZ\x90", b"#!/bin/sh\n", b"\0\0x"])
def test_nothing_hides_behind_a_picture(media_type: str, form: str, tail: bytes) -> None:
    assert _code(picture(form) + tail) == "evidence.polyglot"


@EACH
def test_zeros_behind_a_picture_are_padding(media_type: str, form: str) -> None:
    refuse_polyglot(picture(form) + b"\0" * 512, media_type)


@pytest.mark.parametrize(
    "active",
    [
        b"<script>alert(1)</script>",
        b"<HTML><body>",
        b"<?php system($_GET[0]);",
        b"<!doctype html>",
        b'<iframe src="x">',
        b'<svg width="1" xmlns="http://www.w3.org/2000/svg">',
    ],
)
def test_nothing_that_runs_hides_inside_a_picture(active: bytes) -> None:
    whole = picture("PNG")
    assert _code(whole[:33] + chunk(b"tEXt", b"Comment\0" + active) + whole[33:]) == "evidence.polyglot"


def test_a_gif_that_is_a_script_too_is_refused() -> None:
    assert _code(picture("GIF") + b"=1;alert(1)//") == "evidence.polyglot"


@pytest.mark.parametrize(
    "companion",
    [
        b"",
        b"\0\0\0\x18ftypmp42" + b"\0" * 40,
        b"\0\0\x01\x0a\x0e\0\0\0Image_UTC_Data1700000000000SEFHj\0\0\0SEFT",
    ],
    ids=["second jpeg", "motion photo", "samsung"],
)
def test_what_phones_put_behind_a_photo_is_no_polyglot(companion: bytes) -> None:
    refuse_polyglot(exif_photo() + (companion or picture("JPEG")), "image/jpeg")


@pytest.mark.parametrize("form", ["PNG", "JPEG"])
def test_noise_of_many_bytes_is_taken_for_no_script(form: str) -> None:
    data = noise((700, 700), form)
    refuse_polyglot(data, media_type_of(data))
