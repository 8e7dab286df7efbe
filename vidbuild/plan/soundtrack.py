"""The sound of a cut: its shots' own sound, its music, and the one mix of them."""

from __future__ import annotations

from vidbuild.catalog.model import Model
from vidbuild.media import sound
from vidbuild.plan import asks, timeline
from vidbuild.plan.graph import GraphBuilder
from vidbuild.plan.timeline import Cut, Span
from vidbuild.plan.world import WAVE, World
from vidbuild.spec.model import Filmed, Music, Project
from vidbuild.words.action import Action, Conduct, Place, Ref
from vidbuild.words.digest import Digest
from vidbuild.words.rationaltime import clock_text, seconds_text


class Soundtrack:
    """The sound of a project's cuts, planned into a builder."""

    def __init__(self, project: Project, world: World, model: Model | None, builder: GraphBuilder, draft: bool):
        self._draft = draft
        self._project = project
        self._world = world
        self._model = model
        self._builder = builder

    def mix(self, whole: Cut, output: str, kbps: int, with_music: bool) -> Ref:
        """Plan the mix of a cut for an output; without music for a shot by itself."""
        samples = sound.samples_in(whole.seconds)
        inputs: dict[str, Ref | Digest] = {}
        laid = []
        for index, span in enumerate(whole.spans):
            own = self._own_sound(span)
            if own is not None:
                slot = f"s{index:05d}"
                inputs[slot] = own
                at = sound.samples_in(span.start_seconds)
                until = sound.samples_in(span.start_seconds + span.seconds)
                laid.append(sound.Laid(slot, at, until - at, span.shot.gain_db))
        music = self._project.music if with_music else None
        bed = None
        words = {"sounding shots in order": ", ".join(whole.spans[int(slot[1:])].shot.id for slot in inputs)}
        if music is not None:
            inputs["music"], loops = self._music(music, whole)
            bed = sound.Bed("music", loops, music.in_s, music.gain_db, music.fade_in_s, music.fade_out_s)
            words["music"] = _music_words(music)
        words["length of the cut"] = clock_text(whole.seconds)
        params = {"steps": sound.mix(samples, laid, bed, kbps)}
        action = Action("Mix", params, inputs, {"sound": "audio/mp4"}, self._world.ffmpeg)
        conduct = Conduct(expected=float(whole.seconds) * 0.05)
        return Ref(self._builder.add(action, Place(output=output), words, conduct), "sound")

    def _own_sound(self, span: Span) -> Ref | None:
        """Plan a shot's own sound, where it has one that is kept."""
        source = span.shot.source
        if not isinstance(source, Filmed) or source.is_still or span.shot.sound == "drop":
            return None
        own = self._world.own[source.file]
        if not own.probe.has_sound:
            return None
        start = own.probe.start + timeline.snapped(source.in_s, self._project.fps)
        params = {"steps": sound.own("clip", start, span.seconds)}
        action = Action("Sound", params, {"clip": own.digest}, WAVE, self._world.ffmpeg)
        words = {"file": source.file, "length": clock_text(span.seconds)}
        words["start in the source"] = clock_text(source.in_s)
        return Ref(self._builder.add(action, Place(span.shot.id), words, Conduct(expected=0.2)), "sound")

    def _music(self, music: Music, whole: Cut) -> tuple[Ref | Digest, bool]:
        """Give the bed's source, and whether it must be looped to cover the cut."""
        needed = music.in_s + whole.seconds
        if music.file is not None:
            own = self._world.own[music.file]
            return own.digest, own.probe.seconds < needed
        assert self._model is not None
        ask = asks.music(music, needed, self._draft)
        words = {"prompt": music.prompt, "seed": str(music.seed), "model": self._model.tool}
        action = Action("Music", ask, {}, WAVE, self._model.tool)
        id = self._builder.add(action, Place(role="music"), words, Conduct(expected=0.5))
        return Ref(id, "sound"), False


def _music_words(music: Music) -> str:
    parts = [music.file or music.prompt]
    for label, value in (
        ("from", music.in_s),
        ("gain", music.gain_db),
        ("fade in", music.fade_in_s),
        ("fade out", music.fade_out_s),
    ):
        if value:
            parts.append(f"{label} {seconds_text(value)}")
    return ", ".join(parts)
