"""The lock as a file: every change is merged into what stands there, and is on disk when the call returns.

Two processes don't meet here (the project's process lock sees to that), but git may change the file at any time: then
it is read again, and what this session told is told again. It knows no ask's meaning.
"""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Callable, Collection, Iterator, Mapping
from fractions import Fraction
from pathlib import Path
from typing import Any

from vidbuild.spec import files, reader
from vidbuild.stores import durable
from vidbuild.stores import lock_changes as change
from vidbuild.stores.action_cache import ActionCache
from vidbuild.stores.lock_text import Form, parsed
from vidbuild.stores.stamp import Stamp, stamp_of
from vidbuild.words.action import ActionResult, BoundAction
from vidbuild.words.digest import Digest
from vidbuild.words.errors import Drifted, SpecError, VidbuildError
from vidbuild.words.locked import ANEW, Asked, Bought, Lock, Pin


class LockFile:
    """A lock at a path; none there is an empty one.

    Raises:
        SpecError: where the file holds no lock, with every mistake.
        VidbuildError: where it can't be read.
    """

    def __init__(self, path: Path):
        self._path = path
        self._form = Form()
        self._guard = threading.RLock()
        self._told: list[Callable[[Lock], Lock]] = []
        self._is_behind = False
        self._together = 0
        self._is_held = False
        self._stamp: Stamp | None = None
        self._value = self._read()
        durable.sweep(path.parent)

    @property
    def value(self) -> Lock:
        """All that the lock says now."""
        return self._value

    def bought(
        self, label: str, ask: Digest, unsized: Digest, seconds: Fraction | None, take: int, attempt: Bought
    ) -> None:
        """Enter an attempt that was bought; its id grows by digits where another attempt has it."""
        asked = Asked(ask, unsized, seconds, None, (), take)
        self._change(lambda lock: change.with_bought(lock, label, asked, attempt))

    def circle(self, ask: Digest, attempt: str) -> None:
        """Circle an attempt of an ask that is in the lock, by the attempt's id or key; `ANEW` asks it anew."""
        known = self._value.asks.get(ask)
        if known is None or attempt not in {ANEW, *(name for one in known.attempts for name in (one.id, one.key))}:
            raise ValueError(f"BUG: the lock has no attempt {attempt!r} of the ask {ask!r}")
        self._change(lambda lock: change.with_circled(lock, ask, attempt))

    def pin(self, label: str, pin: Pin) -> None:
        """Pin a result that a paid key was bound from."""
        self._change(lambda lock: change.with_pin(lock, label, pin))

    def model(self, question: str, name: str) -> None:
        """Pin the model that routing chose for a question."""
        self._change(lambda lock: change.with_models(lock, {question: name}))

    def style(self, name: str, pinned: str) -> None:
        """Pin the version of a style that is named without one."""
        self._change(lambda lock: change.with_styles(lock, {name: pinned}))

    @property
    def is_there(self) -> bool:
        """Whether there is a file."""
        return self._stamp is not None

    def toolchain(self, values: Mapping[str, str]) -> None:
        """Say what the project is made with."""
        self._change(lambda lock: change.with_toolchain(lock, values))

    def files(self, digests: Mapping[str, Digest]) -> None:
        """Say which own files there are, all of them: others are listed no more."""
        listed = dict(digests)
        gone = frozenset(self._value.files) - frozenset(listed)
        self._change(lambda lock: change.with_files(change.without(lock, files=gone), listed))

    def forget(
        self,
        asks: Collection[Digest] = (),
        pins: Collection[Digest] = (),
        models: Collection[str] = (),
        styles: Collection[str] = (),
    ) -> None:
        """Forget asks by key, pins by question, models by question and styles by name; for files see `files`."""
        gone = frozenset((*asks, *pins))
        self._change(lambda lock: change.without(lock, gone, models, styles))

    @property
    def is_held(self) -> bool:
        """Whether nothing may change it."""
        return self._is_held

    def hold(self) -> None:
        """Let nothing change the lock from now on: what would is `Drifted`."""
        self._is_held = True

    @contextlib.contextmanager
    def together(self) -> Iterator[None]:
        """Write once, at the end, what is told inside; only for what may be lost by a kill."""
        with self._guard:
            self._together += 1
            try:
                yield
            finally:
                self._together -= 1
                if self._is_behind and not self._together:
                    self._write()

    def _change(self, told: Callable[[Lock], Lock]) -> None:
        with self._guard:
            self._told.append(told)
            fresh = told(self._value)
            if self._is_held and fresh is not self._value:
                raise Drifted(f"`{self._path.name}` would change, and it was to be kept to")
            self._is_behind = self._is_behind or fresh is not self._value
            self._value = fresh
            self._follow()
            if self._is_behind and not self._together:
                self._write()

    def _follow(self) -> None:
        """Read the file again if somebody changed it, and tell again what this session told."""
        if stamp_of(self._path) == self._stamp:
            return
        try:
            found = self._read()
        except VidbuildError as error:
            raise self._rescued("was changed while it was in use, and can't be read now", error.sentence) from error
        told = found
        for one in self._told:
            told = one(told)
        self._value, self._is_behind = told, told is not found

    def _read(self) -> Lock:
        stamp = stamp_of(self._path)
        try:
            data = files.taken(self._path, reader.MOST_BYTES)
        except FileNotFoundError:
            self._stamp = None
            return Lock()
        except OSError as error:
            raise VidbuildError(
                f"the lock `{self._path}` can't be read", {"because": error.strerror or str(error)}
            ) from error
        text, problems = reader.decode(data, self._path.name)
        if problems:
            raise SpecError(problems, {self._path.name: text})
        lock = parsed(text, self._path.name)
        self._stamp = stamp
        return lock

    def _write(self) -> None:
        text = self._form.written(self._value)
        try:
            durable.write_bytes(self._path, text.encode())
        except OSError as error:
            raise self._rescued("can't be written", error.strerror or str(error)) from error
        self._stamp, self._is_behind = stamp_of(self._path), False

    def _rescued(self, what: str, because: str) -> VidbuildError:
        """Put the lock beside itself, and say so."""
        spare = self._path.with_name(f"{self._path.name.removesuffix('.lock')}.errored.lock")
        facts = {"because": because}
        try:
            durable.write_bytes(spare, self._form.written(self._value).encode())
        except OSError as error:
            facts["nor can"] = f"{spare}: {error.strerror or error}"
            hint = "make room, or the folder writable, and build again: the store still has all that was bought"
        else:
            facts["kept in"] = str(spare)
            hint = f"mend the lock, or put `{spare.name}` in its place, and build again; nothing is bought twice"
        return VidbuildError(f"the lock `{self._path}` {what}", facts, hint)


class LockedCache:
    """An action cache that asks the lock first: an ask gives its circled attempt, an attempt what it made.

    An ask of which nothing is circled yet may have been answered elsewhere. One that is asked anew has no answer,
    though every store that it was ever built with remembers one.
    """

    def __init__(self, lock: LockFile, cache: ActionCache):
        self._lock = lock
        self._cache = cache

    def get(self, key: Digest) -> ActionResult | None:
        asked = self._lock.value.asks.get(key)
        if asked is not None and asked.answer is not None:
            facts = _facts(asked.answer)
            return ActionResult(asked.answer.outputs, {**facts, "attempt": {**facts, "key": asked.answer.key}})
        if asked is not None and asked.is_anew:
            return None
        bought = self._lock.value.bought.get(key)
        return ActionResult(bought.outputs, _facts(bought)) if bought is not None else self._cache.get(key)

    def put(self, action: BoundAction, result: ActionResult) -> None:
        self._cache.put(action, result)

    def action(self, key: Digest) -> Mapping[str, Any] | None:
        return self._cache.action(key)

    def pinned(self, question: Digest) -> ActionResult | None:
        """Give the result that is pinned for a question."""
        pin = self._lock.value.pins.get(question)
        return ActionResult(pin.outputs) if pin is not None else None

    def pin(self, label: str, question: Digest, result: ActionResult) -> None:
        """Pin a result for a question."""
        self._lock.pin(label, Pin(question, result.outputs))


def _facts(bought: Bought) -> dict[str, Any]:
    """Give the facts of a locked attempt, as they are told when it is bought; money as exact text."""
    usd = None if bought.usd is None else str(bought.usd)
    return {"model": bought.model, "seed": bought.seed, "job": bought.job, "usd": usd, "on": bought.on}
