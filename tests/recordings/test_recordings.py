"""Every recorded page is read as expected: a test for each field, one that nothing else is read, one for each expected error."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from bot.recordings import MISSING, Recording, find_recordings, load
from flows.registry import PLATFORMS, courier, pages_of
from tests.conftest import ROOT
from tests.recordings.conftest import Readings
from tests.recordings.shots import SHOTS

RECORDINGS = [load(folder) for folder in find_recordings([ROOT / "recordings"])]
READABLE = [one for one in RECORDINGS if one.expected and one.expected.trouble is None]
FAILING = [one for one in RECORDINGS if one.expected and one.expected.trouble]
LARGEST = 20_000
"""Bytes of a page: a list of twenty rows."""

on_the_page = pytest.mark.asyncio(loop_scope="session")


def named(recordings: list[Recording]) -> list[Any]:
    return [pytest.param(one, id=one.name) for one in recordings]


def fields() -> Iterator[Any]:
    for recording in READABLE:
        assert recording.expected is not None
        for field in sorted(recording.expected.body):
            yield pytest.param(recording, field, id=f"{recording.name}::{field}")


@pytest.mark.parametrize(("recording", "field"), list(fields()))
@on_the_page
async def test_field_is_read_as_expected(readings: Readings, recording: Recording, field: str) -> None:
    found = await readings.of(recording.folder)
    assert recording.expected is not None
    assert found.trouble is None
    assert found.body.get(field, MISSING) == recording.expected.body[field]


@pytest.mark.parametrize("recording", named(READABLE))
@on_the_page
async def test_nothing_extra_is_read(readings: Readings, recording: Recording) -> None:
    found = await readings.of(recording.folder)
    assert recording.expected is not None
    assert sorted(found.body.keys() - recording.expected.body.keys()) == []


@pytest.mark.parametrize("recording", named(FAILING))
@on_the_page
async def test_reading_ends_with_the_expected_error(readings: Readings, recording: Recording) -> None:
    assert await readings.of(recording.folder) == recording.expected


@pytest.mark.parametrize("recording", named(RECORDINGS))
def test_recording_is_small_accepted_and_needs_nothing_but_itself(recording: Recording) -> None:
    assert recording.expected is not None
    assert len(recording.html.encode()) < LARGEST
    assert (
        re.findall(
            r"<(?:script|link|style|iframe|object|meta|template)\b|<\w[^<>]*\s(?:on\w+=|(?:src|href)=.?https?:)",
            recording.html,
        )
        == []
    )


def kinds() -> list[tuple[str, str]]:
    return [(name, page) for name in (*PLATFORMS, courier().name) for page in pages_of(name).kinds]


@pytest.mark.parametrize(("platform", "page"), kinds())
def test_every_kind_of_page_that_a_platform_reads_has_a_recording(platform: str, page: str) -> None:
    assert [one.name for one in RECORDINGS if (one.meta.platform, one.meta.page) == (platform, page)]


def test_every_page_that_the_simulator_is_asked_for_is_there() -> None:
    assert set(SHOTS) - {one.name for one in RECORDINGS} == set()


def test_no_recording_lies_where_nobody_looks() -> None:
    pages = {file.parent for file in (ROOT / "recordings").rglob("page.html")}
    assert {Path(one.folder) for one in RECORDINGS} == pages
