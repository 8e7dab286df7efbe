"""Which model makes what: names, needs and lists to models of the catalog, or the reason why none can.

A question is asked in words; its answer is pinned in the lock. It knows which providers' keys are there as values;
it reaches no vendor.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from fractions import Fraction
from typing import Any

from vidbuild.catalog.model import Catalog, Lengths, Model
from vidbuild.plan import options, price, prompts
from vidbuild.words.errors import Mark, Problem
from vidbuild.words.locked import Lock
from vidbuild.words.names import did_you_mean
from vidbuild.words.rationaltime import clock_text

AUTO = "auto"
Missing = Mapping[str, tuple[str, ...]]
_BETWEEN = ", "
DRAFT = {
    "footage": "local/animatic", "picture": "local/still", "music": "local/bed", "speech": "local/voice",
    "effect": "local/foley", "avatar": "local/presenter", "lipsync": "local/lipsync",
}  # fmt: skip
_MADE_BY = {
    "footage": "a shot",
    "picture": "a still",
    "music": "music",
    "speech": "a line",
    "effect": "an effect",
    "judge": "a judgement",
    "avatar": "a presenter",
    "lipsync": "a lip-sync",
}


@dataclass(frozen=True)
class Wanted:
    """One generation, as far as it decides who may make it.

    Args:
        names: as written, in order; none or `auto` for any that fits.
        needs: what the model must be good at.
        uses: which of `init`, `end`, `references`, `sound` it makes use of.
        silent: whether sound is to be left out.
        seconds: the least that is enough; not part of the question.
        prompt: as it would be sent, for its length.
        fills: whether less than `seconds` will do.
        is_whole: whether just `seconds` will do: a take that ends on a given picture isn't cut.
    """

    kind: str
    names: tuple[str, ...]
    needs: tuple[str, ...] = ()
    max_usd_per_s: Fraction | None = None
    aspect: str | None = None
    uses: tuple[str, ...] = ()
    seconds: Fraction | None = None
    options: Mapping[str, Any] = field(default_factory=dict)
    prompt: str = ""
    negative: tuple[str, ...] = ()
    references: int = 0
    silent: bool = False
    fills: bool = False
    is_whole: bool = False

    @property
    def is_open(self) -> bool:
        """Whether any model that fits will do."""
        return not self.names or self.names == (AUTO,)

    @property
    def question(self) -> str:
        """What is asked, in words, as the lock pins it: not by price, seconds, prompt or shot."""
        named = ", ".join(self.names) or AUTO
        parts = [self.kind, named]
        parts += [f"needs {', '.join(sorted(self.needs))}"] if self.needs else []
        parts += [self.aspect] if self.aspect else []
        parts += [", ".join(self.uses)] if self.uses else []
        return " | ".join(parts)


@dataclass
class Routed:
    """Who makes what: models in the order they are tried, by the generation's name; pins; what went wrong."""

    models: dict[str, tuple[Model, ...]] = field(default_factory=dict)
    pins: dict[str, str] = field(default_factory=dict)
    told: dict[str, tuple[str, ...]] = field(default_factory=dict)
    problems: list[Problem] = field(default_factory=list)


class Router:
    """Answers questions of routing by the catalog, the lock's pins and the keys that are there."""

    def __init__(
        self,
        catalog: Catalog,
        lock: Lock,
        missing: Mapping[str, tuple[str, ...]],
        replaced: Mapping[str, str],
        draft: bool,
        pins: dict[str, str] | None = None,
    ):
        self._catalog = catalog
        self._lock = lock
        self._missing = missing
        self._replaced = replaced
        self._draft = draft
        self.routed = Routed(pins=pins if pins is not None else {})

    def route(self, name: str, wanted: Wanted, marks: Mapping[str, Mark]) -> None:
        """Route one generation under its name."""
        if self._draft:
            self.routed.models[name] = (self._catalog.models[DRAFT[wanted.kind]],)
            return
        wanted = replace(wanted, names=tuple(self._replaced.get(written, written) for written in wanted.names))
        mark = marks.get("model") or marks.get("voice") or marks.get("")
        found = self._open(name, wanted, mark) if wanted.is_open else self._named(name, wanted, mark)
        if isinstance(found, Problem):
            self.routed.problems.append(self._uncut(found, name, wanted, marks))
            return
        self.routed.problems += self._unknown_options(found, wanted, marks)
        self.routed.models[name] = found

    def _uncut(self, problem: Problem, name: str, wanted: Wanted, marks: Mapping[str, Mark]) -> Problem:
        """Show the way out where all that is wrong is that a take can't be cut."""
        anyhow = replace(wanted, is_whole=False)
        if not wanted.is_whole or isinstance(
            (self._open if wanted.is_open else self._named)(name, anyhow, None), Problem
        ):
            return problem
        hint = "change `duration_s`, or have the whole take retimed to it: `fit: speed`"
        return replace(problem, mark=marks.get("duration_s") or problem.mark, hint=hint)

    def finish(self) -> Routed:
        """Give all answers; what is wrong with a model that several name is told once."""
        self.routed.problems = _gathered(self.routed.problems)
        return self.routed

    def _named(self, name: str, wanted: Wanted, mark: Mark | None) -> tuple[Model, ...] | Problem:
        """Take the models that are named, in order; where a list or an alias leaves it open, a pinned one first.

        What an alias was pinned as stands, whatever the catalog has made of the alias since.
        """
        aliases = [written for written in wanted.names if written in self._catalog.aliases]
        is_open = bool(aliases) or len(wanted.names) > 1
        pinned = self._pinned(wanted) if is_open else []
        found = {written: self._one(wanted.kind, written, mark) for written in wanted.names}
        for written, problem in found.items():
            if isinstance(problem, Problem) and not (pinned and written in aliases):
                return problem
        models = [model for model in found.values() if isinstance(model, Model)]
        if aliases:
            models += [model for model in pinned if model.name not in {known.name for known in models}]
        objections = {model.name: self._objection(model, wanted) for model in models}
        fit = [model for model in models if objections[model.name] is None]
        if not fit:
            sentence = objections[models[0].name] or ""
            others = tuple(text for model in models[1:] if (text := objections[model.name]))
            return Problem(mark, sentence, others, "name another model; `vidbuild models` lists them")
        if not is_open:
            return tuple(fit)
        reached = [model for model in fit if not self._out_of_reach(model, wanted)]
        first = next((model for model in pinned if objections.get(model.name, "") is None), (reached or fit)[0])
        self._pin(wanted.question, first.name)
        self.routed.told[name] = self._named_reasons(first, models, wanted, objections, first in pinned)
        behind = [model for model in fit if model.name != first.name] if len(wanted.names) > 1 else []
        return (first, *behind)

    def _open(self, name: str, wanted: Wanted, mark: Mark | None) -> tuple[Model, ...] | Problem:
        """Choose among all models of a kind: a pinned one, else the cheapest that fits and can be reached."""
        known = [model for model in self._catalog.models.values() if model.kind == wanted.kind and model.routes]
        known = [model for model in known if not model.retired_on and not model.is_free]
        objections = {
            model.name: self._objection(model, wanted) or options.unasked(model, wanted.options) for model in known
        }
        fit = [model for model in known if objections[model.name] is None]
        reached = [model for model in fit if not self._out_of_reach(model, wanted)]
        pinned = [model for model in self._pinned(wanted) if model in known]
        chosen = next((model for model in pinned if objections[model.name] is None), None)
        chosen = chosen or next(
            (model for model in pinned if objections[model.name] == too_dear(model, wanted, self._missing)), None
        )
        is_pinned = chosen is not None
        if chosen is None and reached:
            chosen = min(reached, key=lambda model: self._rank(model, wanted))
        if chosen is None:
            return self._none(wanted, fit, objections, mark)
        self._pin(wanted.question, chosen.name)
        self.routed.told[name] = self._reasons(chosen, wanted, fit, objections, is_pinned)
        return (chosen,)

    def _pinned(self, wanted: Wanted) -> list[Model]:
        """Give the models that a question was answered with before, the first answer first.

        Where the first can't do a job that asks alike (it is too long, say), another is pinned behind it: each job
        goes to the first of them that accepts it, so no job moves to another model because of a new one.
        """
        names = self._pins(wanted.question)
        known = [model for written in names if (model := self._catalog.models.get(written)) is not None]
        return [model for model in known if model.kind == wanted.kind and not model.retired_on]

    def _pin(self, question: str, name: str) -> None:
        names = self._pins(question)
        self.routed.pins[question] = _BETWEEN.join(names if name in names else (*names, name))

    def _pins(self, question: str) -> tuple[str, ...]:
        written = self.routed.pins.get(question) or self._lock.models.get(question)
        return tuple(written.split(_BETWEEN)) if written else ()

    def _rank(self, model: Model, wanted: Wanted) -> tuple[bool, bool, bool, Fraction, str]:
        """Order models: those that take the cast's pictures first and make enough, then the cheapest, then by name."""
        usd = _usd_per_s(model, wanted, self._missing)
        takes = not wanted.references or model.accepts.references > 0
        is_short = wanted.seconds is not None and model.lengths.enough(wanted.seconds) is None
        return (not takes, is_short, usd is None, usd or Fraction(0), model.name)

    def _one(self, kind: str, name: str, mark: Mark | None) -> Model | Problem:
        model = self._catalog.model(name)
        if model is None:
            known = [*self._catalog.models, *self._catalog.aliases]
            hint = did_you_mean(name, known) or "`vidbuild models` lists them"
            return Problem(mark, f"no model is called `{name}`", hint=hint)
        if model.kind != kind:
            sentence = f"`{name}` makes {model.kind}, not {kind}"
            return Problem(mark, sentence, hint="`vidbuild models` lists models by kind")
        is_left = any(self._missing.get(provider) == () for provider in model.still_at)
        if model.retired_on and model.replaced_by and not is_left:
            return Problem(
                mark,
                f"the model `{name}` was retired on {model.retired_on}; `{model.replaced_by}` replaced it",
                hint=f"write `{model.replaced_by}`, or map it with `models: {{{name}: {model.replaced_by}}}`",
            )
        if model.unreachable:
            others = ", ".join(f"`{other}`" for other in model.instead)
            first = f"or map it with `models: {{{name}: {model.instead[0]}}}`"
            return Problem(mark, f"`{name}` can't be asked for: {model.unreachable}", hint=f"use {others}; {first}")
        if not model.is_local and not model.routes:
            hint = "name another model, or build with `--draft`: everything is then made here, free"
            return Problem(mark, f"this version knows no way to reach the model `{name}`", hint=hint)
        return model

    def _objection(self, model: Model, wanted: Wanted) -> str | None:
        """Say why a model can't make what is wanted, or `None` when it can."""
        if model.is_local:
            return None
        takes = model.accepts
        lacking = [need for need in wanted.needs if need not in model.strengths]
        if lacking:
            return f"`{model.name}` is not known to be good at {', '.join(lacking)}"
        for slot, taken, word in (("init", takes.init, "first"), ("end", takes.end, "last")):
            if slot in wanted.uses and taken == "no":
                return f"`{model.name}` takes no {word} picture"
            by_cast = slot == "init" and takes.form == "first frame" and wanted.references
            if slot not in wanted.uses and taken == "must" and not by_cast:
                return f"`{model.name}` makes footage from a {word} picture alone, and there is none"
        if wanted.aspect and model.aspects and model.aspect(wanted.aspect) is None and "init" not in wanted.uses:
            return f"`{model.name}` makes {', '.join(model.aspects)}, not {wanted.aspect}"
        return _unmade(model, wanted) or self._too_long(model, wanted) or too_dear(model, wanted, self._missing)

    def _too_long(self, model: Model, wanted: Wanted) -> str | None:
        told = prompts.sent(model, wanted.prompt, wanted.negative, wanted.references)
        counted = prompts.over(model, told.prompt)
        if counted is None:
            return None
        return f"the prompt is {counted} characters long as `{model.name}` gets it, which takes {model.prompt_limit}"

    def _out_of_reach(self, model: Model, wanted: Wanted) -> tuple[str, ...]:
        """Name what is missing to reach a model: nothing where one of its routes is open."""
        route = model.way(wanted.uses, self._missing)
        return self._missing.get(route.provider, ()) if route is not None else ()

    def _none(
        self, wanted: Wanted, fit: Sequence[Model], objections: Mapping[str, str | None], mark: Mark | None
    ) -> Problem:
        made = _MADE_BY[wanted.kind]
        if fit:
            ways = [f"{model.name}: set {' and '.join(self._out_of_reach(model, wanted))}" for model in fit[:4]]
            hint = "set one of these keys in the environment, name a model, or build with `--draft`: that is free"
            return Problem(mark, f"no model that could make {made} can be reached", tuple(ways), hint)
        told = tuple(text for text in objections.values() if text)[:6]
        return Problem(mark, f"no model fits {made} here", told, "ask for less, or name a model")

    def _named_reasons(
        self,
        first: Model,
        models: Sequence[Model],
        wanted: Wanted,
        objections: Mapping[str, str | None],
        is_pinned: bool,
    ) -> tuple[str, ...]:
        """Explain who comes first of those that are named, where that isn't the first name."""
        told = [f"{first.name} is pinned in the lock"] if is_pinned and first is not models[0] else []
        for model in models[: models.index(first)] if first in models else ():
            if lacks := self._out_of_reach(model, wanted):
                told.append(f"{model.name} passed over: {' and '.join(lacks)} not set")
            elif text := objections.get(model.name):
                told.append(f"passed over: {text}")
        return tuple(told[:6])

    def _reasons(
        self,
        chosen: Model,
        wanted: Wanted,
        fit: Sequence[Model],
        objections: Mapping[str, str | None],
        is_pinned: bool,
    ) -> tuple[str, ...]:
        """Explain a choice for people."""
        usd = _usd_per_s(chosen, wanted, self._missing)
        cost = "its price is unknown" if usd is None else f"${float(usd):.3f} a second"
        is_locked = chosen.name in self._lock.models.get(wanted.question, "").split(_BETWEEN)
        how = f"the first of {len(fit)} that fit, by price"
        if is_pinned:
            how = "pinned in the lock" if is_locked else "as for what asks alike"
        told = [f"routed to {chosen.name}: {how}; {cost}"]
        for model in fit:
            if model is not chosen and (lacks := self._out_of_reach(model, wanted)):
                told.append(f"{model.name} passed over: {' and '.join(lacks)} not set")
        told += [f"passed over: {text}" for text in objections.values() if text]
        return tuple(told[:6])

    def _unknown_options(self, models: Iterable[Model], wanted: Wanted, marks: Mapping[str, Mark]) -> Iterable[Problem]:
        """Tell options that none of the models knows, and values that none takes."""
        mark = marks.get("options") or marks.get("model") or marks.get("")
        models = tuple(models)
        for name, value in wanted.options.items():
            knowing = [model for model in models if name in model.options]
            if not knowing:
                near = did_you_mean(name, [option for model in models for option in model.options])
                who = " and ".join(f"`{model.name}`" for model in models)
                yield Problem(mark, f"{who} {'takes' if len(models) == 1 else 'take'} no option `{name}`", hint=near)
            elif not any(options.takes(model.options[name], value) for model in knowing):
                sentence = f"the option `{name}` of `{knowing[0].name}` can't be {value!r}"
                yield Problem(mark, sentence, (options.words(knowing[0].options[name]),))


def _unmade(model: Model, wanted: Wanted) -> str | None:
    """Say why a model doesn't make the length that is wanted, or `None` where it does."""
    if wanted.seconds is None:
        return None
    made = model.lengths.enough(wanted.seconds)
    if made is None and not wanted.fills:
        longest = model.lengths.longest or Fraction(0)
        return f"`{model.name}` makes at most {clock_text(longest)}, and {clock_text(wanted.seconds)} are needed"
    if made is not None and made != wanted.seconds and wanted.is_whole:
        asked = clock_text(wanted.seconds)
        return f"`{model.name}` makes {_lengths_words(model.lengths)}, and `end_image` needs just {asked}"
    return None


def _lengths_words(lengths: Lengths) -> str:
    if lengths.choices:
        return " or ".join(clock_text(length) for length in lengths.choices)
    least, most = clock_text(lengths.least or Fraction(0)), clock_text(lengths.most or Fraction(0))
    return f"{least} to {most} in steps of {clock_text(lengths.step)}"


def too_dear(model: Model, wanted: Wanted, missing: Missing) -> str | None:
    """Say that a model costs more than the author will pay for a second, or `None` where it doesn't.

    It keeps a model from being chosen, and from being bought from; what was bought from it stands.
    """
    if wanted.max_usd_per_s is None:
        return None
    usd = _usd_per_s(model, wanted, missing)
    if usd is not None and usd <= wanted.max_usd_per_s:
        return None
    told = "an unknown price" if usd is None else f"${float(usd):.3f} a second"
    return f"`{model.name}` costs {told}, and `max_usd_per_s` is {float(wanted.max_usd_per_s):g}"


def _usd_per_s(model: Model, wanted: Wanted, missing: Missing) -> Fraction | None:
    seconds = wanted.seconds or Fraction(1)
    sold = model.lengths.enough(seconds) or seconds
    usd = price.price_of(model, price_facts(model, wanted, sold), model.way(wanted.uses, missing))
    return None if usd is None else usd / sold


def price_facts(model: Model, wanted: Wanted, seconds: Fraction | None) -> Mapping[str, Any]:
    """Give what the price of one attempt depends on; `seconds` is the length that is bought."""
    sound = model.accepts.sound
    return {
        "options": wanted.options,
        "seconds": seconds,
        "characters": len(wanted.prompt),
        "init": "init" in wanted.uses,
        "sound": sound == "always" or (sound == "asked" and not wanted.silent),
    }


def _gathered(problems: list[Problem]) -> list[Problem]:
    """Tell once what is wrong with a model that several shots name, at the first of their places."""
    first: dict[tuple[str, str | None], Problem] = {}
    others: dict[tuple[str, str | None], list[str]] = {}
    for problem in problems:
        key = (problem.sentence, problem.hint)
        if key not in first:
            first[key] = problem
        elif problem.mark is not None and problem.mark != first[key].mark:
            others.setdefault(key, []).append(f"{problem.mark.line}:{problem.mark.column}")
    return [replace(problem, facts=(*problem.facts, *_places(others.get(key, [])))) for key, problem in first.items()]


def _places(places: list[str]) -> list[str]:
    if not places:
        return []
    more = f" and {len(places) - 8} more" if len(places) > 8 else ""
    return [f"also at {', '.join(places[:8])}{more}"]
