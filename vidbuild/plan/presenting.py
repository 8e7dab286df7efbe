"""Shots that a cast member presents: takes of an avatar, made from what is said in the shot.

Which take is shown, and where it is cut, `sources` knows.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from fractions import Fraction
from typing import Any

from vidbuild.catalog.model import Model
from vidbuild.plan import asks, hiring, pacing, said, wants
from vidbuild.plan.lines import Lines
from vidbuild.plan.routing import Routed
from vidbuild.plan.said import Range
from vidbuild.plan.timeline import Span
from vidbuild.plan.world import VIDEO, World, local_size
from vidbuild.spec.model import Avatar, Presented, Project, Shot
from vidbuild.words.action import Action, Conduct, Judging
from vidbuild.words.errors import Problem
from vidbuild.words.rationaltime import clock_text, seconds_text


class Presenters:
    """The avatars of a project.

    Args:
        spoken: how long each line is.
        tempos: how much faster than spoken it is heard.
    """

    def __init__(
        self,
        project: Project,
        world: World,
        routed: Routed,
        lines: Lines,
        spoken: Mapping[str, Range],
        tempos: Mapping[str, Fraction],
        draft: bool,
    ):
        self._project = project
        self._world = world
        self._routed = routed
        self._lines = lines
        self._spoken = spoken
        self._tempos = tempos
        self._draft = draft

    def length(self, shot: Shot, source: Presented) -> Fraction:
        """Say how long a shot's take is likely to be."""
        return self._range(shot, source)[1]

    def words(self, shot: Shot, source: Presented) -> Mapping[str, Any]:
        """Say what a shot's take is made from, for the question of what starts from it."""
        lines = said.own_lines(self._project, shot.id)
        spoken = [[asks.speech(line, self._draft), line.file or "", str(line.at)] for line in lines]
        model = self._models(shot)[0]
        return {"ask": self._ask(shot, source, 0), "model": model.tool, "said": spoken, "rest": str(source.rest_s)}

    def planned(
        self, shot: Shot, source: Presented, take: int, judging: Judging | None
    ) -> tuple[Action, Conduct, dict[str, str]]:
        """Plan a take: what makes it, how it is gone about, and what the author said of it."""
        models, ask = self._models(shot), self._ask(shot, source, take)
        least, likely, most = self._range(shot, source)
        lines = said.own_lines(self._project, shot.id)
        inputs = {"line": self._lines.said(shot.id, lines, self._tempos, source.rest_s)}
        wanted = replace(wants.presented(shot, source, ask["aspect"]), seconds=likely)
        told = ask | {"seconds": seconds_text(likely)}
        label = f"shot {shot.id}"
        conduct = hiring.conduct(models, wanted, told, self._world.missing, label, shot.reshoots, judging)
        if least != most:
            conduct = hiring.guessed(conduct, models, wanted, (least, likely, most), self._world.missing)
        pool = "cpu" if models[0].is_local else "vendors"
        action = Action("Footage", ask, inputs, VIDEO, models[0].tool, pool)
        words = {
            "presenter": source.member,
            "avatar": str(ask["avatar"]),
            "spoken": " ".join(line.text for line in lines),
            "seed": str(source.seed),
            "model": action.tool,
        }
        words |= {"options": str(ask["options"])} if "options" in ask else {}
        return action, self._with_own(conduct, source, models), words

    def problems(self, span: Span) -> list[Problem]:
        """Tell a shot that is longer than what is said in it."""
        shot, source = span.shot, span.shot.source
        if not isinstance(source, Presented) or pacing.is_filled(shot):
            return []
        most = self._range(shot, source)[2]
        if pacing.needed(span) <= most + 1 / span.rate:
            return []
        sentence = f"`{shot.id}` shows {clock_text(pacing.needed(span))}, and what is said in it is {clock_text(most)}"
        hint = "leave `duration_s` out (with `pad_s` for a rest behind it), or say what is seen then: `fill: freeze`"
        return [Problem(shot.marks.get("duration_s") or shot.marks.get(""), sentence, hint=hint)]

    def _range(self, shot: Shot, source: Presented) -> Range:
        return said.length(said.own_lines(self._project, shot.id), self._spoken, source.rest_s)

    def _models(self, shot: Shot) -> tuple[Model, ...]:
        return self._routed.models[wants.shot_name(shot.id)]

    def _ask(self, shot: Shot, source: Presented, take: int) -> dict[str, Any]:
        models = self._models(shot)
        local = None
        if models[0].is_local:
            local = asks.LocalFrame(self._project.fps, *local_size(self._project, self._world.catalog))
        avatar = self._avatars(source).get(models[0].name, source.avatars[0])
        aspect, language = self._project.aspect, self._project.language
        return asks.presented(avatar, source.seed, aspect, local, self._draft, take, language)

    def _avatars(self, source: Presented) -> dict[str, Avatar]:
        """Give the avatars by the name of the model that has each."""
        found: dict[str, Avatar] = {}
        for avatar in source.avatars:
            model = self._world.catalog.model(self._project.replaced.get(avatar.model, avatar.model))
            if model is not None:
                found.setdefault(model.name, avatar)
        return found

    def _with_own(self, conduct: Conduct, source: Presented, models: tuple[Model, ...]) -> Conduct:
        """Give each model behind the first its own avatar: an id is its vendor's."""
        avatars = self._avatars(source)
        first = avatars.get(models[0].name)
        hires = tuple(
            hire
            if (avatar := avatars.get(hire.model)) is None or avatar is first
            else replace(hire, own={"avatar": avatar.id, "options": dict(avatar.options)})
            for hire in conduct.hires
        )
        return replace(conduct, hires=hires)
