"""One attempt on its way to a vendor: who and what it is, what is written down of it, and a single exchange for it.

It knows no step of the way: those are `submission`, `polling` and `delivery`.
"""

from __future__ import annotations

import datetime
from collections.abc import Mapping
from dataclasses import replace
from fractions import Fraction
from typing import Any

from vidbuild.catalog.model import Model, Provider, Route
from vidbuild.runners.base import Workspace
from vidbuild.runners.vendor import jobs
from vidbuild.runners.vendor.desk import Desk
from vidbuild.runners.vendor.outcomes import Redirected, Unanswered, Unsent
from vidbuild.stores.job_log import OPEN, Stage, Standing, standing
from vidbuild.wire.reading import Wire
from vidbuild.wire.results import WORDS
from vidbuild.wire.values import Accepted, Done, Pending, Request, Response, Wrong
from vidbuild.words.action import BoundAction, Conduct, Hire
from vidbuild.words.amounts import usd_of
from vidbuild.words.digest import Digest
from vidbuild.words.errors import ActionFailed, AttemptFailed, Refused, Unclear, VendorFailed, VidbuildError, clean
from vidbuild.words.events import JobMoved

ASKED_S = 60.0
"""A request is answered within so long."""
MADE_S = 300.0
"""So long has a vendor that answers a submit with what it made."""
MOST_HOPS = 3
_SENT = frozenset({"sent", "queued", "running"})
ENDS = frozenset({"done", "failed", "refused", "lost", "left"})


class NoAnswer(Exception):
    """A request got no answer.

    Args:
        is_unmade: whether it is sure that the vendor did not act on it.
    """

    def __init__(self, outcome: Unsent | Unanswered | Redirected):
        reason = f"it sends us to {outcome.to}" if isinstance(outcome, Redirected) else outcome.reason
        super().__init__(f"{outcome.host} {reason}")
        self.is_unmade = isinstance(outcome, Unsent) or (isinstance(outcome, Redirected) and outcome.is_unmade)


class Errand:
    """One attempt on its way.

    Attributes:
        before: how it stood when it began.
        promised: what the lock says that it made, where it was bought and is not being bought again.
        usd: what it costs, as far as is known; `None` where that is unknown.
        told: the state that was told last.

    Raises:
        Unclear: the catalog knows no way to who has it.
    """

    def __init__(self, desk: Desk, attempt: BoundAction, conduct: Conduct, workspace: Workspace):
        self.desk = desk
        self.attempt = attempt
        self.conduct = conduct
        self.workspace = workspace
        self.before = self.standing()
        is_kept = self.before.stage not in OPEN and not self.before.is_given_up
        self.promised = desk.locked(self.key) if is_kept else None
        self.hire: Hire = self._as_sent(conduct.hires[0])
        self.model, self.provider, self.route = self._reached()
        slots = jobs.slots(self.model, workspace.inputs)
        base, given = desk.bases(self.provider), desk.settings(self.provider)
        self.wire = Wire(self.provider, self.model, self.route, base, slots, given)
        self.pace = desk.pace(self.provider)
        self.usd: Fraction | None = self.hire.list_usd
        self.told = ""

    def _as_sent(self, planned: Hire) -> Hire:
        """Say through whom it goes: through whom it was sent, at the price of then, where it is out or was bought."""
        if self.promised is not None:
            return replace(planned, provider=self.promised.job.partition("/")[0], list_usd=self.promised.usd)
        if self.before.stage not in (*OPEN, Stage.STORED) or not self.before.intent:
            return planned
        usd = self.before.intent.get("list_usd")
        sent_at = planned.list_usd if usd is None else usd_of(usd)
        return replace(planned, provider=str(self.before.intent["provider"]), list_usd=sent_at)

    def _reached(self) -> tuple[Model, Provider, Route]:
        """Find the model and the way to it in the catalog, which may have changed since it was sent."""
        model, provider = (
            self.desk.catalog.models.get(self.hire.model),
            self.desk.catalog.providers.get(self.hire.provider),
        )
        for route in model.routes if model is not None else ():
            if model is not None and provider is not None and route.provider == provider.name:
                return model, provider, route
        raise Unclear(
            f"`{self.hire.model}` was bought through `{self.hire.provider}`, and no way to it is known any more",
            {"attempt": self.key},
            "bring its model and provider files back, or give it up and buy another: "
            f"`vidbuild jobs resolve {self.key[:12]} --buy-again`",
        )

    @property
    def is_bought(self) -> bool:
        """Whether it was brought in before: how fetching it again ends is no end of a purchase."""
        return self.before.stage is Stage.STORED or self.promised is not None

    @property
    def is_ours(self) -> bool:
        """Whether something of it is at the vendor, or may be: nobody else is asked in its stead."""
        return self.is_bought or self.standing().stage in OPEN

    @property
    def is_seeded(self) -> bool:
        """Whether the vendor is told a seed: not every way to a model takes one."""
        return self.model.accepts.seed and self.wire.sends_seed

    @property
    def key(self) -> Digest:
        """The attempt's key."""
        return self.attempt.key

    @property
    def needed(self) -> frozenset[str]:
        """The outputs that only the vendor can make; when words are said can be heard here."""
        return frozenset(self.workspace.outputs) - {WORDS}

    @property
    def title(self) -> str:
        """The vendor's name."""
        return self.provider.title

    @property
    def today(self) -> str:
        """The date, in UTC."""
        return datetime.datetime.fromtimestamp(self.desk.now(), datetime.UTC).date().isoformat()

    def standing(self) -> Standing:
        """Say how far it has come, by the log."""
        return standing(self.desk.log.steps(self.key))

    def step(self, step: str, **facts: Any) -> None:
        """Write a step down; it is on disk when this returns."""
        self.desk.log.append(self.key, step, **{key: value for key, value in facts.items() if value is not None})

    def tell(
        self, state: str, progress: float | None = None, usd: Fraction | None = None, why: str | None = None
    ) -> None:
        """Tell whoever watches; a vendor's words come as they may be shown."""
        cost = None if usd is None else float(usd)
        self.told = state
        self.desk.sink(
            JobMoved(
                self.key,
                self.conduct.label,
                self.hire.model,
                state,
                progress,
                cost,
                " ".join(clean(why).split()) if why else None,
            )
        )

    def tell_end(self, error: VidbuildError) -> None:
        """Tell that the build goes on without it, where nothing was told yet of how it ended."""
        if self.told in ENDS:
            return
        if isinstance(error, (Refused, Unclear)):
            state = "refused" if isinstance(error, Refused) else "lost"
        else:
            is_over = self.told not in _SENT or isinstance(error, (AttemptFailed, VendorFailed))
            state = "failed" if is_over else "left"
        self.tell(state, why=error.sentence)

    def settle(self, usd: Fraction | None) -> None:
        """Say what it came to."""
        self.desk.purse.settle(self.key, usd)

    def forget(self, enclosed: Mapping[str, Any]) -> None:
        """Forget files that a job named, by id: the vendor may no longer have them."""
        for id, reference in enclosed.items():
            self.desk.uploads.forget(Digest(id), reference)

    def said(self, wrong: Wrong) -> str:
        """Give a vendor's words, fit to be shown and written down: in one line, lest they pass for ours."""
        said = f"{wrong.message} ({wrong.code})" if wrong.code else wrong.message
        return clean(" ".join(self.desk.masked(said).split()))

    def costs(self, answer: Accepted | Done) -> None:
        """Take note of a price that the vendor tells."""
        self.usd = answer.usd if answer.usd is not None else self.usd

    def signed(self, headers: Mapping[str, str]) -> Mapping[str, str]:
        """Add the vendor's auth to headers.

        Raises:
            VendorFailed: a key is missing, or it may not be used there.
        """
        return self.desk.sign(self.provider, headers, self.desk.now())

    async def ready(self) -> None:
        """See that the vendor's keys are there, and a token that holds where it wants one.

        Raises:
            VendorFailed: a key is missing, or no token is to be had.
        """
        await self.desk.ready(self.provider)
        self.signed({})

    def allow(self, url: str) -> None:
        """See that the vendor's keys may be sent to an address.

        Raises:
            ActionFailed: they may not; no other vendor is asked for the sake of it, for the job is out here.
        """
        try:
            self.desk.allow(self.provider, url)
        except VendorFailed as error:
            raise ActionFailed(error.sentence, error.facts, error.hint) from error

    async def exchange(self, request: Request, deadline_s: float = ASKED_S) -> Response:
        """Send one request.

        Raises:
            NoAnswer: none came.
        """
        if request.is_signed:
            self.allow(request.url)
            await self.desk.ready(self.provider)
        signed = self.signed if request.is_signed else None
        outcome = await self.desk.transport.exchange(request, signed, deadline_s)
        if isinstance(outcome, Response):
            return outcome
        raise NoAnswer(outcome)

    async def asked(self, handle: Mapping[str, str]) -> Done | Pending | Wrong | None:
        """Ask for its job once, over as many hops as that takes; `None` when nobody answered."""
        request = self.wire.poll(handle)
        for hop in range(MOST_HOPS):
            try:
                response = await self.exchange(request)
            except NoAnswer:
                return None
            answer = self.wire.polled(response, handle, is_further=hop > 0)
            if not isinstance(answer, Request):
                return answer
            request = answer
        return None


def usd_text(usd: Fraction | None) -> str | None:
    """Write an amount for the log, exactly."""
    return None if usd is None else str(usd)
