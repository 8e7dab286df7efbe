"""The sound of a cut: its shots' own sound, spoken lines, effects and music, and the one mix of them."""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction
from typing import Any

from vidbuild.media import sound
from vidbuild.plan import asks, attempts, hiring, timeline, wants
from vidbuild.plan.graph import GraphBuilder
from vidbuild.plan.routing import Routed, Wanted
from vidbuild.plan.sources import Sources, taken_words
from vidbuild.plan.timeline import Cut, Span
from vidbuild.plan.world import BOUGHT_SOUND, SPEECH, WAVE, World
from vidbuild.spec.model import Filmed, Line, Music, Project, Prompted
from vidbuild.words.action import Action, Conduct, Place, Ref
from vidbuild.words.digest import Digest
from vidbuild.words.rationaltime import clock_text, seconds_text


class Soundtrack:
    """The sound of a project's cuts, planned into a builder."""

    def __init__(
        self,
        project: Project,
        world: World,
        routed: Routed,
        sources: Sources,
        builder: GraphBuilder,
        draft: bool,
    ):
        self._draft = draft
        self._project = project
        self._world = world
        self._routed = routed
        self._sources = sources
        self._builder = builder

    def mix(self, whole: Cut, output: str, kbps: int, is_film: bool) -> Ref:
        """Plan the mix of a cut for an output; a shot by itself has no music, and what is anchored to it alone."""
        inputs: dict[str, Ref | Digest] = {}
        laid: list[sound.Laid] = []
        for index, span in enumerate(whole.spans):
            own = self._own_sound(span)
            if own is not None:
                slot = f"s{index:05d}"
                inputs[slot] = own
                at = sound.samples_in(span.start_seconds)
                until = sound.samples_in(span.start_seconds + span.seconds)
                laid.append(sound.Laid(slot, at, until - at, span.shot.gain_db))
        words = {"sounding shots in order": ", ".join(whole.spans[int(slot[1:])].shot.id for slot in inputs)}
        self._lay_lines(whole, is_film, inputs, laid, words)
        self._lay_effects(whole, is_film, inputs, laid, words)
        music, bed = self._project.music if is_film else None, None
        if music is not None:
            inputs["music"], loops = self._music(music, whole)
            bed = sound.Bed("music", loops, music.in_s, music.gain_db, music.fade_in_s, music.fade_out_s)
            words["music"] = _cue_words(music)
        words["length of the cut"] = clock_text(whole.seconds)
        params = {"steps": sound.mix(sound.samples_in(whole.seconds), laid, bed, kbps)}
        action = Action("Mix", params, inputs, {"sound": "audio/mp4"}, self._world.ffmpeg)
        conduct = Conduct(expected=float(whole.seconds) * 0.05)
        return Ref(self._builder.add(action, Place(output=output), words, conduct), "sound")

    def _own_sound(self, span: Span) -> Ref | None:
        """Plan a shot's own sound, where it has one that is kept."""
        source = span.shot.source
        if span.shot.sound == "drop":
            return None
        start, words = Fraction(0), {"length": clock_text(span.seconds), **taken_words(span.shot)}
        if isinstance(source, Prompted):
            model = self._sources.maker(span.shot)
            takes = model.accepts.sound if model else "never"
            if takes != "asked" and not (takes == "always" and span.shot.sound == "keep"):
                return None
            clip = self._sources.of(span.shot)
        elif isinstance(source, Filmed) and not source.is_still and self._world.own[source.file].probe.has_sound:
            own = self._world.own[source.file]
            start, clip = own.probe.start + timeline.snapped(source.in_s, self._project.fps), own.digest
            words |= {"file": source.file, "start in the source": clock_text(source.in_s)}
        else:
            return None
        params = {"steps": sound.own("clip", start, span.seconds)}
        action = Action("Sound", params, {"clip": clip}, WAVE, self._world.ffmpeg)
        return Ref(self._builder.add(action, Place(span.shot.id), words, Conduct(expected=0.2)), "sound")

    def _lay_lines(
        self, whole: Cut, is_film: bool, inputs: dict[str, Ref | Digest], laid: list[sound.Laid], words: dict[str, str]
    ) -> None:
        """Lay every spoken line at its anchor; a draft speaks none."""
        for index, line in enumerate(() if self._draft else self._project.lines):
            at = _anchored(whole, is_film, line.shot, line.at)
            if at is None:
                continue
            slot = f"l{index:05d}"
            inputs[slot] = self._heard(self._spoken(line), sound.Heard(), Place(line.shot, role=f"say {line.id}"))
            laid.append(_laid(slot, at, whole, line.gain_db))
            words[f"say {line.id}"] = f"at {clock_text(at)}, gain {seconds_text(line.gain_db)}"

    def _lay_effects(
        self, whole: Cut, is_film: bool, inputs: dict[str, Ref | Digest], laid: list[sound.Laid], words: dict[str, str]
    ) -> None:
        for index, cue in enumerate(self._project.effects):
            at = _anchored(whole, is_film, cue.shot, cue.at)
            if at is None or (cue.file is None and self._draft):
                continue
            slot = f"e{index:05d}"
            source = self._world.own[cue.file].digest if cue.file is not None else self._effect(cue)
            heard = sound.Heard(cue.in_s, cue.duration_s, cue.fade_in_s, cue.fade_out_s)
            inputs[slot] = self._heard(source, heard, Place(cue.shot, role=wants.cue_name(cue)))
            laid.append(_laid(slot, at, whole, cue.gain_db))
            words[cue.label] = f"{_cue_words(cue)}, at {clock_text(at)}"

    def _heard(self, source: Ref | Digest, heard: sound.Heard, place: Place) -> Ref:
        """Plan PCM of a line or an effect, as long as it is."""
        action = Action("Sound", {"steps": sound.heard("clip", heard)}, {"clip": source}, WAVE, self._world.ffmpeg)
        return Ref(self._builder.add(action, place, {}, Conduct(expected=0.2)), "sound")

    def _spoken(self, line: Line) -> Ref:
        ask = asks.speech(line)
        name = wants.line_name(line)
        wanted = wants.speech(line)
        words = {"spoken": line.text, "voice": line.voice.id, "seed": str(line.seed)}
        return self._generated("Speech", name, wanted, ask, SPEECH, Place(line.shot, role=name), words, name)

    def _effect(self, cue: Music) -> Ref:
        name = wants.cue_name(cue)
        ask = asks.cue("effect", cue, cue.duration_s, self._draft)
        words = {"prompt": cue.prompt, "seed": str(cue.seed)}
        label = f"shot {cue.shot}" if cue.shot else "audio"
        place = Place(cue.shot, role=name)
        return self._generated("Effect", name, wants.sound("effect", cue), ask, BOUGHT_SOUND, place, words, label)

    def _generated(
        self,
        mnemonic: str,
        name: str,
        wanted: Wanted,
        ask: Mapping[str, Any],
        outputs: Mapping[str, str],
        place: Place,
        words: dict[str, str],
        label: str,
    ) -> Ref:
        models = self._routed.models[name]
        is_local = models[0].is_local
        conduct = hiring.conduct(models, wanted, ask, self._world.missing, label, 1)
        made = WAVE if is_local else outputs
        action = Action(mnemonic, ask, {}, made, models[0].tool, "cpu" if is_local else "vendors")
        words["model"] = action.tool
        return Ref(self._builder.add(action, place, words, conduct, self._routed.told.get(name, ())), "sound")

    def _music(self, music: Music, whole: Cut) -> tuple[Ref | Digest, bool]:
        """Give the bed's source, and whether it must be looped to cover the cut."""
        needed = music.in_s + whole.seconds
        if music.file is not None:
            own = self._world.own[music.file]
            return own.digest, own.probe.seconds < needed
        name = wants.cue_name(music)
        seconds = self._bed_seconds(name, music, needed)
        ask = asks.cue("music", music, seconds, self._draft)
        words = {"prompt": music.prompt, "seed": str(music.seed)}
        wanted = wants.sound("music", music)
        made = self._generated("Music", name, wanted, ask, BOUGHT_SOUND, Place(role="music"), words, "audio")
        return made, seconds < needed

    def _bed_seconds(self, name: str, music: Music, needed: Fraction) -> Fraction:
        """Choose the length of a bed: that of a locked one that covers the cut, else the next step of 30 s."""
        model = self._routed.models[name][0]
        stepped = asks.stepped(needed, asks.BED_STEP_S)
        if model.is_local:
            return stepped
        ask = asks.cue("music", music, Fraction(0), self._draft)
        bound = self._builder.known.bound(Action("Music", ask, {}, BOUGHT_SOUND, model.tool))
        locked = self._world.lock.unsized.get(attempts.unsized(bound), ()) if bound else ()
        covering = [asked.seconds for asked in locked if asked.seconds is not None and asked.seconds >= needed]
        if covering:
            return covering[0]
        longest = model.lengths.longest
        return model.lengths.enough(stepped) or longest or stepped


def _anchored(whole: Cut, is_film: bool, shot: str | None, at: Fraction) -> Fraction | None:
    """Say where in a cut something sounds, or `None` where it does not."""
    if shot is None:
        start = Fraction(0) if is_film else None
    else:
        start = next((span.start_seconds for span in whole.spans if span.shot.id == shot), None)
    return None if start is None or start + at >= whole.seconds else start + at


def _laid(slot: str, at: Fraction, whole: Cut, gain_db: Fraction) -> sound.Laid:
    first = sound.samples_in(at)
    return sound.Laid(slot, first, sound.samples_in(whole.seconds) - first, gain_db)


def _cue_words(cue: Music) -> str:
    parts = [cue.file or cue.prompt]
    for label, value in (
        ("from", cue.in_s),
        ("gain", cue.gain_db),
        ("fade in", cue.fade_in_s),
        ("fade out", cue.fade_out_s),
    ):
        if value:
            parts.append(f"{label} {seconds_text(value)}")
    return ", ".join(parts)
