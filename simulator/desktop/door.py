"""The client's side of the courier's JSON door (simulator/courier/desk.py); standard library only, never through a proxy."""

from __future__ import annotations

import http.client
import json
import urllib.error
import urllib.request
from typing import Any, Final
from urllib.parse import quote, urlsplit

PATIENCE_S: Final = 15
_DIRECT: Final = urllib.request.build_opener(urllib.request.ProxyHandler({}))


class Refused(Exception):
    """The courier said no: `code` for the program, `message` in words of the courier."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(f"{code}: {message}")
        self.code = code
        self.message = message


class Unreachable(Exception):
    """No answer, or one that nobody can read; what was asked may have been done all the same."""


class Door:
    """One signed-in client; methods block, and are called off the window's thread."""

    def __init__(self, url: str) -> None:
        self._url = url.rstrip("/")
        self._token = ""
        self.host = urlsplit(url).netloc

    def sign_in(self, account: str, password: str) -> str:
        """The account's name; raises as `_ask`."""
        told = self._ask("/desk/login", {"account": account, "password": password})
        self._token = str(told["token"])
        return str(told["account"])

    def forget(self) -> None:
        """Signed out on this side."""
        self._token = ""

    def waybill(self, number: str) -> dict[str, Any]:
        """What the courier tells of a parcel."""
        return self._ask(f"/desk/waybills/{quote(number, safe='')}")

    def quote(self, number: str) -> dict[str, Any]:
        """The fee of an intercept."""
        return self._ask("/desk/quote", {"waybill": number})

    def intercept(self, number: str, fee_fen: int, reason: str) -> dict[str, Any]:
        """Order it."""
        return self._ask("/desk/intercepts", {"waybill": number, "fee_fen": fee_fen, "reason": reason})

    def intercepts(self, page: int) -> dict[str, Any]:
        """One page of what was ordered."""
        return self._ask(f"/desk/intercepts?page={page}")

    def _ask(self, path: str, body: dict[str, Any] | None = None) -> dict[str, Any]:
        """The answer.

        Raises:
            Refused: with the courier's code and words.
            Unreachable: anything else.
        """
        data = None if body is None else json.dumps(body).encode()
        headers = {"Authorization": f"Bearer {self._token}", "Content-Type": "application/json"}
        request = urllib.request.Request(self._url + path, data, headers)  # noqa: S310 - the address is the caller's own
        try:
            with _DIRECT.open(request, timeout=PATIENCE_S) as answer:
                return _object(answer.read())
        except urllib.error.HTTPError as error:
            raise _refusal(error) from error
        except (OSError, http.client.HTTPException, ValueError) as error:
            raise Unreachable(str(error)) from error


def _object(content: bytes) -> dict[str, Any]:
    told = json.loads(content)
    if not isinstance(told, dict):
        raise Unreachable("an answer of another kind")
    return told


def _refusal(error: urllib.error.HTTPError) -> Exception:
    try:
        told = _object(error.read())
        return Refused(str(told["code"]), str(told["message"]))
    except (OSError, http.client.HTTPException, ValueError, KeyError, Unreachable):
        return Unreachable(str(error))
