"""Why a vendor said no, as its answer tells: words first, then codes, then the HTTP status.

What the codes and words of a vendor mean is its file's data. It knows no vendor.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from email.utils import parsedate_to_datetime
from typing import Any

from vidbuild.wire.paths import Reply
from vidbuild.wire.values import Cause

LONGEST_MESSAGE = 1000
"""A vendor's words beyond so many characters tell nobody anything."""
UNSURE = frozenset({408, 409, 425, 499})
"""Statuses after which a job may have been made all the same; so may one after any of 500 and more."""
_UNMADE = frozenset({Cause.INVALID, Cause.KEY, Cause.CREDIT, Cause.BUSY, Cause.REFUSED, Cause.RETIRED, Cause.GONE})
_OF_STATUS = {
    401: Cause.KEY,
    402: Cause.CREDIT,
    403: Cause.KEY,
    407: Cause.KEY,
    408: Cause.SERVER,
    409: Cause.BUSY,
    410: Cause.RETIRED,
    425: Cause.SERVER,
    429: Cause.BUSY,
    451: Cause.REFUSED,
}
_OF_JOBS = frozenset({Cause.REFUSED, Cause.CREDIT, Cause.CANCELLED, Cause.EXPIRED})


def is_fine(reply: Reply, errors: Mapping[str, Any]) -> bool:
    """Say whether an answer is no error: its status, and the code that some tell inside of a good one."""
    if not 200 <= reply.status < 300:
        return False
    fine = errors.get("fine")
    if reply.text(*errors.get("refused", ())):
        return False
    if fine is None:
        return True
    found = reply.at(fine["at"])
    return found is None or found in fine["values"]


def code_of(reply: Reply, errors: Mapping[str, Any]) -> str:
    """Give the vendor's own code for what is wrong, if it tells one."""
    return reply.text(*errors.get("code", ()))[:200]


def message_of(reply: Reply, errors: Mapping[str, Any]) -> str:
    """Give the vendor's own words for what is wrong: where they should be, else the start of a short plain answer."""
    said = reply.text(*errors.get("refused", ()), *errors.get("message", ()))
    if not said and reply.json is None and b"<" not in reply.response.body[:200]:
        said = reply.response.body[:300].decode("utf-8", "replace").strip()
    return (said or f"HTTP {reply.status}")[:LONGEST_MESSAGE]


def cause_of(status: int, code: str, message: str, errors: Mapping[str, Any]) -> Cause:
    """Say why a request was not granted."""
    meant = meaning(code, message, errors)
    if meant is not None:
        return meant
    told = errors.get("statuses", {}).get(str(status))
    if told is not None:
        return Cause(told)
    if status in _OF_STATUS:
        return _OF_STATUS[status]
    if 400 <= status < 500:
        return Cause.INVALID
    return Cause.FAILED if 300 <= status < 400 else Cause.SERVER


def cause_of_job(code: str, message: str, errors: Mapping[str, Any]) -> Cause:
    """Say why a job failed; what only requests can suffer is plainly failed here."""
    meant = meaning(code, message, errors)
    return meant if meant in _OF_JOBS else Cause.FAILED


def meaning(code: str, message: str, errors: Mapping[str, Any]) -> Cause | None:
    """Say what a vendor's file makes of words in a message, else of a code; a code may serve many mistakes."""
    said = message.lower()
    words: Mapping[str, Sequence[str]] = errors.get("words", {})
    told = next((cause for cause, some in words.items() if any(word.lower() in said for word in some)), None)
    if told is not None:
        return Cause(told)
    codes: Mapping[str, str] = errors.get("codes", {})
    if code in codes:
        return Cause(codes[code])
    starts = [known for known in codes if known.endswith("*") and code.startswith(known[:-1])]
    return Cause(codes[max(starts, key=len)]) if code and starts else None


def is_unmade(status: int, cause: Cause) -> bool:
    """Say whether it is sure that a submit which was answered so has made no job."""
    return cause in _UNMADE and status < 500 and status not in UNSURE


def retry_after_s(reply: Reply) -> float | None:
    """Give the seconds that a vendor wants us to wait; a date counts from the answer's own."""
    headers = reply.response.headers
    found = _number(headers.get("retry-after-ms"))
    if found is not None:
        return found / 1000
    said = headers.get("retry-after")
    found = _number(said)
    if found is not None or not said:
        return found
    try:
        gap = parsedate_to_datetime(said) - parsedate_to_datetime(headers.get("date", ""))
    except (ValueError, TypeError):
        return None
    return max(0.0, gap.total_seconds())


def _number(text: str | None) -> float | None:
    try:
        found = float(text or "")
    except ValueError:
        return None
    return found if 0 <= found < 1e7 else None
