"""What an output can't show of a cut: its platform's limits, shots without a picture on its clock, posters outside."""

from __future__ import annotations

from fractions import Fraction

from vidbuild.catalog.model import Profile
from vidbuild.plan import timeline
from vidbuild.plan.timeline import Cut
from vidbuild.spec.model import Filmed, MomentOf, Output, Project
from vidbuild.words.errors import Problem
from vidbuild.words.rationaltime import clock_text, decimal_text, rate_number, seconds_text


def broken(output: Output, profile: Profile, project: Project, whole: Cut) -> list[Problem]:
    """Tell every limit of an output that a cut breaks."""
    return [
        *_length(output, profile, whole),
        *_size(output, profile, whole),
        *_rate(output, profile, project, whole),
        *_poster(output, project, whole),
    ]


def poster_time(poster: MomentOf, project: Project) -> Fraction:
    """Say where in its shot a poster's moment lies: `SHOT@t` counts from the start of the take, or of the own file."""
    shot = next(shot for shot in project.shots if shot.id == poster.shot)
    first = timeline.snapped(shot.source.in_s, project.fps) if isinstance(shot.source, Filmed) else Fraction(0)
    return (poster.seconds - first) / shot.speed


def _length(output: Output, profile: Profile, whole: Cut) -> list[Problem]:
    if profile.min_s is not None and whole.seconds < profile.min_s:
        sentence = (
            f"`{output.name}` takes no less than {clock_text(profile.min_s)}, and is {clock_text(whole.seconds)} long"
        )
        return [Problem(output.marks.get("") or output.marks.get("platform"), sentence, hint="make it longer")]
    caps = [most for most in (profile.max_s, output.max_s) if most is not None]
    if not caps or whole.seconds <= min(caps):
        return []
    mark = output.marks.get("max_s" if min(caps) == output.max_s else "") or output.marks.get("platform")
    what = "its cut" if output.shots else "the film"
    sentence = f"`{output.name}` takes {clock_text(min(caps))}, and {what} is {clock_text(whole.seconds)} long"
    fact = f"{clock_text(whole.seconds - min(caps))} too long"
    first, *rest = [span.shot.id for span in whole.spans]
    cut = f"[{first}, {{id: {rest[0]}, duration_s: 2}}]" if rest else f"[{{id: {first}, duration_s: 2}}]"
    hint = f"let the output show fewer shots, or less of them: `{{platform: {profile.name}, shots: {cut}}}`"
    return [Problem(mark, sentence, (fact,), hint)]


def _size(output: Output, profile: Profile, whole: Cut) -> list[Problem]:
    """Tell a file that may become too large: by its highest rate, where it has one; its true size is told when made."""
    if profile.max_mb is None or profile.maxrate_kbps is None:
        return []
    most = (profile.maxrate_kbps + profile.audio_kbps) * whole.seconds / 8000
    if most <= profile.max_mb:
        return []
    mark = output.marks.get("") or output.marks.get("platform")
    rate = f"{profile.maxrate_kbps + profile.audio_kbps} kbit/s"
    need = f"{clock_text(whole.seconds)} at {rate} may need {decimal_text(most, 1)}"
    sentence = f"`{output.name}` takes {profile.max_mb} MB, and {need}"
    fits = int(profile.max_mb * 8000 / whole.seconds) - profile.audio_kbps
    hint = f"make it shorter, or use a profile with `video: {{maxrate_kbps: {fits}}}`"
    return [Problem(mark, sentence, hint=hint)]


def _rate(output: Output, profile: Profile, project: Project, whole: Cut) -> list[Problem]:
    """Hold an `fps` that is written to what the platform takes, and every shot to a picture on the output's clock."""
    rate = timeline.output_rate(project.fps, output.fps, profile)
    mark = output.marks.get("fps") or output.marks.get("")
    if output.fps is not None and rate != output.fps:
        allowed = ", ".join(str(rate_number(fps)) for fps in profile.fps_allowed)
        takes = f"{allowed} frames a second" if allowed else f"at most {rate_number(rate)} frames a second"
        return [Problem(mark, f"`{profile.name}` takes {takes}, not {rate_number(output.fps)}")]
    unseen = [stretch.span.shot.id for stretch in timeline.on_clock(whole, rate) if not stretch.frames]
    if not unseen:
        return []
    sentence = f"at {rate_number(rate)} frames a second `{output.name}` shows nothing of {_named(unseen)}"
    return [Problem(mark, sentence, hint="make the shot longer")]


def _poster(output: Output, project: Project, whole: Cut) -> list[Problem]:
    poster = output.poster
    lengths = {span.shot.id: span.seconds for span in whole.spans}
    if poster is not None and not output.has(poster.shot):
        sentence = f"the poster shows `{poster.shot}`, which isn't in the cut of `{output.name}`"
        return [Problem(output.marks.get("poster"), sentence, hint="take a moment of a shot that is")]
    if poster is None or poster.shot not in lengths:
        return []
    if any(shot.id == poster.shot and (shot.fill != "error" or shot.fit == "speed") for shot in project.shots):
        return []  # how it runs is known later; the nearest picture is taken
    at = poster_time(poster, project)
    if 0 <= at < lengths[poster.shot]:
        return []
    mark = output.marks.get("poster") or output.marks.get("")
    sentence = f"the poster `{poster.shot}@{seconds_text(poster.seconds)}` lies outside of that shot as it is cut"
    return [Problem(mark, sentence, (f"the shot shows {clock_text(lengths[poster.shot])}",))]


def _named(shots: list[str]) -> str:
    more = f" and {len(shots) - 3} more" if len(shots) > 3 else ""
    return ", ".join(f"`{shot}`" for shot in shots[:3]) + more
