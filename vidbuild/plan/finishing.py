"""What becomes of pieces and mixes: the finished file, and what stands beside it (poster, preview, stems).

It copies together and takes pictures out; how pieces are encoded is the planner's.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction

from vidbuild.catalog.model import Preview, Profile
from vidbuild.media import codecs, ffargs, framing, sound
from vidbuild.plan import limits
from vidbuild.plan.graph import GraphBuilder
from vidbuild.plan.timeline import Cut, Span
from vidbuild.spec.model import Output, Project
from vidbuild.words.action import Action, Conduct, Place, Ref
from vidbuild.words.rationaltime import clock_text, half_up

DRAFT_ENCODER = ffargs.Encoder("ultrafast", 23)
_PICTURES = {"webp": "image/webp", "gif": "image/gif"}


@dataclass(frozen=True)
class Part:
    """A part of a deliverable, encoded by itself: `frames` from frame `first` of a shot on."""

    span: Span
    first: int
    frames: int
    ref: Ref


@dataclass(frozen=True)
class Finishing:
    """Finishes the outputs of a project, in a builder."""

    project: Project
    ffmpeg: str
    builder: GraphBuilder

    def video(self, output: Output, made: Sequence[Part], rate: Fraction, mix: Ref, form: str, role: str | None) -> Ref:
        """Plan the file that parts and a mix are copied together to."""
        inputs = {f"s{index:05d}": part.ref for index, part in enumerate(made)}
        joined = ffargs.join_list([(slot, part.frames) for slot, part in zip(inputs, made, strict=True)], rate)
        params = {"steps": [joined, ffargs.deliver(rate, "mix", form)], "frames": sum(part.frames for part in made)}
        outputs = {"video": codecs.TYPES[form]}
        action = Action("Deliver", params, {**inputs, "mix": mix}, outputs, self.ffmpeg)
        words = {"shots in order": ", ".join(dict.fromkeys(part.span.shot.id for part in made))}
        return Ref(
            self.builder.add(action, Place(output=output.name, role=role), words, Conduct(expected=0.2)), "video"
        )

    def sound(self, output: Output, whole: Cut, mix: Ref, form: str) -> Ref:
        """Plan a file of sound alone."""
        params = {"steps": [ffargs.deliver_sound("mix", form)]}
        action = Action("Deliver", params, {"mix": mix}, {"video": codecs.TYPES[form]}, self.ffmpeg)
        words = {"shots in order": ", ".join(span.shot.id for span in whole.spans)}
        return Ref(self.builder.add(action, Place(output=output.name), words, Conduct(expected=0.2)), "video")

    def poster(self, output: Output, made: Sequence[Part], rate: Fraction, size: tuple[int, int] | None) -> Ref:
        """Plan the thumbnail: the moment that the output names, else the middle of the first shot.

        A picture that a transition blends is none: the nearest one of the shot alone is taken.
        """
        shot = output.poster.shot if output.poster else made[0].span.shot.id
        own = [part for part in made if part.span.shot.id == shot]
        own = own[1:] if len(own) > 1 and own[0].span.lead else own
        last = own[-1].first + own[-1].frames - 1
        index = last // 2
        if output.poster is not None:
            index = min(half_up(limits.poster_time(output.poster, self.project) * rate), last)
        index = max(index, own[0].first)
        piece, ref = next((part, part.ref) for part in reversed(own) if part.first <= index)
        params = {"steps": [framing.poster("piece", index - piece.first, size)]}
        action = Action("Poster", params, {"piece": ref}, {"picture": "image/jpeg"}, self.ffmpeg)
        words = {"poster": f"{shot} at {clock_text(index / rate)}"}
        place = Place(shot, output.name)
        return Ref(self.builder.add(action, place, words, Conduct(expected=0.2)), "picture")

    def preview(self, output: Output, made: Sequence[Part], rate: Fraction, said: Preview) -> Ref:
        """Plan a short animation without sound, of the cut's beginning, from the parts that it shows."""
        frames, inputs, shown = half_up(said.seconds * rate), list[tuple[str, int]](), dict[str, Ref]()
        for index, part in enumerate(made):
            if sum(count for _, count in inputs) < frames:
                shown[f"s{index:05d}"] = part.ref
                inputs.append((f"s{index:05d}", part.frames))
        step = ffargs.preview(rate, half_up(Fraction(frames) / rate * said.fps), said.fps, said.width, said.form)
        params = {"steps": [ffargs.join_list(inputs, rate), step]}
        action = Action("Preview", params, shown, {"picture": _PICTURES[said.form]}, self.ffmpeg)
        place = Place(output=output.name)
        return Ref(self.builder.add(action, place, {"preview": said.form}, Conduct(expected=1)), "picture")


def encoder(profile: Profile, output: Output, draft: bool) -> ffargs.Encoder:
    """Say how an output's pictures are encoded; drafts are H.264 whatever it wants."""
    if draft:
        return DRAFT_ENCODER
    codec = output.codec or profile.codec
    return ffargs.Encoder(profile.preset, profile.crf, codec, profile.maxrate_kbps, profile.bufsize_kbps)


def form_of(profile: Profile, of: ffargs.Encoder) -> str:
    """Give the form of an output's finished file, which is its suffix too."""
    return profile.form or codecs.SUFFIXES[of.codec]


def loudness(profile: Profile, form: str) -> sound.Loudness:
    """Say how a mix for a form of file is to be."""
    return sound.Loudness(profile.audio_kbps, profile.lufs, profile.peak_db, codecs.SOUND_OF[form])
