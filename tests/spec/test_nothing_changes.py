"""Edits that say nothing new change no value that an ask is made of."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from vidbuild.spec.model import CastPicture, FrameOf, MomentOf, Picture, Project, Prompted, Still

TEXT = """\
vidbuild: 1
model: kling-3
negative: text
cast:
  anna: {description: tall Anna, image: {prompt: "portrait of {{ description }}"}, voice: {model: elevenlabs, id: A}}
shots:
  - id: a
    prompt: "{{ cast.anna }} waits, in the rain"
    say: {by: anna, text: hello}
    sfx: {prompt: rain on tin}
  - {id: b, prompt: y, init_image: a.last_frame, cast: [anna], end_image: {prompt: a door, cast: [anna]}}
"""
EDITS = {
    "comments": lambda text: text.replace("\n", "  # a comment\n"),
    "a wrapped prompt": lambda text: text.replace("waits, in the rain", "waits,\n      in   the rain"),
    "a wrapped negative": lambda text: text.replace("negative: text", "negative: ['  text ']"),
    "a wrapped description": lambda text: text.replace("tall Anna,", "'tall\n    Anna ',"),
    "a shot's id": lambda text: text.replace("id: a\n", "id: first\n").replace("a.last_frame", "first.last_frame"),
    "a member's name": lambda text: text.replace("anna", "bella"),
    "a note": lambda text: text.replace("id: b,", "id: b, note: {who: [me]}, title: B,"),
    "a group": lambda text: text.replace("shots:\n", "shots:\n- id: g\n  note: x\n  shots:\n"),
    "the order of shots": lambda text: (lambda head, a, b: f"{head}shots:\n  - {{id: b{b}  - id: a{a}")(*_parts(text)),
    "a profile": lambda text: f"{text}profiles: {{preview: {{model: hailuo-3, seed: 4}}}}\n",
    "takes": lambda text: text.replace("id: b,", "id: b, takes: 3, take: 2, reshoots: 4,"),
    "a mark": lambda text: text.replace("text: hello", "text: <m> hello"),
    "a budget and a judge": lambda text: f"{text}budget: {{max_usd: 3}}\njudge: {{questions: ok}}\n",
    "where a sound lies": lambda text: text.replace("rain on tin", "rain on tin, at: 1, gain_db: -3"),
}


def _parts(text: str) -> tuple[str, str, str]:
    head, rest = text.split("shots:\n  - id: a")
    a, b = rest.split("  - {id: b")
    return head, a, b


def asked(project: Project) -> set[str]:
    """Give what would be asked for, without names and places."""
    return {repr(each) for each in _asked(project)}


def _asked(project: Project) -> Iterator[object]:
    shots = {shot.id: shot.source for shot in project.shots}

    def picture(found: Picture | None) -> object:
        if isinstance(found, Still):
            cast = [picture(CastPicture(name)) for name in found.cast]
            return (found.prompt, found.models, found.needs, dict(found.options), found.negative, found.seed, cast)
        if isinstance(found, CastPicture):
            return [picture(image) for image in project.cast[found.member].images]
        if isinstance(found, FrameOf | MomentOf):
            return ("of", source(shots[found.shot]))
        return found

    def source(each: object) -> object:
        assert isinstance(each, Prompted)
        cast = [picture(CastPicture(name)) for name in each.references]
        words = (each.prompt, each.negative, each.models, each.needs, dict(each.options), each.seed)
        return (*words, picture(each.init), picture(each.end), cast)

    yield from map(source, shots.values())
    for line in project.lines:
        yield (line.text, line.voice, line.seed)
    for effect in project.effects:
        yield (effect.prompt, effect.models, dict(effect.options), effect.seed, effect.duration_s)


@pytest.mark.parametrize("edit", EDITS)
def test_nothing_else_is_asked_for(desk, edit: str) -> None:
    """Ids, names, order, wrapping, notes, groups, places in time, takes."""
    text = EDITS[edit](TEXT)
    assert text != TEXT
    assert asked(desk.project(text)) == asked(desk.project(TEXT))
