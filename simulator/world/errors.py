"""What the world answers when it will not do something: one error type with the codes of docs/simulator.md."""

from enum import StrEnum


class Code(StrEnum):
    """The `ret` of a refused XHR; the last four are not in TOP's list but needed by the pages."""

    VERSION_CHANGED = "VERSION_CHANGED"
    STATE_CHANGED = "STATE_CHANGED"
    AMOUNT_MISMATCH = "AMOUNT_MISMATCH"
    NO_PERMISSION = "NO_PERMISSION"
    NEED_SMS = "NEED_SMS"
    NEED_PROOF = "NEED_PROOF"
    REFUSE_BARRED = "REFUSE_BARRED"
    NOT_INTERCEPTABLE = "NOT_INTERCEPTABLE"
    RATE_LIMITED = "RATE_LIMITED"
    SESSION_EXPIRED = "FAIL_SYS_SESSION_EXPIRED"
    NEED_CHALLENGE = "FAIL_SYS_USER_VALIDATE"
    WRONG_PASSWORD = "WRONG_PASSWORD"  # noqa: S105 - the name of an error, not a password
    NOT_FOUND = "NOT_FOUND"
    BAD_REQUEST = "BAD_REQUEST"


class WorldError(Exception):
    """A refusal of the world: `code` for programs, `message` (Chinese, as a platform words it) for people."""

    def __init__(self, code: Code, message: str) -> None:
        super().__init__(f"{code.value}: {message}")
        self.code = code
        self.message = message
