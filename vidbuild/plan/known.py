"""What the lock says of results that are not planned yet: by it paid asks are bound before anything runs.

Pure: it follows the same rules as the engine does when it binds.
"""

from __future__ import annotations

from vidbuild.words.action import Action, BoundAction, Conduct, Ref, bind
from vidbuild.words.digest import Digest
from vidbuild.words.locked import Lock, question_of


class Known:
    """Digests of outputs that the lock tells, gathered as actions are planned."""

    def __init__(self, lock: Lock):
        self._lock = lock
        self._digests: dict[Ref, Digest] = {}
        self._identities: dict[Ref, Digest] = {}

    def bound(self, action: Action) -> BoundAction | None:
        """Bind an action, where the digests of all its inputs are known."""
        made = {ref: self._digests[ref] for ref in action.refs if ref in self._digests}
        return bind(action, made) if len(made) == len(set(action.refs)) else None

    def note(self, action: Action, conduct: Conduct) -> None:
        """Hear of a planned action, and find what the lock knows of its outputs."""
        bound = self.bound(action)
        if conduct.is_paid:
            asked = self._lock.asks.get(bound.key) if bound else None
            outputs = asked.answer.outputs if asked and asked.answer else {}
            for name in set(action.outputs) & set(outputs):
                ref = Ref(action.id, name)
                self._digests[ref] = self._identities[ref] = outputs[name].digest
        elif conduct.question is not None:
            self._pinned(action, conduct)
        elif bound is not None:
            self._identities.update({Ref(action.id, name): bound.key for name in action.outputs})

    def _pinned(self, action: Action, conduct: Conduct) -> None:
        inputs = {}
        for name, source in action.inputs.items():
            identity = self._identities.get(source) if isinstance(source, Ref) else source
            if identity is None:
                return
            inputs[name] = identity
        question = question_of(action.mnemonic, conduct.question or {}, inputs)
        pin = self._lock.pins.get(question)
        is_whole = pin is not None and set(action.outputs) <= set(pin.outputs)
        for name in action.outputs:
            ref = Ref(action.id, name)
            self._identities[ref] = question
            if pin is not None and is_whole:
                self._digests[ref] = pin.outputs[name].digest
