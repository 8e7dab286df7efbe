"""The sound of a cut: its shots' own sound, spoken lines, effects and music, and the one mix of them."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from fractions import Fraction
from typing import Any

from vidbuild.media import codecs, sound, tempo
from vidbuild.plan import asks, attempts, hiring, timeline, wants
from vidbuild.plan.captions import Spoken
from vidbuild.plan.fading import Fading
from vidbuild.plan.graph import GraphBuilder
from vidbuild.plan.lines import Lines
from vidbuild.plan.native import Shown
from vidbuild.plan.pictures import taken_words
from vidbuild.plan.routing import Routed, Wanted
from vidbuild.plan.speaking import Settled
from vidbuild.plan.timeline import Cut, Span
from vidbuild.plan.world import BOUGHT_SOUND, WAVE, World
from vidbuild.spec.model import Filmed, Music, Project, Prompted, When
from vidbuild.words.action import Action, Conduct, Place, Ref, bind
from vidbuild.words.digest import Digest
from vidbuild.words.rationaltime import SAMPLE_RATE, clock_text, seconds_text

STEMS = {"s": "own", "l": "voice", "e": "effects", "m": "music"}
"""The stem of what is laid in a slot, by the slot's first letter."""

Beds = Sequence[tuple[Music, Fraction]]
"""What of cues decides their sound, and how long it is heard in one of the cuts that share it."""


class Soundtrack:
    """The sound of a project's cuts, planned into a builder.

    Args:
        cut: the output that shows a cut of its own; `None` for the film.
    """

    def __init__(
        self,
        project: Project,
        world: World,
        routed: Routed,
        sources: Shown,
        builder: GraphBuilder,
        draft: bool,
        settled: Settled,
        fades: Fading,
        beds: Beds = (),
        cut: str | None = None,
    ):
        self._cut = cut
        self._fades = fades
        self._beds = beds
        self._settled = settled
        self._draft = draft
        self._project = project
        self._world = world
        self._routed = routed
        self._sources = sources
        self._builder = builder
        self._lines = Lines(world, routed, builder, draft)

    def mix(self, whole: Cut, output: str, loudness: sound.Loudness, is_film: bool) -> Ref:
        """Plan the mix of a cut for an output; a shot by itself has no music, and what is anchored to it alone.

        Outputs of one cut share it where they are to be equally loud. What an output alone wants is in the last step;
        so another target, gain or place makes the whole mix again, which costs a second or two a minute, and no sum
        of stems (23 MB a minute) is ever kept.
        """
        stems = self._stems(whole, is_film)
        fades = self._fades.film() if is_film else ()
        faded = {f"fade {fade.way}": clock_text(Fraction(fade.samples, SAMPLE_RATE)) for fade in fades}
        told = {"length of the cut": clock_text(whole.seconds), "loudness": _loudness_words(loudness)}
        words = {**stems.words, **told, **faded}
        params = {"steps": sound.mix(sound.samples_in(whole.seconds), stems.laid, loudness, fades)}
        made = {"sound": codecs.SOUND_TYPES[loudness.codec]}
        action = Action("Mix", params, stems.inputs, made, self._world.reckoner)
        conduct = Conduct(expected=float(whole.seconds) * 0.05)
        place = Place(output=output, role=loudness.codec if loudness.codec != "aac" else None)
        return Ref(self._builder.add(action, place, words, conduct), "sound")

    def stems(self, whole: Cut, output: str) -> dict[str, Ref]:
        """Plan each stem of a film by itself, by its name: together they are the mix before it is levelled."""
        stems = self._stems(whole, True)
        names = {slot: STEMS[slot[0]] for slot in stems.inputs}
        if not names:
            return {}
        steps = sound.stems(sound.samples_in(whole.seconds), stems.laid, self._fades.film(), names)
        made = dict.fromkeys(dict.fromkeys(names.values()), codecs.TYPES["wav"])
        action = Action("Mix", {"steps": steps}, stems.inputs, made, self._world.reckoner)
        words = stems.words | {"length of the cut": clock_text(whole.seconds)}
        conduct = Conduct(expected=float(whole.seconds) * 0.05)
        id = self._builder.add(action, Place(output=output, role="stems"), words, conduct)
        return {name: Ref(id, name) for name in made}

    def _stems(self, whole: Cut, is_film: bool) -> _Stems:
        """Lay all that sounds in a cut."""
        stems = _Stems()
        self._lay_own(whole, stems)
        self._lay_lines(whole, is_film, stems)
        self._lay_effects(whole, is_film, stems)
        if is_film:
            self._lay_music(whole, stems)
        return stems

    def captioned(self, whole: Cut) -> list[Spoken]:
        """Give every line of the film: when it begins and has to be over, and who makes its words."""
        found = []
        ends = {span.shot.id: span.end / span.rate for span in whole.spans}
        for line in self._project.lines:
            at = _anchored(whole, True, line.shot, line.at)
            if at is not None:
                tempo = self._settled.tempos.get(line.id, Fraction(1))
                until = ends.get(line.until, whole.seconds) if line.until is not None else whole.seconds
                until = until if line.end is None else min(until, at + _plain(line.end) - _plain(line.at))
                length = self._settled.known.get(line.id)
                found.append(Spoken(line, at, until, self._lines.of(line).words, tempo, length=length))
        return found

    def _lay_own(self, whole: Cut, stems: _Stems) -> None:
        """Lay the shots' own sound; where two overlap, one crosses into the other at equal power."""
        names = []
        for index, span in enumerate(whole.spans):
            own = self._own_sound(span)
            if own is None:
                continue
            names.append(span.shot.id)
            at, until = (sound.samples_in(frame / whole.rate) for frame in (span.start, span.end))
            over = sound.samples_in((span.start + span.lead) / whole.rate) - at
            after = whole.spans[index + 1 : index + 2]
            under = until - sound.samples_in(after[0].start_seconds) if after else 0
            laid = sound.Laid(
                f"s{index:05d}", at, until - at, span.shot.gain_db, cross_in=over, cross_out=max(0, under),
                fades=self._fades.heard(span),
            )  # fmt: skip
            stems.add(laid, own)
        stems.words["sounding shots in order"] = ", ".join(names)

    def _own_sound(self, span: Span) -> Ref | None:
        """Plan a shot's own sound, where it has one that is kept."""
        source = span.shot.source
        if span.shot.sound == "drop":
            return None
        start, words = Fraction(0), {"length": clock_text(span.seconds), **taken_words(span.shot)}
        if isinstance(source, Prompted):
            takes = self._sources.makes_sound(span.shot)
            if takes != "asked" and not (takes == "always" and span.shot.sound == "keep"):
                return None
            clip = self._sources.take(span.shot)
        elif isinstance(source, Filmed) and not source.is_still and self._world.own[source.file].probe.has_sound:
            own = self._world.own[source.file]
            start, clip = own.probe.start + timeline.snapped(source.in_s, self._project.fps), own.digest
            words |= {"file": source.file, "start in the source": clock_text(source.in_s)}
        else:
            return None
        pace = self._sources.pace(span)
        assert pace is not None, "BUG: a still sounds"
        params = {"steps": sound.own("clip", start, span.seconds, pace.heard(span.seconds))}
        words |= pace.words
        action = Action("Sound", params, {"clip": clip}, WAVE, self._world.ffmpeg)
        place = Place(span.shot.id, role=self._cut and f"cut of {self._cut}")
        return Ref(self._builder.add(action, place, words, Conduct(expected=0.2)), "sound")

    def _lay_lines(self, whole: Cut, is_film: bool, stems: _Stems) -> None:
        """Lay every spoken line at its anchor."""
        for index, line in enumerate(self._project.lines):
            at = _anchored(whole, is_film, line.shot, line.at)
            if at is None:
                continue
            tempo = self._settled.tempos.get(line.id, Fraction(1))
            heard = self._heard(self._lines.of(line).sound, Place(line.shot, role=f"say {line.id}"), tempo)
            stems.add(_laid(f"l{index:05d}", at, whole, gain_db=line.gain_db, is_voice=True), heard)
            stems.words[f"say {line.id}"] = f"at {clock_text(at)}, gain {seconds_text(line.gain_db)}"

    def _lay_effects(self, whole: Cut, is_film: bool, stems: _Stems) -> None:
        for index, cue in enumerate(self._project.effects):
            at = _anchored(whole, is_film, cue.shot, cue.at)
            if at is None:
                continue
            source = self._world.own[cue.file].digest if cue.file is not None else self._effect(cue)
            heard = self._heard(source, Place(cue.shot, role=wants.cue_name(cue)))
            long = cue.duration_s
            if cue.end is not None:
                there = _plain(cue.end) - _plain(cue.at)
                long = max(Fraction(0), there if long is None else min(long, there))
            stems.add(_laid(f"e{index:05d}", at, whole, long, **_cue_sound(cue)), heard)
            ends = f" for {clock_text(long)}" if cue.end is not None and long is not None else ""
            stems.words[cue.label] = f"{_cue_words(cue)}, at {clock_text(at)}{ends}"

    def _lay_music(self, whole: Cut, stems: _Stems) -> None:
        """Lay every cue over its span, looped where it is too short, and made long enough for all that share it."""
        spans = _music_spans(self._project.music, whole)
        for index, (cue, span) in enumerate(spans):
            alike = [other for cue_, other in spans if _question(cue_) == _question(cue)]
            longest = max(other.seconds for other in alike)
            longest = max([longest, *(seconds for asked, seconds in self._beds if asked == _question(cue))])
            source, is_pcm = self._music(cue, cue.in_s + longest)
            said = _cue_sound(cue)
            if span.hands_over:
                said["fade_out"] = sound.samples_in(span.hands_over)
            laid = _laid(
                f"m{index:05d}", span.at, whole, span.seconds,
                **said, loops=True, bar=tempo.bar_in(cue.prompt), rings=True, is_pcm=is_pcm,
            )  # fmt: skip
            stems.add(laid, source)
            ends = f" to {clock_text(_plain(cue.end))}" if cue.end is not None else ""
            where = f", at {clock_text(span.at)}{ends}" if span.at or ends else ""
            stems.words[_called(cue)] = f"{_cue_words(cue)}{where}"

    def _heard(self, source: Ref | Digest, place: Place, tempo: Fraction = Fraction(1)) -> Ref:
        """Plan PCM of a line or an effect, as long as it is; which part is heard, and how, is the mix's."""
        action = Action("Sound", {"steps": sound.heard("clip", tempo)}, {"clip": source}, WAVE, self._world.ffmpeg)
        return Ref(self._builder.add(action, place, {}, Conduct(expected=0.2)), "sound")

    def speak(self, hung_on: Collection[Digest]) -> None:
        """Plan the lines that times hang on, whether they sound in what is asked for or not."""
        for line in self._project.lines if hung_on else ():
            words = self._lines.of(line).words
            if bind(self._builder.action(words.action), {}).key in hung_on:
                self._builder.keep(words.action)

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

    def _music(self, music: Music, needed: Fraction) -> tuple[Ref | Digest, bool]:
        """Give a cue's source, and whether it is PCM already."""
        if music.file is not None:
            return self._world.own[music.file].digest, False
        name = wants.cue_name(music)
        ask = asks.cue("music", music, self._bed_seconds(name, music, needed), self._draft)
        words = {"prompt": music.prompt, "seed": str(music.seed)}
        wanted = wants.sound("music", music)
        place = Place(role=_called(music))
        made = self._generated("Music", name, wanted, ask, BOUGHT_SOUND, place, words, "audio")
        return made, self._routed.models[name][0].is_local

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


@dataclass
class _Stems:
    """What is laid in a mix: places, the inputs that they name, and words for people."""

    laid: list[sound.Laid] = field(default_factory=list)
    inputs: dict[str, Ref | Digest] = field(default_factory=dict)
    words: dict[str, str] = field(default_factory=dict)

    def add(self, laid: sound.Laid, source: Ref | Digest) -> None:
        """Lay a sound."""
        self.laid.append(laid)
        self.inputs[laid.slot] = source


@dataclass(frozen=True, slots=True)
class _MusicSpan:
    """Where a cue of music sounds; for its last `hands_over` seconds the next one is there already."""

    at: Fraction
    seconds: Fraction
    hands_over: Fraction


def _music_spans(cues: Sequence[Music], whole: Cut) -> list[tuple[Music, _MusicSpan]]:
    """Say where each cue sounds: to where it says, else until the next one begins, else to the end of the film.

    |--first-----~~~|          while the first rings out, or fades out, the second is heard
                |--second-----|
    """
    placed, starts = [], [_anchored(whole, True, None, cue.at) for cue in cues]
    for cue, at in zip(cues, starts, strict=True):
        if at is None:
            continue
        later = [other for other in starts if other is not None and other > at]
        end, hands_over = whole.seconds, Fraction(0)
        if cue.end is not None:
            end = min(end, _plain(cue.end))
        elif later:
            out = cue.fade_out_s if cue.fade_out_s is not None else Fraction(sound.RING, SAMPLE_RATE)
            hands_over = min(out, end - min(later))
            end = min(later) + hands_over
        if end > at:
            placed.append((cue, _MusicSpan(at, end - at, hands_over)))
    return placed


def beds_of(cues: Sequence[Music], whole: Cut) -> Beds:
    """Say how long every cue is heard in a cut: cuts that share a bed need the longest."""
    return [(_question(cue), span.seconds) for cue, span in _music_spans(cues, whole)]


def _question(cue: Music) -> Music:
    """Give what of a cue decides the sound that it is made from: cues equal in it share one."""
    zero = Fraction(0)
    return replace(
        cue, in_s=zero, gain_db=zero, fade_in_s=zero, fade_out_s=None, duck_db=zero, at=zero, end=None, label=""
    )


def _cue_sound(cue: Music) -> dict[str, Any]:
    """Say how a cue is laid."""
    fade_out = None if cue.fade_out_s is None else sound.samples_in(cue.fade_out_s)
    return {
        "gain_db": cue.gain_db,
        "start": sound.samples_in(cue.in_s),
        "fade_in": sound.samples_in(cue.fade_in_s),
        "fade_out": fade_out,
        "duck_db": cue.duck_db,
    }


def _anchored(whole: Cut, is_film: bool, shot: str | None, at: Fraction | When) -> Fraction | None:
    """Say where in a cut something sounds, or `None` where it does not."""
    at = _plain(at)
    if shot is None:
        start = Fraction(0) if is_film else None
    else:
        start = next((span.start_seconds for span in whole.spans if span.shot.id == shot), None)
    return None if start is None or not 0 <= start + at < whole.seconds else start + at


def _plain(at: Fraction | When) -> Fraction:
    assert not isinstance(at, When), "BUG: a time is not settled"
    return at


def _laid(slot: str, at: Fraction, whole: Cut, seconds: Fraction | None = None, **said: Any) -> sound.Laid:
    """Lay a sound from a time of the cut on, for so long at most, to the cut's end at latest."""
    end = whole.seconds if seconds is None else min(whole.seconds, at + seconds)
    first = sound.samples_in(at)
    return sound.Laid(slot, first, sound.samples_in(end) - first, **said)


def _called(cue: Music) -> str:
    """Give what a cue of music is called, `music` or `music.2`."""
    return cue.label.replace("audio", "music")


def _cue_words(cue: Music) -> str:
    parts = [cue.file or cue.prompt]
    for label, value in (
        ("from", cue.in_s),
        ("gain", cue.gain_db),
        ("ducked", cue.duck_db),
        ("fade in", cue.fade_in_s),
        ("fade out", cue.fade_out_s),
    ):
        if value:
            parts.append(f"{label} {seconds_text(value)}")
    return ", ".join(parts)


def _loudness_words(loudness: sound.Loudness) -> str:
    level = "as it is" if loudness.lufs is None else f"{seconds_text(loudness.lufs)} LUFS"
    return f"{level}, true peak {seconds_text(loudness.peak_db)} dB, {loudness.kbps} kbit/s"
