"""The project's own media as planning sees it: which files it names, their digests, what their headers say.

It opens only what the reader has accepted as a file of the project.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping
from fractions import Fraction
from pathlib import Path

from vidbuild.media.probe import OwnFile, Probe
from vidbuild.spec.model import (
    STILL_SUFFIXES,
    Card,
    FilePicture,
    Filmed,
    Layer,
    Line,
    Music,
    Project,
    pictures_of,
    suffix_of,
)
from vidbuild.stores.index import Memory
from vidbuild.stores.own_files import OwnFilesOnDisk
from vidbuild.words.digest import Digest
from vidbuild.words.errors import Mark, Problem, VidbuildError
from vidbuild.words.rationaltime import clock_text

_PROBE = "probe 6"
"""The kind of note that a probe is kept as; another number when a probe says more, or says it otherwise."""


def gather(
    project: Project, home: Path, accepted: Collection[str], own: OwnFilesOnDisk, memory: Memory
) -> tuple[Mapping[str, OwnFile], list[Problem]]:
    """Hash and probe the own files that a project names; give what can't be used as problems."""
    from vidbuild.runners.probing import NotMedia

    found: dict[str, OwnFile] = {}
    problems: list[Problem] = []
    for path, mark in _mentioned(project).items():
        if path not in accepted:
            continue  # the reader has told it, and where
        try:
            digest = own.digest(home / path)
            found[path] = OwnFile(digest, probed(home / path, digest, memory))
        except NotMedia as error:
            facts = tuple(f"{name} {fact}" for name, fact in error.facts.items())
            problems.append(Problem(mark, f"`{path}` can't be read as a picture, video or sound", facts))
        except VidbuildError as error:
            problems.append(Problem(mark, error.sentence, tuple(error.facts.values()), error.hint))
    return found, problems + _wrong_kinds(project, found)


def probed(path: Path, digest: Digest, memory: Memory) -> Probe:
    """Read a file's header, once for each content."""
    known = _read_back(memory.note(_PROBE, digest))
    if known is not None:
        return known
    from vidbuild.runners.probing import probe

    made = probe(path)
    memory.keep_note(_PROBE, digest, json.dumps({name: str(getattr(made, name)) for name in Probe.__slots__}))
    return made


def is_probed(digest: Digest, memory: Memory) -> bool:
    """Say whether a content's header is known, so that its bytes aren't needed for it."""
    return _read_back(memory.note(_PROBE, digest)) is not None


def _read_back(text: str | None) -> Probe | None:
    try:
        told = json.loads(text or "")
        return Probe(
            kind=told["kind"],
            seconds=Fraction(told["seconds"]),
            width=int(told["width"]),
            height=int(told["height"]),
            rate=Fraction(told["rate"]),
            has_sound=told["has_sound"] == "True",
            matrix=told["matrix"],
            start=Fraction(told["start"]),
            has_index=told["has_index"] == "True",
            has_alpha=told["has_alpha"] == "True",
            light=told["light"],
            decoder=told["decoder"],
        )
    except (ValueError, KeyError, TypeError):
        return None


def _mentioned(project: Project) -> Mapping[str, Mark | None]:
    """List the project's own files with a place that names each."""
    found: dict[str, Mark | None] = {}
    for shot in project.shots:
        for key, picture in pictures_of(shot):
            if isinstance(picture, FilePicture):
                found.setdefault(picture.path, shot.marks.get(key) or shot.marks.get(""))
        if isinstance(shot.source, Filmed):
            found.setdefault(shot.source.file, shot.marks.get("file") or shot.marks.get(""))
        elif isinstance(shot.source, Card) and shot.source.logo is not None:
            found.setdefault(shot.source.logo, shot.marks.get("card") or shot.marks.get(""))
    for member in project.cast.values():
        for image in member.images:
            if isinstance(image, FilePicture):
                found.setdefault(image.path, member.marks.get("image") or member.marks.get(""))
    for layer in project.layers:
        if layer.file is not None:
            found.setdefault(layer.file, layer.marks.get("file"))
    for cue in _heard(project):
        if cue.file is not None:
            found.setdefault(cue.file, cue.marks.get("file") or cue.marks.get(""))
    return found


def _heard(project: Project) -> tuple[Music | Line, ...]:
    """List what may be an own sound file."""
    return (*_cues(project), *project.lines)


def _cues(project: Project) -> tuple[Music, ...]:
    return (*project.music, *project.effects)


def _wrong_kinds(project: Project, own: Mapping[str, OwnFile]) -> list[Problem]:
    """Tell files that are not what their place needs: sound as a shot, a silent video as music."""
    problems = []
    for shot in project.shots:
        source, mark = shot.source, shot.marks.get("file") or shot.marks.get("")
        if isinstance(source, Filmed) and source.file in own:
            kind = own[source.file].probe.kind
            if kind == "sound":
                problems.append(Problem(mark, f"`{source.file}` has no picture", hint="name a video or a still"))
            elif (kind == "still") != source.is_still:
                sentence = f"`{source.file}` is a {kind}, and its name says otherwise"
                problems.append(Problem(mark, sentence, hint="rename it"))
        for key, picture in pictures_of(shot):
            if isinstance(picture, FilePicture) and picture.path in own and own[picture.path].probe.kind != "still":
                problems.append(Problem(shot.marks.get(key), f"`{picture.path}` is no picture"))
    for member in project.cast.values():
        for image in member.images:
            if isinstance(image, FilePicture) and image.path in own and own[image.path].probe.kind != "still":
                problems.append(Problem(member.marks.get("image"), f"`{image.path}` is no picture"))
    problems += [problem for layer in project.layers for problem in _wrong_layer(layer, own)]
    return problems + [problem for cue in _heard(project) for problem in _wrong_sound(cue, own)]


def _wrong_layer(layer: Layer, own: Mapping[str, OwnFile]) -> list[Problem]:
    if layer.file is None or layer.file not in own:
        return []
    probe, mark = own[layer.file].probe, layer.marks.get("file")
    if probe.kind == "sound":
        return [Problem(mark, f"`{layer.file}` has no picture", hint="name a video or a still")]
    if (probe.kind == "still") != (suffix_of(layer.file) in STILL_SUFFIXES):
        return [Problem(mark, f"`{layer.file}` is a {probe.kind}, and its name says otherwise", hint="rename it")]
    if probe.has_alpha and layer.motion is not None and not layer.motion.slides:
        sentence = f"`{layer.file}` has clear parts, and `{layer.motion.kind}` cuts into pictures"
        return [Problem(layer.marks.get("motion") or mark, sentence, hint="let it slide, or stand")]
    if layer.in_s and layer.in_s >= probe.seconds:
        sentence = f"`in_s` lies behind the end of `{layer.file}`, which is {clock_text(probe.seconds)} long"
        return [Problem(layer.marks.get("in_s") or mark, sentence, hint="make it smaller")]
    return []


def _wrong_sound(cue: Music | Line, own: Mapping[str, OwnFile]) -> list[Problem]:
    if cue.file is None or cue.file not in own:
        return []
    probe = own[cue.file].probe
    if not probe.has_sound:
        return [Problem(cue.marks.get("file"), f"`{cue.file}` has no sound")]
    if isinstance(cue, Music) and cue.in_s >= probe.seconds:
        mark = cue.marks.get("in_s") or cue.marks.get("file")
        return [Problem(mark, f"the sound begins behind the end of `{cue.file}`", hint="make `in_s` smaller")]
    return []
