"""Footage joined with what is said in it, once both exist: `LipSync` actions over the takes that shots show.

A shot's frames and its own sound are those of the footage before it is joined. Which lines are joined, `said` knows.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from fractions import Fraction

from vidbuild.media import ffargs, framing
from vidbuild.media.windows import Window
from vidbuild.plan import asks, hiring, said, timeline, wants
from vidbuild.plan.graph import GraphBuilder
from vidbuild.plan.lines import Lines
from vidbuild.plan.routing import Routed
from vidbuild.plan.world import VIDEO, World
from vidbuild.spec.model import Filmed, Project, Shot
from vidbuild.words.action import Action, Conduct, Place, Ref
from vidbuild.words.digest import Digest
from vidbuild.words.rationaltime import rate_text, seconds_text

_PLATE = ffargs.Encoder(preset="veryfast", crf=14)
"""How own footage is encoded for whoever joins it."""


class LipSyncs:
    """The joined footage of a project, planned into a builder as it is asked for.

    Args:
        tempos: how much faster than spoken each line is heard.
    """

    def __init__(
        self,
        project: Project,
        world: World,
        routed: Routed,
        builder: GraphBuilder,
        lines: Lines,
        tempos: Mapping[str, Fraction],
        draft: bool,
    ):
        self._project = project
        self._world = world
        self._routed = routed
        self._builder = builder
        self._lines = lines
        self._tempos = tempos
        self._draft = draft
        self._joined = {shot.id: found for shot in project.shots if (found := said.joined(project, shot))}

    def joins(self, shot: Shot) -> bool:
        """Say whether lines are joined with lips in a shot."""
        return shot.id in self._joined

    def of(self, shot: Shot, footage: Ref | Digest, seconds: Fraction, role: str | None = None) -> Ref:
        """Plan a shot's footage joined with its lines.

        Args:
            footage: the take, or the file; `seconds` is its length.
            role: which of the shot's takes it is, where that isn't the film's.
        """
        if isinstance(shot.source, Filmed):
            footage, seconds = self._plate(shot, shot.source, footage, seconds)
        lines, lipsync = self._joined[shot.id], shot.lipsync
        assert lipsync is not None, "BUG: nothing joins this shot"
        models = self._routed.models[wants.lipsync_name(shot.id)]
        ask = asks.lipsync(lipsync, self._draft)
        inputs: dict[str, Ref | Digest] = {
            "clip": footage,
            "line": self._lines.said(shot.id, lines, self._tempos, whole_s=seconds),
        }
        wanted = replace(wants.lipsync(shot, lipsync), seconds=seconds)
        told = ask | {"seconds": seconds_text(seconds)}
        conduct = hiring.conduct(models, wanted, told, self._world.missing, f"shot {shot.id}", shot.reshoots)
        pool = "cpu" if models[0].is_local else "vendors"
        action = Action("LipSync", ask, inputs, VIDEO, models[0].tool, pool)
        words = {"lip-sync of": " ".join(line.text for line in lines), "model": action.tool}
        words |= {"options": str(dict(lipsync.options))} if "options" in ask else {}
        why = self._routed.told.get(wants.lipsync_name(shot.id), ())
        return Ref(self._builder.add(action, Place(shot.id, role=role), words, conduct, why), "video")

    def window(self, shot: Shot, window: Window) -> Window:
        """Give what a window of a shot's footage shows of it when it is joined: own footage begins at its in-point."""
        if not isinstance(shot.source, Filmed):
            return window
        start = timeline.snapped(shot.source.in_s, self._project.fps)
        pace = window.pace and replace(window.pace, origin=window.pace.origin - start)
        return replace(window, start=window.start - start, late=Fraction(0), seeks=True, decoder="", pace=pace)

    def _plate(self, shot: Shot, source: Filmed, file: Ref | Digest, seconds: Fraction) -> tuple[Ref, Fraction]:
        """Plan the part of own footage between its in-point and its out-point, as others get it.

        No trim moves it: what is joined is what the author cut out, and not what of that is shown.
        """
        rate, probe = self._project.fps, self._world.own[source.file].probe
        start = timeline.snapped(source.in_s, rate)
        end = seconds if source.out_s is None else min(seconds, source.out_s)
        frames = max(1, int((end - start) * rate))
        late, seeks = self._world.reading(source)
        window = Window(start, frames, rate, 1, late, seeks, decoder=self._world.decoder(source))
        frame = framing.Frame(probe.width // 2 * 2, probe.height // 2 * 2, matrix=probe.matrix, unlike=probe.unlike)
        step = framing.segment(framing.View("clip", window, frame), _PLATE)
        params = {"steps": [step], "frames": frames}
        action = Action("Plate", params, {"clip": file}, VIDEO, self._world.encoder(step))
        question = {"plate": [seconds_text(start), str(frames), rate_text(rate)]}
        conduct = Conduct(question=None if self._draft else question, label=f"shot {shot.id}", expected=frames / 50)
        words = {"file": source.file, "start in the source": seconds_text(start)}
        return Ref(self._builder.add(action, Place(shot.id), words, conduct), "video"), frames / rate
