"""One model at one provider: what is asked of the vendor, and what its answers mean.

All of a vendor's ways are its file's data. It sends nothing, signs nothing, waits for nothing, and trusts no answer.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import replace
from fractions import Fraction
from typing import Any

from vidbuild.catalog.model import Model, Provider, Route
from vidbuild.wire import causes, states
from vidbuild.wire.bodies import encoded, with_query
from vidbuild.wire.costs import usd_of
from vidbuild.wire.forms import Form, named_options, text
from vidbuild.wire.handles import below, elsewhere, plain_id, plain_name, plain_path
from vidbuild.wire.paths import Reply, at, text_of
from vidbuild.wire.queues import of_job, place_of
from vidbuild.wire.results import WORDS, artifacts, type_of
from vidbuild.wire.terms import asked_of, values_of
from vidbuild.wire.uploads import Enclosure, Enclosures
from vidbuild.wire.values import Accepted, Artifact, Cause, Done, Job, Pending, Request, Response, Wrong
from vidbuild.wire.workflows import filled
from vidbuild.words.errors import VendorFailed

SKEW_S = 300
"""How far a vendor's clock may lag behind ours."""
OPERATION = "operation"
"""The key of a handle under which it says which operation made it."""


class Wire:
    """One attempt's way to a vendor.

    Args:
        base: the address that paths are added to; the provider's own, or the one that overrides it.
        slots: which pictures are sent (`init`, `end`, `reference0`, ...): they decide which operation is used.
            Without them it is the one of the job that `submit` was given last; a route with several operations
            can't be looked up or polled by an id alone then.
        settings: what the provider's `settings` are, by name.
    """

    def __init__(
        self,
        provider: Provider,
        model: Model,
        route: Route,
        base: str,
        slots: Collection[str] | None = None,
        settings: Mapping[str, str] | None = None,
    ):
        self._provider = provider
        self._settings = settings or {}
        self._model = model
        self._route = route
        self._base = base.rstrip("/")
        self._asked = None if slots is None else asked_of(slots)

    @property
    def has_idempotency(self) -> bool:
        """Whether the vendor makes one job of submits that carry the same nonce."""
        return bool(self._provider.idempotency)

    @property
    def sends_seed(self) -> bool:
        """Whether a submit on this way names the job's seed."""
        operation = self._operation()
        slots = self._route.workflow.slots if self._route.workflow is not None else ()
        return "$seed" in str((operation["submit"], operation.get("values"), self._route.send, slots))

    @property
    def least_poll_s(self) -> float:
        """The seconds between two polls of one job, at least."""
        return float(self._provider.poll.get("least_s", 1))

    @property
    def is_answered_at_once(self) -> bool:
        """Whether the answer to a submit is what was asked for, and no job."""
        return "accepted" not in self._operation()

    @property
    def is_list_complete(self) -> bool:
        """Whether a job that can't be found was surely never made."""
        return bool(self._operation().get("find", {}).get("is_complete", False))

    @property
    def list_lag_s(self) -> float:
        """How long a job may take to be found, in seconds."""
        return float(self._operation().get("find", {}).get("lag_s", 2))

    # the way out

    def enclosures(self, job: Job) -> tuple[Enclosure, ...]:
        """List the files that have to be at the vendor before it can be asked for a job, and aren't.

        Raises:
            VendorFailed: as `submit`.
        """
        return tuple(self._submit(job)[1].wanted.values()) if self._provider.uploads else ()

    def submit(self, job: Job) -> Request:
        """Ask for a job; the same job gives the same bytes.

        Raises:
            VendorFailed: the job lacks what the vendor must have (a voice), or asks what this route can't make.
        """
        request, enclosures = self._submit(job)
        if enclosures.wanted:
            raise ValueError("BUG: a job names files that the vendor doesn't hold; see `enclosures`")
        return request

    def _submit(self, job: Job) -> tuple[Request, Enclosures]:
        self._asked = asked_of(job.pictures)
        operation, values = self._operation(), values_of(job, self._model)
        for name in operation.get("needs", ()):
            if values.get(name) is None:
                raise self._lacks(name)
        nonce = {self._provider.idempotency["header"]: job.nonce} if self.has_idempotency else {}
        enclosures = Enclosures(self._provider, self._base, job.enclosed)
        form = self._form(operation, values, enclosures)
        if self._route.workflow is not None:
            form = self._form(operation, {**values, "workflow": filled(self._route.workflow, form)}, enclosures)
        return self._request(operation["submit"], form, nonce), enclosures

    def poll(self, handle: Mapping[str, str]) -> Request:
        """Ask how a job is."""
        operation = self._operation(handle)
        return self._request(operation["poll"], self._form(operation, {"id": handle["id"]}), handle=handle)

    def find(self, nonce: str, since_unix: float) -> Request | None:
        """Look a job up by our nonce; `None` where the vendor knows no such thing."""
        operation, since = self._operation(), max(0, int(since_unix - SKEW_S))
        if "find" not in operation:
            return None
        if "as_poll" in operation["find"]:
            return self.poll(self._own_handle(operation, nonce))
        return self._request(operation["find"], self._form(operation, {"nonce": nonce, "since": since}))

    def cancel(self, handle: Mapping[str, str]) -> Request | None:
        """Call a job off; `None` where that can't be done."""
        operation = self._operation(handle)
        if "cancel" not in operation:
            return None
        return self._request(operation["cancel"], self._form(operation, {"id": handle["id"]}), handle=handle)

    # the way back

    def submitted(self, response: Response) -> Accepted | Done | Wrong:
        """Read the answer to a submit: a job, or at once what was asked for."""
        operation, reply, is_sync = self._operation(), Reply(response), self.is_answered_at_once
        if not causes.is_fine(reply, self._provider.errors):
            return self._refusal(reply, is_submit=not (is_sync and reply.status < 300))
        if is_sync:
            return self._made(operation, reply, {})
        if reply.json is None:
            return Wrong(Cause.SERVER, "the answer is no JSON")
        accepted = self._accepted(operation, reply.json)
        return (
            replace(accepted, usd=usd_of(reply, self._route.cost or operation.get("cost")))
            if isinstance(accepted, Accepted)
            else accepted
        )

    def polled(
        self, response: Response, handle: Mapping[str, str], is_further: bool = False
    ) -> Pending | Done | Wrong | Request:
        """Read the answer to a poll; a `Request` is one more to send, and its answer comes here again.

        Args:
            is_further: whether it is the answer to such a one more.
        """
        operation, reply = self._operation(handle), Reply(response)
        said: Mapping[str, Any] = of_job(operation["poll"], handle)
        if not causes.is_fine(reply, self._provider.errors):
            return self._poll_refusal(reply, said.get("is_verdict", False))
        if "listed" in said:
            place = place_of(reply, said["listed"], handle["id"])
            if place == "":
                return self._request(said["then"], self._form(operation, {"id": handle["id"]}), handle=handle)
            if place is not None:
                return Pending(place)
            if reply.at(handle["id"]) is None:
                return Wrong(Cause.GONE, "it is neither queued nor in the history")
        status = self._status(reply, said)
        # a project's own file may name the wrong place for a result: that is told, and not waited for
        is_last = bool(self._artifacts(operation, reply, handle)) or (is_further and self._provider.is_own)
        if not status:
            return (
                self._made(operation, reply, handle) if is_last else Wrong(Cause.SERVER, "the answer tells no status")
            )
        state = states.state_of(status, said.get("words", {}))
        if state in states.OPEN:
            return Pending(state, states.progress_of(reply.at(said.get("progress"))), self._hint_s(reply, said))
        if state != states.DONE or reply.at(said.get("wrong")):
            return self._failed(operation, reply, state, said)
        if "then" in said and "listed" not in said and not is_last:
            taken = {name: plain_id(text_of(reply.at(path))) for name, path in said.get("take", {}).items()}
            if None in taken.values():
                return Wrong(Cause.SERVER, "the answer does not tell what the result is fetched by")
            return self._request(said["then"], self._form(operation, {"id": handle["id"], **taken}), handle=handle)
        return self._made(operation, reply, handle)

    @staticmethod
    def _status(reply: Reply, said: Mapping[str, Any]) -> str:
        """Give the word for a job's state; nothing where none is told."""
        if "ended" in said and isinstance(reply.json, dict):
            return states.DONE if reply.at(said["ended"]) is True else states.RUNNING
        return reply.text(said["status"]) if "status" in said else ""

    def found(self, response: Response, nonce: str) -> Accepted | Wrong | Request | None:
        """Read the answer to a lookup: the job, none, that it does not tell; or one more request, as of `polled`."""
        operation, reply = self._operation(), Reply(response)
        said: Mapping[str, Any] = operation["find"]
        if "as_poll" in said:
            return self._found_as_polled(response, self._own_handle(operation, nonce))
        if not causes.is_fine(reply, self._provider.errors):
            wrong = self._refusal(reply, is_submit=False)
            return None if reply.status == 404 or wrong.code in said.get("absent", ()) else wrong
        if reply.json is None:
            return Wrong(Cause.SERVER, "the answer is no JSON")
        if "list" not in said:
            return self._accepted(operation, reply.json, said["id"])
        listed = reply.at(said["list"])
        if not isinstance(listed, list):
            return Wrong(Cause.SERVER, "the answer holds no list")
        tagged = [job for job in listed if at(job, said.get("where", "")) == nonce]
        if not tagged and reply.at(said.get("more")):
            return Wrong(Cause.SERVER, "the list goes on")
        return self._accepted(operation, tagged[0], said["id"]) if tagged else None

    def _found_as_polled(self, response: Response, handle: Mapping[str, str]) -> Accepted | Wrong | Request | None:
        """Look for a job whose id is ours: it is there if a poll says how it is."""
        answer = self.polled(response, handle)
        if isinstance(answer, Request):
            return answer
        if isinstance(answer, Wrong) and not answer.has_ended:
            return None if answer.cause is Cause.GONE else answer
        return Accepted(handle)

    def _own_handle(self, operation: Mapping[str, Any], nonce: str) -> Mapping[str, str]:
        """Give the handle of the job that our nonce names."""
        id = text(self._form(operation, {"nonce": nonce}).filled(operation["find"]["as_poll"]))
        return {"id": id, OPERATION: self._operation_name()}

    # how requests are put together

    def _operation(self, handle: Mapping[str, str] | None = None) -> Mapping[str, Any]:
        """Give the operation: of a handle, else the route's for the pictures that are sent."""
        known = self._provider.operations
        named = (handle or {}).get(OPERATION, "")
        found: Mapping[str, Any] = known[named if named in known else self._operation_name()]
        return found

    def _operation_name(self) -> str:
        ways = self._route.operation
        if self._asked is None and len(set(ways.values())) > 1:
            raise ValueError("BUG: which operation it is depends on the pictures; give `slots`")
        parts = (self._asked or "text").split()
        for way in ("end", "init", "references"):
            if way in parts and way in ways:
                return ways[way]
        name = ways.get("text") if parts == ["text"] else None
        if name is None and "any" not in ways and (parts != ["text"] or len(set(ways.values())) > 1):
            raise VendorFailed(f"`{self._model.name}` can't be asked for this through {self._provider.title}")
        return name or ways.get("any") or next(iter(ways.values()))

    def _form(
        self, operation: Mapping[str, Any], values: Mapping[str, Any], enclosures: Enclosures | None = None
    ) -> Form:
        defined = {**operation.get("values", {}), **self._route.send}
        asked = {**self._settings, "model": self._route.id, "asked": self._asked or "text"}
        named = named_options(operation["submit"], defined)
        uploaded = None if enclosures is None else enclosures.said
        return Form({**asked, **values}, defined, named, self._provider.limits.get("picture_bytes"), uploaded)

    def _request(
        self,
        said: Mapping[str, Any],
        form: Form,
        headers: Mapping[str, str] | None = None,
        handle: Mapping[str, str] | None = None,
    ) -> Request:
        try:
            path = form.path(said["path"]) if "path" in said else self._address(said["address"], form, handle or {})
        except KeyError as error:
            raise self._lacks(error.args[0]) from None
        url = with_query(self._base + path if path.startswith("/") else path, form.filled(said.get("query", {})) or {})
        sent = {**said.get("headers", {}), **(headers or {})}
        if "body" not in said:
            return Request(said.get("method", "GET"), url, sent)
        kind, body = encoded(form.filled(said["body"]) or {}, said.get("form", "json"))
        return Request(said.get("method", "POST"), url, {"Content-Type": kind, **sent}, body)

    def _lacks(self, name: str) -> VendorFailed:
        """Say that a job has not what the vendor must have."""
        what = "a voice" if name in ("voice", "speaker") else f"`{name}`"
        return VendorFailed(f"{self._provider.title or self._provider.name} needs {what} here")

    def _address(self, name: str, form: Form, handle: Mapping[str, str]) -> str:
        """Give an address that the vendor gave, as a path or whole, or what its file says instead."""
        given = plain_path(handle.get(name)) or elsewhere(handle.get(name), self._provider.domains)
        said = self._operation(handle)["accepted"]["addresses"][name]
        if given is None and "else" not in said:
            raise KeyError(name)
        return given or form.path(said["else"])

    # how answers are read

    def _accepted(self, operation: Mapping[str, Any], found: Any, path: str | None = None) -> Accepted | Wrong:
        said: Mapping[str, Any] = operation["accepted"]
        job = (plain_name if said.get("is_name") else plain_id)(at(found, path or said["id"]))
        if job is None:
            return Wrong(Cause.FAILED, "the answer names no job that could be asked for")
        handle = {"id": job, OPERATION: self._operation_name()}
        form = self._form(operation, {"id": job})
        for name, address in said.get("addresses", {}).items():
            told = at(found, address["at"])
            given = below(self._base, told) or elsewhere(told, self._provider.domains)
            if given is None and "else" not in address:
                return Wrong(Cause.FAILED, f"the answer leads to another host for the job `{job}`")
            handle[name] = given or form.path(address["else"])
        return Accepted(handle)

    def _made(self, operation: Mapping[str, Any], reply: Reply, handle: Mapping[str, str]) -> Done | Wrong:
        results: Mapping[str, Any] = operation["result"]
        found, usd = (
            {**self._artifacts(operation, reply, handle), **self._addressed(operation, handle)},
            usd_of(reply, self._route.cost or operation.get("cost")),
        )
        if missing := sorted(set(results) - set(found) - {WORDS}):
            wrong = self._unmade(operation, reply, missing, usd)
            # a project's own file may name the wrong place: then the job is as good as ever, and is asked for again
            if not (self._provider.is_own and wrong.cause is Cause.FAILED and "empty" not in operation):
                return wrong
        return Done(found, usd, dict(handle))

    def _unmade(self, operation: Mapping[str, Any], reply: Reply, missing: list[str], usd: Fraction | None) -> Wrong:
        """Say why an answer that should hold a result holds none, by the codes and words that it gives."""
        said: Mapping[str, Any] = {"empty": operation.get("empty", "failed"), **operation.get("poll", {})}
        code = reply.text(*_some(said, "code")) or causes.code_of(reply, self._provider.errors)
        message = reply.text(*_some(said, "message"))
        cause = causes.cause_of_job(code, message, self._provider.errors)
        if cause is Cause.FAILED and reply.json is not None and not self._is_wrong(code):
            cause = Cause(said["empty"])
        lack = self._lack(reply, missing)
        told = f"{lack}: {message[: causes.LONGEST_MESSAGE]}" if message else lack
        is_answer = "empty" in operation and reply.json is not None
        return Wrong(cause, told, code, has_ended=is_answer, usd=usd)

    def _addressed(self, operation: Mapping[str, Any], handle: Mapping[str, str]) -> dict[str, Artifact]:
        """Give the results that lie at a path of their own, which no answer tells."""
        form = self._form(operation, {"id": handle.get("id")})
        found = {}
        for name, said in operation["result"].items():
            if isinstance(said, Mapping) and "path" in said:
                url = self._request(said, form).url
                found[name] = Artifact(type_of(name, said), url=url, is_signed=said.get("is_signed", False))
        return found

    def _is_wrong(self, code: str) -> bool:
        """Say whether a code tells that something is wrong, and not that all is well."""
        fine = self._provider.errors.get("fine", {}).get("values", ())
        return bool(code) and code not in map(text, fine)

    def _lack(self, reply: Reply, names: list[str]) -> str:
        kind = reply.response.headers.get("content-type", "").split(";")[0]
        told = f", but {kind[:60]}" if reply.json is None and kind else ""
        return f"the answer holds no {' and no '.join(names)}{told}"

    def _artifacts(
        self, operation: Mapping[str, Any], reply: Reply, handle: Mapping[str, str]
    ) -> Mapping[str, Artifact]:
        return artifacts(reply, of_job(operation["result"], handle), self._base)

    def _failed(self, operation: Mapping[str, Any], reply: Reply, state: str, said: Mapping[str, Any]) -> Wrong:
        code, message = reply.text(*_some(said, "code")), reply.text(*_some(said, "message"))
        if state == "gone":
            return Wrong(Cause.GONE, message[: causes.LONGEST_MESSAGE] or "the vendor knows no such job", code[:200])
        cause = states.cause_of(state) or causes.cause_of_job(code, message, self._provider.errors)
        return Wrong(
            cause,
            message[: causes.LONGEST_MESSAGE],
            code[:200],
            has_ended=True,
            usd=usd_of(reply, self._route.cost or operation.get("cost")),
        )

    def _refusal(self, reply: Reply, is_submit: bool) -> Wrong:
        errors = self._provider.errors
        code, message = causes.code_of(reply, errors), causes.message_of(reply, errors)
        cause = causes.cause_of(reply.status, code, message, errors)
        if reply.status < 300 and reply.text(*errors.get("refused", ())):
            cause = Cause.REFUSED
        is_unmade = is_submit and causes.is_unmade(reply.status, cause)
        return Wrong(cause, message, code, causes.retry_after_s(reply), is_unmade)

    def _poll_refusal(self, reply: Reply, has_hops: bool) -> Wrong:
        """Read an error in answer to a poll: of the request, or of the job where a further hop tells a job's.

        What a vendor no longer has is gone, and may have been made and paid for: that is no end of a job.
        """
        wrong = self._refusal(reply, is_submit=False)
        meant = causes.meaning(wrong.code, wrong.message, self._provider.errors)
        cause = wrong.cause
        if meant is None and reply.status in (404, 410):
            cause = Cause.GONE
        if has_hops and wrong.code and cause in (Cause.INVALID, Cause.SERVER, Cause.RETIRED, Cause.FAILED):
            cause = Cause.FAILED
        if cause is Cause.RETIRED:
            cause = Cause.GONE
        return Wrong(cause, wrong.message, wrong.code, wrong.retry_after_s)

    def _hint_s(self, reply: Reply, said: Mapping[str, Any]) -> float | None:
        told = states.seconds_of(reply.at(said.get("wait")))
        return told if told is not None else causes.retry_after_s(reply)


def _some(said: Mapping[str, Any], key: str) -> tuple[str, ...]:
    found = said.get(key, ())
    return (found,) if isinstance(found, str) else tuple(found)
