"""Files that a job names: sent with it where they are small enough, else put at the vendor before, in so many steps.

All of it is the provider's data (`uploads`). It sends nothing, waits for nothing, and remembers nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any
from urllib.parse import urlencode

from vidbuild.catalog.model import Provider
from vidbuild.wire import causes, states
from vidbuild.wire.bodies import encoded
from vidbuild.wire.forms import Form, plain, text
from vidbuild.wire.multipart import suffix
from vidbuild.wire.paths import Reply
from vidbuild.wire.pictures import fitting
from vidbuild.wire.values import Cause, Media, Pending, Request, Response, Wrong
from vidbuild.words.digest import Digest, digest_bytes, digest_of
from vidbuild.words.errors import VendorFailed

LONGEST_REFERENCE = 16_384
_OF_TICKETS = frozenset({Cause.KEY, Cause.RETIRED})
"""What a storage address says of the ticket that it was called with, and never of the vendor's key."""
_SPACE = 40
"""What a job is filled with in the place of a file that is not there yet, in characters."""


@dataclass(frozen=True)
class Enclosure:
    """A file that must be at the vendor before a job may name it.

    Args:
        upload: which of the provider's ways it goes.
        id: equal for the same file on the same way, in any build.
    """

    upload: str
    media: Media
    id: Digest


@dataclass(frozen=True)
class Held:
    """A file is at the vendor: what a job says of it, and how long that holds (`None`: for good)."""

    reference: Any
    lives_s: float | None


class Enclosures:
    """What a job says of its files: the filter `uploaded` of its templates.

    Args:
        held: by id, what is said of those that the vendor holds.
        wanted: those that it doesn't, which are filled in with something of no use.
    """

    def __init__(self, provider: Provider, base: str, held: Mapping[str, Any]):
        self._provider = provider
        self._base = base
        self._held = held
        self.wanted: dict[Digest, Enclosure] = {}

    def said(self, media: Media, named: str) -> Any:
        """Say what a job says of a file."""
        upload = named or next(iter(self._provider.uploads), "")
        said = self._provider.uploads[upload]
        inline = said.get("inline")
        if inline is not None and ("steps" not in said or len(media.data) <= inline["most_bytes"]):
            small = fitting(media, inline["most_bytes"])
            return Form(_of(small), {}).filled(inline["give"])
        enclosure = enclosed(self._provider, self._base, upload, fitting(media, said.get("most_bytes")))
        if enclosure.id in self._held:
            return self._held[enclosure.id]
        self.wanted[enclosure.id] = enclosure
        return "?" * _SPACE


def enclosed(provider: Provider, base: str, upload: str, media: Media) -> Enclosure:
    """Name a file on its way: by its bytes, where it goes, and all that is known of the way."""
    said = provider.uploads[upload]
    way = ["upload", provider.name, base, provider.hosts, upload, said]
    return Enclosure(upload, media, digest_of([*way, digest_bytes(media.data), media.media_type]))


@dataclass
class Upload:
    """One file on its way, step by step.

    Args:
        address: gives the address of the provider's base (``), or of one of its further hosts.
    """

    provider: Provider
    enclosure: Enclosure
    address: Callable[[str], str]
    known: dict[str, Any] = field(default_factory=dict)
    _at: int = 0

    def __post_init__(self) -> None:
        self._said: Mapping[str, Any] = self.provider.uploads[self.enclosure.upload]
        self.known = _of(self.enclosure.media)

    def request(self) -> Request:
        """Give the request of the step that comes next; the same again until its answer was read.

        Raises:
            VendorFailed: the vendor's answers lack what it takes.
        """
        step = self._said["steps"][self._at]
        form = Form(self.known, {})
        query = form.filled(step.get("query", {})) or {}
        headers = {name: text(value) for name, value in (form.filled(step.get("headers", {})) or {}).items()}
        url = self._url(step, form) + (f"?{urlencode({key: text(one) for key, one in query.items()})}" if query else "")
        method = step.get("method", "POST" if "body" in step else "GET")
        if "body" not in step:
            return Request(method, url, headers, is_signed="to" not in step)
        kind, body = encoded(form.filled(step["body"]), step.get("form", "json"))
        if not any(name.lower() == "content-type" for name in headers):
            headers["Content-Type"] = kind
        return Request(method, url, headers, body, is_signed="to" not in step)

    def read(self, response: Response) -> Held | Pending | Wrong | None:
        """Read the answer to a step: where the file is now; `None` when the next step is due."""
        step, reply = self._said["steps"][self._at], Reply(response)
        errors = {} if "to" in step else self.provider.errors
        if not causes.is_fine(reply, errors):
            code, message = causes.code_of(reply, errors), causes.message_of(reply, errors)
            cause = causes.cause_of(reply.status, code, message, errors)
            if "to" in step and cause in _OF_TICKETS:
                cause, message = Cause.SERVER, f"the storage address did not take it: {message}"
            return Wrong(cause, message, code, causes.retry_after_s(reply), is_unmade=True)
        until = step.get("until")
        if until is not None:
            status = reply.text(until["status"])
            words = {states.DONE: until["done"], states.FAILED: until.get("failed", ())}
            state = states.state_of(status, words)
            if state in states.OPEN:
                return Pending(state)
            if state != states.DONE:
                return Wrong(states.cause_of(state) or Cause.FAILED, f"the file is {status}", is_unmade=True)
        for name, told in step.get("keep", {}).items():
            path, otherwise = (told, None) if isinstance(told, str) else (told["at"], told.get("else"))
            found = reply.at(path)
            if found is None and otherwise is not None:
                found = plain(Form(self.known, {}).filled(otherwise))
            if not _is_plain(found):
                return Wrong(Cause.SERVER, f"the answer holds no {path}", is_unmade=True)
            self.known[name] = found
        self._at += 1
        if self._at < len(self._said["steps"]):
            return None
        reference = plain(Form(self.known, {}).filled(self._said["give"]))
        lives = self._said.get("lives_s")
        return Held(reference, None if lives is None else float(lives))

    def _url(self, step: Mapping[str, Any], form: Form) -> str:
        if "to" in step:
            return text(form.filled(step["to"]) or "")
        try:
            return self.address(step.get("host", "")).rstrip("/") + form.path(step["path"])
        except KeyError as error:
            title = self.provider.title or self.provider.name
            raise VendorFailed(f"{title} did not tell its `{error.args[0]}` for a file") from None


def _of(media: Media) -> dict[str, Any]:
    """Name what is known of a file, as templates do."""
    digest = digest_bytes(media.data)
    named = replace(media, name=f"{digest[:16]}.{suffix(media)}")
    return {
        "file": named,
        "file_name": named.name,
        "size": len(media.data),
        "type": media.media_type,
        "sha256": digest,
    }


def _is_plain(found: Any) -> bool:
    """Say whether what a vendor gives can be sent on: text, a number, or a few of them by name."""
    if isinstance(found, Mapping):
        return len(found) <= 50 and all(isinstance(one, (str, int)) and _is_plain(one) for one in found.values())
    if isinstance(found, bool) or not isinstance(found, (str, int)):
        return False
    return 0 < len(str(found)) <= LONGEST_REFERENCE and str(found).isprintable()
