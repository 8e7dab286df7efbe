"""A resolved project as YAML: templates rendered, groups and variables gone, defaults written out.

It is a project again, in the storyboard form (nothing in it is a template). Values in, text out.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from decimal import Decimal
from fractions import Fraction
from typing import Any, TypeVar

from vidbuild.spec.model import (
    Assertion,
    Brand,
    Budget,
    Captions,
    Card,
    CastPicture,
    Fades,
    FilePicture,
    Filmed,
    FrameOf,
    Judge,
    Kept,
    Layer,
    LayerMotion,
    Line,
    LipSync,
    Member,
    Motion,
    Music,
    Output,
    Picture,
    Presented,
    Project,
    Prompted,
    Reframe,
    Shot,
    Source,
    Still,
    Text,
    Transition,
    Voice,
    When,
)
from vidbuild.spec.resolve import PAD_S
from vidbuild.spec.yaml_text import rows
from vidbuild.words.rationaltime import rate_number, seconds_text

Lying = TypeVar("Lying", Text, Layer)
_END = When(is_end=True)


def shown_project(project: Project) -> str:
    """Write a project as YAML, block style, in one order."""
    head = "# resolved: templates, variables and groups gone (but those that fade); nothing here is a template\n"
    return head + "\n".join(rows(_project(project), 0)) + "\n"


def _project(project: Project) -> dict[str, Any]:
    narrator = _narrator(project.lines)
    heard = {shot: _heard(project, shot, narrator) for shot in (None, *(shot.id for shot in project.shots))}
    audio = _written(music=_music_of(project), voice=_voice(narrator))
    whole = next((promise for promise in project.promises if promise.group is None), None)
    return _written(
        name=project.name,
        fps=rate_number(project.fps),
        aspect=f"{project.aspect[0]}:{project.aspect[1]}",
        duration_s=_number(whole.seconds) if whole else None,
        languages=[project.language] if project.language else None,
        models=dict(project.replaced) or None,
        reframe=_reframe(project.reframe),
        cast={name: _member(member) for name, member in project.cast.items()} or None,
        brand=_brand(project.brand) or None,
        captions=_captions(project.captions),
        **_faded(next((fades for fades in project.fades if not fades.shots), Fades())),
        shots=_shots(project, heard),
        text=[_text(text) for text in _over(project, project.texts, None)] or None,
        layers=[_layer(layer) for layer in _over(project, project.layers, None)] or None,
        **heard[None],
        audio=audio or None,
        judge=_judge(project.judge) if project.judge else None,
        budget=_budget(project.budget) or None,
        remote=None if project.remote is None else {"url": project.remote.url, "read_only": project.remote.reads_only},
        outputs=[_output(output) for output in project.outputs],
        tests=[_assertion(each) for each in project.assertions] or None,
    )


def _assertion(each: Assertion) -> dict[str, Any]:
    """Write one thing that is asserted as an entry of its own."""
    said: Any = each.text or True
    if each.edges is not None:
        said = dict(zip(("top", "right", "bottom", "left"), map(_number, each.edges), strict=True))
    elif each.apart:
        apart = [one.shot or [_number(one.start), "end" if one.end is None else _number(one.end)] for one in each.apart]
        said = {"most": _number(each.most), "except": apart}
    elif each.key == "fps" and each.most is not None:
        said = rate_number(each.most)
    elif each.least is not None and each.most is not None and each.least != each.most:
        said = [_number(each.least), _number(each.most)]
    elif each.least is not None or each.most is not None:
        said = _number(each.least if each.most is None else each.most)
    return _written(name=each.name or None, outputs=list(each.outputs) or None, **{each.key: said})


def _heard(project: Project, shot: str | None, narrator: Voice | None) -> dict[str, Any]:
    """Write what is said and sounds from the start of a shot, or of the film."""
    lines = [line for line in project.lines if line.shot == shot]
    return _written(
        say=[_line(line, project.cast[line.by].voice if line.by else narrator, len(lines) > 1) for line in lines]
        or None,
        sfx=[_music(effect) for effect in project.effects if effect.shot == shot] or None,
    )


def _music_of(project: Project) -> Any:
    cues = [_music(cue) for cue in project.music]
    return cues[0] if len(cues) == 1 else cues or None


def _narrator(lines: tuple[Line, ...]) -> Voice | None:
    """Give the voice of all lines that no member speaks, if they share one."""
    voices = [line.voice for line in lines if line.by is None]
    return voices[0] if voices and all(voice == voices[0] for voice in voices) else None


def _line(line: Line, usual: Voice | None, is_timed: bool) -> dict[str, Any]:
    """Write a line, with its voice where that isn't its speaker's usual one."""
    return _written(
        text=_marked(line),
        file=line.file,
        by=line.by,
        voice=_voice(line.voice) if line.voice != usual and line.file is None else None,
        at=_span(line.at, line.end, is_timed),
        fit=line.fit if line.fit != "error" else None,
        gain_db=_number(line.gain_db) or None,
        seed=line.seed or None,
    )


def _marked(line: Line) -> str:
    """Write what is spoken with its marks."""
    text = line.text
    for name, place in sorted(line.moments.items(), key=lambda mark: (-mark[1], mark[0])):
        text = f"{text[:place]}<{name}>{text[place:]}"
    return text


def _time(at: Fraction | When) -> int | Decimal | str | None:
    """Write a time; that of a line which follows another says itself."""
    if not isinstance(at, When):
        return _number(at)
    name = at.mark or at.shot or ("end" if at.is_end else None)
    if name is None or not at.offset:
        return name
    return f"{name} {'+' if at.offset > 0 else '-'} {_number(abs(at.offset))}"


def _span(start: Fraction | When, end: Fraction | When | None, always: bool = False) -> Any:
    """Write when something begins, or from when to when it lasts; nothing where it begins with what holds it."""
    if end is not None:
        return [_time(start), _time(end)]
    return _time(start) if always or start else None


def _member(member: Member) -> dict[str, Any]:
    images = [_picture(image) for image in member.images]
    return _written(
        description=member.description or None,
        image=images[0] if len(images) == 1 else images or None,
        exact=member.exact or None,
        voice=_voice(member.voice),
        avatar=_avatars(member),
    )


def _voice(voice: Voice | None) -> dict[str, Any] | None:
    if voice is None:
        return None
    return _written(model=_names(voice.models), id=voice.id, options=dict(voice.options) or None)


def _judge(judge: Judge) -> dict[str, Any]:
    return _written(
        model=_names(judge.models),
        questions=list(judge.questions),
        threshold=_number(judge.threshold),
        options=dict(judge.options) or None,
    )


def _budget(budget: Budget) -> dict[str, Any]:
    return _written(
        max_usd=_number(budget.max_usd),
        total_usd=_number(budget.total_usd),
        per_shot_usd=_number(budget.per_shot_usd),
    )


def _over(project: Project, all_: Iterable[Lying], shot: str | None) -> list[Lying]:
    """Give what lies over a shot, or over the film: there what is a group's too, from shot to shot."""
    return [
        replace(each, start=_of_film(project, each, each.start), end=_of_film(project, each, each.end or _END))
        if each.until is not None
        else each
        for each in all_
        if (None if each.until is not None else each.shot) == shot
    ]


def _of_film(project: Project, each: Text | Layer, at: Fraction | When) -> When:
    """Give a time of what is a group's as the film says it; the group's end is where the next shot begins."""
    if not isinstance(at, When):
        return When(at, shot=each.shot)
    last = [shot.id for shot in project.shots].index(str(each.until))
    return (
        replace(at, is_end=False, shot=project.shots[last + 1].id)
        if at.is_end and last + 1 < len(project.shots)
        else at
    )


def _text(text: Text) -> dict[str, Any]:
    return _written(
        text=text.text,
        at=_span(text.start, text.end),
        place=text.place,
        box=[_number(side) for side in text.box] if text.box else None,
        preset=text.preset,
        fit=text.fit if text.fit != "shrink" else None,
    )


def _layer(layer: Layer) -> dict[str, Any]:
    usual = Layer()
    said = {key: getattr(layer, key) for key in ("shape", "colour") if getattr(layer, key) != getattr(usual, key)}
    numbers = ("in_s", "scale", "fade_in_s", "fade_out_s", "opacity", "width")
    said |= {key: _number(getattr(layer, key)) for key in numbers if getattr(layer, key) != getattr(usual, key)}
    regions = {key: getattr(layer, key) for key in ("box", "blur") if getattr(layer, key) is not None}
    named = isinstance(layer.place, str)
    place: Any = layer.place if named else [_number(part) for part in layer.place if isinstance(part, Fraction)]
    motion = layer.motion
    return _written(
        file=layer.file or layer.member,
        **{key: [_number(side) for side in sides] for key, sides in regions.items()},
        at=_span(layer.start, layer.end),
        place=place if layer.place != usual.place else None,
        motion=_layer_motion(motion) if motion else None,
        **said,
    )


def _layer_motion(motion: LayerMotion) -> dict[str, Any]:
    focus = [_number(part) for part in motion.focus] if motion.focus else None
    scale = None if motion.slides else _number(motion.scale)
    return _written(type=motion.kind, duration_s=_number(motion.seconds), focus=focus, scale=scale)


def _captions(captions: Captions | None) -> dict[str, Any] | None:
    if captions is None:
        return None
    languages = list(captions.languages) or None
    return _written(preset=captions.preset, sidecar=list(captions.sidecar) or None, languages=languages)


def _brand(brand: Brand) -> dict[str, Any]:
    fonts = {role: list(paths) if role == "more" else paths[0] for role, paths in brand.fonts.items() if paths}
    presets = {
        name: {key: _number(value) if isinstance(value, Fraction) else value for key, value in said.items()}
        for name, said in brand.presets.items()
    }
    colours = dict(brand.colours) or None
    return _written(colours=colours, fonts=fonts or None, logo=brand.logo, presets=presets or None)


def _shot(shot: Shot, heard: Mapping[str, Any], project: Project) -> dict[str, Any]:
    sound: Any = shot.sound
    if shot.sound == "keep" and shot.gain_db:
        sound = {"gain_db": _number(shot.gain_db)}
    return _written(
        id=shot.id,
        **_source(shot.source, project),
        **({"cast": list(shot.cast)} if shot.cast and isinstance(shot.source, Filmed) else {}),
        at=_time(shot.at) if shot.at is not None else None,
        duration_s=_number(shot.duration_s) if shot.pad_s is None else "longest" if shot.is_longest else "auto",
        pad_s=_number(shot.pad_s) if shot.pad_s != PAD_S else None,
        footage_s=_number(shot.footage_s),
        speed=_number(shot.speed) if shot.speed != 1 else None,
        fit=shot.fit if shot.fit != "trim" else None,
        fill=shot.fill if shot.fill != "error" else None,
        lipsync=_lipsync(shot.lipsync),
        takes=shot.takes if shot.takes != 1 else None,
        take=shot.take,
        reshoots=shot.reshoots if shot.reshoots != 1 else None,
        **heard,
        sound=sound,
        text=[_text(text) for text in _over(project, project.texts, shot.id)] or None,
        layers=[_layer(layer) for layer in _over(project, project.layers, shot.id)] or None,
        transition=_transition(shot.transition),
        reframe=_reframe(shot.reframe),
        motion=_motion(shot.motion),
        note=shot.note,
    )


def _shots(project: Project, heard: Mapping[str | None, Mapping[str, Any]]) -> list[dict[str, Any]]:
    """Write all shots; those that fade together stay together, as a group."""
    entries: list[tuple[tuple[str, ...], dict[str, Any]]] = [
        ((shot.id,), _shot(shot, heard[shot.id], project)) for shot in project.shots
    ]
    for fades in reversed([each for each in project.fades if each.shots]):
        held = [entry for entry in entries if set(entry[0]) <= set(fades.shots)]
        written = _faded(fades)
        if len(fades.shots) == 1 and not {"fade_in_s", "fade_out_s", "shots"} & set(held[0][1]):
            held[0][1].update(written)
            continue
        place = entries.index(held[0])
        entries[place : place + len(held)] = [(fades.shots, {**written, "shots": [row for _, row in held]})]
    return [row for _, row in entries]


def _faded(fades: Fades) -> dict[str, Any]:
    return _written(fade_in_s=_number(fades.in_s) or None, fade_out_s=_number(fades.out_s) or None)


def _transition(transition: Transition | None) -> dict[str, Any] | None:
    if transition is None:
        return None
    return _written(type=transition.kind, duration_s=_number(transition.seconds))


def _lipsync(lipsync: LipSync | None) -> Any:
    if lipsync is None or not lipsync.options:
        return lipsync and _names(lipsync.models)
    return {"model": _names(lipsync.models), "options": dict(lipsync.options)}


def _avatars(member: Member) -> Any:
    avatars = [_written(model=one.model, id=one.id, options=dict(one.options) or None) for one in member.avatars]
    return avatars[0] if len(avatars) == 1 else avatars or None


def _source(source: Source, project: Project) -> dict[str, Any]:
    if isinstance(source, Presented):
        return _written(avatar=source.member, seed=source.seed or None)
    if isinstance(source, Filmed):
        return _written(file=source.file, in_s=_number(source.in_s) or None, out_s=_number(source.out_s))
    if isinstance(source, Card):
        background = source.background if isinstance(source.background, str) else _picture(source.background)
        logo = source.logo if source.logo != project.brand.logo else None
        logo = "none" if source.logo is None and project.brand.logo is not None else logo
        card = _written(title=source.title, subtitle=source.subtitle or None, logo=logo, background=background)
        return {"card": card}
    return _written(
        prompt=source.prompt,
        negative=list(source.negative) or None,
        cast=list(source.references) or None,
        model=_model(source),
        options=dict(source.options) or None,
        seed=source.seed,
        init_image=_picture(source.init),
        end_image=_picture(source.end),
    )


def _picture(picture: Picture | None) -> str | dict[str, Any] | None:
    if picture is None or isinstance(picture, FilePicture):
        return picture.path if picture else None
    if isinstance(picture, CastPicture):
        return picture.member
    if isinstance(picture, Still):
        return _still(picture)
    if isinstance(picture, FrameOf):
        return f"{picture.shot}.{'last' if picture.last else 'first'}_frame"
    return f"{picture.shot}@{seconds_text(picture.seconds)}"


def _still(still: Still) -> dict[str, Any]:
    return _written(
        model=_model(still),
        prompt=still.prompt,
        cast=list(still.cast) or None,
        options=dict(still.options) or None,
        negative=list(still.negative) or None,
        seed=still.seed or None,
    )


def _music(music: Music) -> dict[str, Any]:
    return _written(
        model=_model(music),
        prompt=music.prompt or None,
        file=music.file,
        options=dict(music.options) or None,
        seed=music.seed or None,
        duration_s=_number(music.duration_s),
        at=_span(music.at, music.end),
        in_s=_number(music.in_s) or None,
        gain_db=_number(music.gain_db) or None,
        fade_in_s=_number(music.fade_in_s) or None,
        fade_out_s=_number(music.fade_out_s),
        duck_db=_number(music.duck_db) or None,
    )


def _output(output: Output) -> dict[str, Any]:
    return _written(
        platform=output.platform,
        name=output.name,
        fps=rate_number(output.fps) if output.fps else None,
        reframe=_reframe(output.reframe),
        poster=_picture(output.poster),
        captions=output.captions,
        codec=output.codec,
        shots=[_kept(kept) for kept in output.shots] or None,
        max_s=_number(output.max_s),
    )


def _kept(kept: Kept) -> Any:
    return kept.shot if kept.seconds is None else {"id": kept.shot, "duration_s": _number(kept.seconds)}


def _reframe(reframe: Reframe | None) -> Any:
    if reframe is None:
        return None
    if reframe == Reframe(mode=reframe.mode):
        return reframe.mode
    focus: Any = reframe.follows or [[_number(part) for part in point] for point in reframe.path]
    return {"mode": reframe.mode, "focus": focus or [_number(side) for side in reframe.focus]}


def _motion(motion: Motion | None) -> dict[str, Any] | None:
    if motion is None:
        return None
    focus = [_number(side) for side in motion.focus] if motion.focus else None
    return _written(type=motion.kind, focus=focus, scale=_number(motion.scale), at=_span(motion.start, motion.end))


def _model(made: Prompted | Still | Music) -> Any:
    """Write who makes it; nothing where routing chooses among all."""
    if made.needs or made.max_usd_per_s is not None:
        return _written(needs=list(made.needs) or None, max_usd_per_s=_number(made.max_usd_per_s))
    return _names(made.models)


def _names(names: tuple[str, ...]) -> Any:
    return names[0] if len(names) == 1 else list(names) or None


def _number(value: Fraction | None) -> int | Decimal | None:
    if value is None or value.denominator == 1:
        return None if value is None else value.numerator
    return Decimal(value.numerator) / Decimal(value.denominator)


def _written(**values: Any) -> dict[str, Any]:
    return {key: value for key, value in values.items() if value is not None}
