"""One request with its answer, as a tape keeps it, to and from an entry of a HAR file (HAR 1.2)."""

from __future__ import annotations

import base64
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from http import HTTPStatus
from typing import Any, Final
from urllib.parse import parse_qsl, urlsplit

from bot.errors import TapeError
from bot.ports.tape import Asked, Said

BROKE_OFF: Final = 0
"""The status by which HAR files tell that there was no answer."""

_STATUSES: Final = range(100, 600)
_LONGEST: Final = 200

DAMAGED: Final = (LookupError, TypeError, ValueError, AttributeError, ArithmeticError, RecursionError)
"""What reading raises where something is not there, or not of its kind, or nested without end."""


@dataclass(frozen=True, slots=True)
class Entry:
    """`at`: when its answer was complete (Asia/Shanghai). `refused`: why the guard did not let it go, else empty."""

    asked: Asked
    said: Said | None
    at: datetime
    take: int = 0
    refused: str = ""


def to_har(entry: Entry) -> dict[str, Any]:
    """An entry that any HAR viewer can show; what is ours alone stands under names with an underscore."""
    asked, said = entry.asked, entry.said
    request: dict[str, Any] = {
        "method": asked.method,
        "url": asked.url,
        "httpVersion": "HTTP/1.1",
        "cookies": [],
        "headers": _listed(asked.headers.items()),
        "queryString": [{"name": name, "value": value} for name, value in _query(asked.url)],
        "headersSize": -1,
        "bodySize": len(asked.body or b""),
    }
    if asked.body is not None:
        request["postData"] = {"mimeType": asked.headers.get("content-type", ""), **_text(asked.body)}
    return {
        "startedDateTime": entry.at.isoformat(),
        "time": 0,
        "request": request,
        "response": _response(said),
        "cache": {},
        "timings": {"send": 0, "wait": 0, "receive": 0},
        "_kind": asked.kind,
        "_take": entry.take,
        **({"_refused": entry.refused} if entry.refused else {}),
    }


def _response(said: Said | None) -> dict[str, Any]:
    status, headers, body = (said.status, said.headers, said.body) if said else (BROKE_OFF, (), b"")
    named = dict(headers)
    return {
        "status": status,
        "statusText": _phrase(status),
        "httpVersion": "HTTP/1.1",
        "cookies": [],
        "headers": _listed(headers),
        "content": {"size": len(body), "mimeType": named.get("content-type", ""), **_text(body)},
        "redirectURL": named.get("location", ""),
        "headersSize": -1,
        "bodySize": len(body),
    }


def from_har(har: Mapping[str, Any], where: str) -> Entry:
    """Read one back. Raises TapeError naming the entry and the key."""
    try:
        request, response = har["request"], har["response"]
        refused = _str(har.get("_refused", ""))
        asked = Asked(
            method=_str(request["method"]),
            url=_url(_str(request["url"]), refused=bool(refused)),
            kind=_str(har["_kind"]),
            headers=dict(_pairs(request["headers"])),
            body=_bytes(request["postData"]) if "postData" in request else None,
        )
        status = _status(int(response["status"]))
        said = Said(status, tuple(_pairs(response["headers"])), _bytes(response["content"]))
        return Entry(
            asked=asked,
            said=None if status == BROKE_OFF else said,
            at=datetime.fromisoformat(har["startedDateTime"]),
            take=int(har["_take"]),
            refused=refused,
        )
    except DAMAGED as error:
        raise TapeError(f"{where}: {type(error).__name__}: {error}", page=where, raw=str(error)) from error


def _str(value: Any) -> str:
    if not isinstance(value, str):
        raise TypeError(f"text is wanted, not {type(value).__name__}")
    return value


def _url(url: str, *, refused: bool) -> str:
    """An address that the player can ask about; what the guard stopped may be of any scheme."""
    parts = urlsplit(url)
    if not parts.hostname or (parts.scheme not in {"http", "https"} and not refused) or parts.port == 0:
        raise ValueError(f"not an address of a page: {url[:_LONGEST]}")
    return url


def _status(status: int) -> int:
    if status != BROKE_OFF and status not in _STATUSES:
        raise ValueError(f"status {status}")
    return status


def _query(url: str) -> list[tuple[str, str]]:
    return parse_qsl(urlsplit(url).query, keep_blank_values=True)


def _phrase(status: int) -> str:
    return HTTPStatus(status).phrase if status in set(HTTPStatus) else ""


def _listed(pairs: Any) -> list[dict[str, str]]:
    return [{"name": name, "value": value} for name, value in pairs]


def _pairs(listed: Any) -> list[tuple[str, str]]:
    return [(str(one["name"]).lower(), str(one["value"])) for one in listed]


def _text(body: bytes) -> dict[str, str]:
    """UTF-8 as text, so that people can read it; anything else in base64, as HAR has it."""
    try:
        return {"text": body.decode()}
    except UnicodeDecodeError:
        return {"text": base64.b64encode(body).decode(), "encoding": "base64"}


def _bytes(kept: Mapping[str, Any]) -> bytes:
    text = str(kept.get("text", ""))
    return base64.b64decode(text, validate=True) if kept.get("encoding") == "base64" else text.encode()
