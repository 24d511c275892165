"""Claims on making a picture fit: within the limit, readable, silent on people and places, the same each time (S13)."""

from __future__ import annotations

import io

import pytest
from PIL import Image

from bot.errors import EvidenceRefused
from bot.evidence.decode import opened
from bot.evidence.fit import READABLE_WIDTH, Bounds, fit
from bot.evidence.stack import stack
from bot.evidence.worker import inspect
from tests.unit.evidence.pictures import animation, bomb, chunk, exif_photo, noise, picture, screenshot

TAOBAO = Bounds(130_000, ("image/gif", "image/jpeg", "image/png"))


def _shown(data: bytes) -> Image.Image:
    return Image.open(io.BytesIO(data))


def test_a_large_screenshot_fits_and_stays_sharp() -> None:
    data = screenshot()
    assert len(data) > TAOBAO.max_bytes
    fitted = fit(data, TAOBAO)
    assert len(fitted) <= TAOBAO.max_bytes
    assert _shown(fitted).format == "PNG"  # a JPEG would blur its letters
    assert _shown(fitted).width >= 1000


def test_a_photo_fits_and_keeps_a_readable_width() -> None:
    fitted = fit(noise((1200, 900)), Bounds(300_000, ("image/jpeg",)))
    assert len(fitted) <= 300_000
    assert _shown(fitted).format == "JPEG"
    assert _shown(fitted).width >= READABLE_WIDTH


@pytest.mark.parametrize("max_bytes", [130_000, 60_000, 30_000])
def test_the_limit_holds_whatever_it_is(max_bytes: int) -> None:
    assert len(fit(screenshot((1000, 300)), Bounds(max_bytes, ("image/jpeg", "image/png")))) <= max_bytes


def test_what_cannot_be_read_within_the_limit_is_refused() -> None:
    with pytest.raises(EvidenceRefused) as refused:
        fit(noise((900, 900)), Bounds(20_000, ("image/jpeg",)))
    assert refused.value.reason_code == "evidence.cannot_fit"


def test_a_platform_that_takes_nothing_we_make_is_told() -> None:
    with pytest.raises(EvidenceRefused) as refused:
        fit(picture("WEBP"), Bounds(100_000, ("image/gif",)))
    assert refused.value.reason_code == "evidence.no_common_type"


def test_a_type_that_the_platform_does_not_take_is_changed() -> None:
    assert _shown(fit(picture("WEBP"), TAOBAO)).format == "JPEG"


def test_where_and_with_what_it_was_taken_is_gone() -> None:
    fitted = fit(exif_photo(), TAOBAO)
    assert not _shown(fitted).getexif()
    assert b"Exif" not in fitted
    for secret in (b"SecretPhone", b"Ms Wang"):
        assert secret in exif_photo()
        assert secret not in fitted


def test_a_photo_taken_sideways_stands_upright() -> None:
    assert _shown(fit(exif_photo((60, 40)), TAOBAO)).size == (40, 60)


@pytest.mark.parametrize("form", ["PNG", "WEBP"])
def test_texts_in_a_picture_are_gone(form: str) -> None:
    options = {"xmp": b"<x:xmpmeta>Ms Wang</x:xmpmeta>"} if form == "WEBP" else {"dpi": (72, 72)}
    data = picture(form, **options)
    if form == "PNG":
        data = data[:33] + chunk(b"tEXt", b"Author\0Ms Wang") + data[33:]
    assert b"Ms Wang" in data
    assert b"Ms Wang" not in fit(data, Bounds(100_000, (f"image/{form.lower()}",)))


def test_a_second_picture_behind_a_photo_is_gone() -> None:
    behind = picture("JPEG", colour="red")
    assert behind not in fit(picture("JPEG") + behind, TAOBAO)


def test_a_clean_picture_within_the_limit_keeps_its_bytes() -> None:
    assert fit(picture("PNG"), TAOBAO) == picture("PNG")


@pytest.mark.parametrize("make", [screenshot, lambda: noise((1000, 700)), exif_photo], ids=["screen", "noise", "photo"])
def test_the_same_picture_gives_the_same_bytes(make: object) -> None:
    assert callable(make)
    data = make()
    assert fit(data, Bounds(200_000, TAOBAO.media_types)) == fit(data, Bounds(200_000, TAOBAO.media_types))


def test_what_was_see_through_becomes_white() -> None:
    out = io.BytesIO()
    Image.new("RGBA", (20, 20), (0, 0, 0, 0)).save(out, "PNG")
    assert _shown(fit(out.getvalue(), Bounds(10_000, ("image/jpeg",)))).getpixel((5, 5)) == (255, 255, 255)


def test_a_small_picture_is_never_enlarged() -> None:
    assert _shown(fit(exif_photo((60, 40)), TAOBAO)).width <= 60


@pytest.mark.parametrize("form", ["PNG", "GIF", "WEBP"])
def test_an_animation_is_refused(form: str) -> None:
    with pytest.raises(EvidenceRefused) as refused:
        opened(animation(form))
    assert refused.value.reason_code == "evidence.animated"


def test_a_bomb_reaches_no_decoder() -> None:
    with pytest.raises(EvidenceRefused) as refused:
        opened(bomb())
    assert refused.value.reason_code == "evidence.too_many_pixels"


@pytest.mark.parametrize("form", ["PNG", "JPEG", "GIF", "WEBP"])
def test_a_cut_picture_is_found_by_decoding_it(form: str) -> None:
    out = io.BytesIO()
    _shown(noise((300, 300), "PNG")).save(out, form)
    inspect(out.getvalue())
    with pytest.raises((EvidenceRefused, OSError, EOFError, ValueError, SyntaxError)):
        inspect(out.getvalue()[: len(out.getvalue()) // 2])


def test_parts_stand_one_under_the_other_in_order() -> None:
    sheet = _shown(stack([picture(size=(50, 30), colour="red"), picture(size=(40, 20), colour="blue")])).convert("RGB")
    assert sheet.size == (50, 62)
    assert sheet.getpixel((10, 10)) == (255, 0, 0)
    assert sheet.getpixel((45, 50)) == (255, 255, 255)
    assert sheet.getpixel((10, 50)) == (0, 0, 255)


def test_a_stack_with_a_photo_is_a_photo() -> None:
    assert _shown(stack([picture("PNG"), picture("JPEG")])).format == "JPEG"
    assert _shown(stack([picture("PNG"), picture("PNG")])).format == "PNG"


def test_nothing_is_no_stack() -> None:
    with pytest.raises(EvidenceRefused) as refused:
        stack([])
    assert refused.value.reason_code == "evidence.empty"


def test_a_stack_taller_than_any_format_is_refused() -> None:
    with pytest.raises(EvidenceRefused) as refused:
        stack([picture(size=(2, 30_000)), picture(size=(2, 30_000))])
    assert refused.value.reason_code == "evidence.too_many_pixels"
