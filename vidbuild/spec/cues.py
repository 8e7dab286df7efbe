"""Nodes -> music and sound effects: cues by prompt or file, and where they begin. Pure."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction

from vidbuild.spec.inherit import amount, folded, mapping, names, needs, number
from vidbuild.spec.model import Music
from vidbuild.spec.resolve import Resolution, is_spoilt
from vidbuild.spec.speech import FILM, Anchors, Labels
from vidbuild.spec.times import Times, to_its_end
from vidbuild.spec.tree import Node

_PROMPTED_ONLY = ("model", "options", "seed", "duration_s")


def music_of(root: Node, times: Times, resolution: Resolution) -> tuple[Music, ...]:
    """Give the film's cues of music, in the author's order."""
    audio, labels = root.get("audio"), Labels()
    written = audio.get("music") if audio else None
    if written is None:
        return ()
    found = []
    for node in [written] if type(written.value) is dict else written.members():
        at, end = times.span(node.get("at"), None)
        found.append(replace(_cue(node, "music", resolution), at=at, end=end, label=labels.next("audio")))
    return tuple(found)


def effects_of(root: Node, anchors: Anchors, times: Times, resolution: Resolution) -> tuple[Music, ...]:
    """Give all sound effects: the film's, then those of groups and shots in the author's order."""
    labels = Labels()
    found = []
    for owner, name, shot in ((root, FILM, None), *((node, name, shot) for node, name, shot, _ in anchors.owners)):
        written = owner.get("sfx")
        if written is None:
            continue
        for node in [written] if type(written.value) is dict else written.members():
            effect = _cue(node, "effect", resolution)
            at, end = times.span(node.get("at"), name if shot else None)
            until = anchors.lasts[name] if shot else None
            label = f"sfx {labels.next(name)}"
            found.append(replace(effect, shot=shot, at=at, end=to_its_end(end), until=until, label=label))
    return tuple(found)


def _cue(node: Node, what: str, resolution: Resolution) -> Music:
    prompt, file, model = node.get("prompt"), node.get("file"), node.get("model")
    one = "a cue" if what == "music" else "an effect"
    if node.has("prompt") and node.has("file"):
        resolution.tell((file or node).key_mark, f"{one} has `prompt` or `file`, not both", "remove one of them")
    elif not node.has("prompt") and not node.has("file") and not is_spoilt(node):
        resolution.tell(node.mark, f"the {what} has no sound", "give it `model` and `prompt`, or a `file`")
    for key in _PROMPTED_ONLY:
        if file is not None and prompt is None and (stray := node.get(key)) is not None:
            sentence = f"`{key}` is for {one} with a `prompt`, and this is a `file`"
            resolution.tell(stray.key_mark, sentence, "remove it")
    if prompt is not None and not folded(str(prompt.value)):
        resolution.tell(prompt.mark, f"the {what}'s prompt is empty")
    seed = node.get("seed")
    return Music(
        prompt=folded(str(prompt.value)) if prompt else "",
        models=names(model) if model else (),
        needs=needs(model) if model else (),
        max_usd_per_s=amount(model.get("max_usd_per_s")) if model else None,
        options=mapping(node.get("options")),
        seed=int(number(seed)) if seed else 0,
        file=resolution.path(file) if file else None,
        in_s=_length(node, "in_s"),
        gain_db=_length(node, "gain_db"),
        fade_in_s=_length(node, "fade_in_s"),
        fade_out_s=amount(node.get("fade_out_s")),
        duck_db=_length(node, "duck_db"),
        duration_s=amount(node.get("duration_s")),
        marks={"": node.mark, **{key: child.mark for key, child in node.entries().items()}},
    )


def _length(node: Node, key: str) -> Fraction:
    return amount(node.get(key)) or Fraction(0)
