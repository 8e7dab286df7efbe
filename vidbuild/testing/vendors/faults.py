"""Faults that befall requests by plan: which request, at which step, and what happens to it.

Three sorts: instead of the vendor's work, in the job's fate, and in how the answer is sent. It knows no vendor.
"""

from __future__ import annotations

import gzip
import os
import signal
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from vidbuild.testing.vendors.takes import LOOKS, flipped
from vidbuild.testing.vendors.wire import NOTHING, Answer, Asked, How

STEPS = ("upload", "submit", "poll", "result", "download", "cancel", "list", "lookup", "token", "any")

INSTEAD = {
    "kill_before": "whoever asks is killed before anything is done: pid",
    "reset_before": "the connection is reset, nothing is done",
    "hang_before": "no answer for seconds, then none; nothing is done: seconds",
    "busy": "429 in the vendor's form, nothing is done: retry_after_s, message",
    "server_error": "a 5xx, nothing is done: status, retry_after_s, page (HTML instead of the vendor's form)",
    "refused": "refused by moderation in the vendor's form, no job is made: message",
    "out_of_credit": "the account is empty: message",
    "bad_key": "the key is no good",
    "retired": "the model, or the address, is gone: status (404 or 410), message",
    "missing": "no such job: 404",
    "invalid": "the request is said to be no good: message",
    "link_expired": "403, and this link stays dead; the next poll tells a fresh one",
    "redirect": "a redirect: to (an address; without it the same path by another host name), status",
}
FATES = {
    "fails": "the job ends as failed, after so many polls: polls, message, code",
    "refused_at_end": "moderation ends the job: polls, message, code",
    "cancelled": "the job ends as cancelled: polls",
    "expired": "the job ends as expired: polls",
    "vanishes": "the job is unknown to so many polls, and then there; for ever without a number: polls",
    "late": "the job takes longer: seconds",
    "same_id": "the answer names the job before",
    "odd_id": "the answer names a job that is no name: id",
    "no_id": "the answer names no job",
    **dict.fromkeys(sorted(LOOKS), "the take is whole, but not what was asked for: factor"),
}
SENDING = {
    "kill_after": "all is done, then whoever asked is killed and hears nothing: pid",
    "kill_within": "whoever asked is killed when half of the body was sent: pid",
    "reset_after": "all is done, then the connection is reset: a lost answer",
    "reset_within": "the connection is reset when half of the body was sent",
    "hang_after": "all is done, then no answer for seconds: seconds",
    "hang_within": "half of the body, then nothing for seconds: seconds",
    "lost": "all is done, but the answer is a 5xx: status, page",
    "slow": "byte by byte: seconds (between two bytes)",
    "truncated": "half of the body, then the end: sized (whether Content-Length says the whole length)",
    "wrong_length": "Content-Length says less than the file has: part",
    "wrong_type": "the right bytes under a wrong type: type",
    "html": "a page of HTML as 200",
    "json": "JSON under the right type",
    "empty": "no bytes at all",
    "hls": "an HLS playlist under the right type: file",
    "ffconcat": "an ffconcat script under the right type: file",
    "bit_flipped": "a file with flipped bits",
    "gzip_bomb": "a small body that says it is gzip, and is huge: megabytes",
    "endless": "a body without end",
}
FAULTS = {**INSTEAD, **FATES, **SENDING}
"""Every fault by name, with its settings."""

HOSTILE = "no \x1b[31mred\x1b[0m \x1b]0;title\x07 ‮drow⁦ txet\r\nand\ta second\x00line"
"""Text as only a hostile vendor would write it."""

_PAGE = b"<!doctype html><html><head><title>502 Bad Gateway</title></head><body><h1>502</h1><hr>nginx</body></html>"
_FOREVER_S = 3600.0


@dataclass
class Fault:
    """A fault and whom it befalls.

    Args:
        step: of a job: one of `STEPS`.
        what: one of `FAULTS`.
        nth: the first matching request that it befalls, counted from 1.
        times: how many from there on; `None` for all.
        where: only requests whose path or body holds this text, or that a function says yes to.
        settings: what the fault's line in `FAULTS` names.
    """

    step: str
    what: str
    nth: int = 1
    times: int | None = 1
    where: str | Callable[[Asked], bool] | None = None
    settings: Mapping[str, Any] = field(default_factory=dict)
    seen: int = 0
    befell: int = 0

    def __post_init__(self) -> None:
        """Refuse what can never befall anything."""
        if self.step not in STEPS:
            raise ValueError(f"`{self.step}` is no step; there are {', '.join(STEPS)}")
        if self.what not in FAULTS:
            raise ValueError(f"`{self.what}` is no fault; there are {', '.join(FAULTS)}")

    def matches(self, step: str, asked: Asked) -> bool:
        """Say whether a request counts for it."""
        if self.step not in ("any", step):
            return False
        if callable(self.where):
            return self.where(asked)
        return self.where is None or self.where in asked.path or self.where.encode() in asked.body

    @property
    def is_due(self) -> bool:
        """Whether it befalls the request that was counted last."""
        return self.seen >= self.nth and (self.times is None or self.seen < self.nth + self.times)


class Script:
    """The faults planned for one vendor, in the order in which they were planned."""

    def __init__(self) -> None:
        self._faults: list[Fault] = []
        self._lock = threading.Lock()

    def plan(self, fault: Fault) -> Fault:
        """Plan a fault."""
        with self._lock:
            self._faults.append(fault)
        return fault

    def clear(self) -> None:
        """Plan none."""
        with self._lock:
            self._faults.clear()

    def due(self, step: str, asked: Asked) -> Fault | None:
        """Count a request for every fault that it matches; give the first that befalls it."""
        found = None
        with self._lock:
            for fault in self._faults:
                if fault.matches(step, asked):
                    fault.seen += 1
                    if found is None and fault.is_due:
                        fault.befell += 1
                        found = fault
        return found


def instead(fault: Fault, asked: Asked, other_host: str) -> Answer | None:
    """Answer as a fault says where that takes no vendor's form; `None` where it does."""
    settings = fault.settings
    if fault.what == "kill_before":
        kill(settings.get("pid"), asked)
        return NOTHING
    if fault.what == "reset_before":
        return NOTHING
    if fault.what == "hang_before":
        return replace(NOTHING, how=How(end="reset", wait_s=float(settings.get("seconds", _FOREVER_S))))
    if fault.what == "server_error" and settings.get("page"):
        return page(int(settings.get("status", 502)), settings.get("retry_after_s"))
    if fault.what == "redirect":
        to = settings.get("to") or f"{other_host}{asked.path}"
        return Answer(int(settings.get("status", 302)), {"Location": str(to)})
    return None


def page(status: int, retry_after_s: float | None = None) -> Answer:
    """Answer with a page, as a proxy before the vendor would."""
    waiting = {} if retry_after_s is None else {"Retry-After": f"{retry_after_s:g}"}
    return Answer(status, {"Content-Type": "text/html", **waiting}, _PAGE)


def spoiled(fault: Fault, asked: Asked, answer: Answer) -> Answer:
    """Send a vendor's answer as a fault says; others leave it as it is."""
    settings, body = fault.settings, answer.body
    if fault.what in ("kill_after", "kill_within"):
        half = len(body) // 2 if fault.what == "kill_within" else None
        if half is None:
            kill(settings.get("pid"), asked)
            return NOTHING
        return replace(answer, how=How(cut=half, midway=lambda: kill(settings.get("pid"), asked), end="reset"))
    wait_s = float(settings.get("seconds", _FOREVER_S))
    other = _BODIES.get(fault.what)
    if other is not None:
        return replace(answer, body=other(settings, body))
    manners: dict[str, Callable[[], Answer]] = {
        "reset_after": lambda: NOTHING,
        "reset_within": lambda: replace(answer, how=How(cut=len(body) // 2, end="reset")),
        "hang_after": lambda: replace(answer, how=How(wait_s=wait_s)),
        "hang_within": lambda: replace(answer, how=How(cut=len(body) // 2, stall_s=wait_s, end="close")),
        "slow": lambda: replace(answer, how=How(drip_s=float(settings.get("seconds", 0.05)))),
        "truncated": lambda: replace(answer, how=_half(body, bool(settings.get("sized", True)))),
        "wrong_length": lambda: replace(
            answer, how=How(length=int(len(body) * settings.get("part", 0.75)), end="close")
        ),
        "wrong_type": lambda: replace(
            answer, headers={**answer.headers, "Content-Type": settings.get("type", "text/plain")}
        ),
        "html": lambda: replace(page(200), status=200),
        "gzip_bomb": lambda: replace(
            answer,
            headers={**answer.headers, "Content-Encoding": "gzip"},
            body=gzip.compress(bytes(1024 * 1024 * int(settings.get("megabytes", 256))), 9),
        ),
        "endless": lambda: replace(answer, body=body[:4096].ljust(65536, b"\0"), how=How(length=None, times=1_000_000)),
    }
    made = manners.get(fault.what)
    return made() if made else answer


def _half(body: bytes, sized: bool) -> How:
    return How(cut=len(body) // 2, end="close") if sized else How(cut=len(body) // 2, length=None, end="close")


def _playlist(settings: Mapping[str, Any], body: bytes) -> bytes:
    name = settings.get("file", "/etc/passwd")
    return f"#EXTM3U\n#EXT-X-MEDIA-SEQUENCE:0\n#EXTINF:10.0,\nfile://{name}\n#EXT-X-ENDLIST\n".encode()


_BODIES: Mapping[str, Callable[[Mapping[str, Any], bytes], bytes]] = {
    "json": lambda settings, body: b'{"error": {"message": "not ready"}}',
    "empty": lambda settings, body: b"",
    "hls": _playlist,
    "ffconcat": lambda settings, body: f"ffconcat version 1.0\nfile {settings.get('file', '/etc/passwd')}\n".encode(),
    "bit_flipped": lambda settings, body: flipped(body),
}


def kill(pid: Any, asked: Asked) -> None:
    """Send SIGKILL to a process: a number, a function that gives one, or by default whoever asked; never to us."""
    number = pid() if callable(pid) else pid
    number = int(number) if number else _who(asked)
    if number is None or number == os.getpid():
        raise RuntimeError("BUG: a fault was to kill its own process; start the client in another, or name a pid")
    os.kill(number, signal.SIGKILL)


def _who(asked: Asked) -> int | None:
    """Find the process that holds the other end of a connection (Linux)."""
    inode = None
    for line in Path("/proc/net/tcp").read_text().splitlines()[1:]:
        columns = line.split()
        if (_port(columns[1]), _port(columns[2])) == (asked.peer, asked.port) and columns[9] != "0":
            inode = columns[9]
    for folder in Path("/proc").glob("[0-9]*/fd"):
        try:
            links = [os.readlink(link) for link in folder.iterdir()]
        except OSError:
            continue
        if f"socket:[{inode}]" in links:
            return int(folder.parent.name)
    return None


def _port(address: str) -> int:
    return int(address.rpartition(":")[2], 16)
