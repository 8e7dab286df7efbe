"""Sound effects and music: cues by prompt or file, and where they begin."""

from __future__ import annotations

from fractions import Fraction

from vidbuild.spec.model import Music, When

HEAD = "vidbuild: 1\nmodel: kling-3\n"


def test_effects_are_anchored_where_they_are_written(desk) -> None:
    """On the film, a group or a shot; by prompt or by file."""
    desk.write("bell.wav")
    project = desk.project(
        HEAD
        + """\
sfx: {prompt: wind  howls, seed: 4}
shots:
  - id: bar
    sfx: [{file: bell.wav, at: 1.5, in_s: 0.5, gain_db: -6, fade_in_s: 0.1, fade_out_s: 0.2}]
    shots:
      - id: a
        prompt: x
        sfx:
          - {model: elevenlabs, prompt: a door, duration_s: 2, options: {prompt_influence: 0.5}}
          - {prompt: steps}
"""
    )
    assert project.effects == (
        Music(prompt="wind howls", seed=4, label="sfx film"),
        Music(
            file="bell.wav",
            in_s=Fraction(1, 2),
            gain_db=Fraction(-6),
            fade_in_s=Fraction(1, 10),
            fade_out_s=Fraction(1, 5),
            shot="a",
            at=Fraction(3, 2),
            until="a",
            label="sfx bar",
        ),
        Music(
            prompt="a door",
            models=("elevenlabs",),
            options={"prompt_influence": Fraction(1, 2)},
            shot="a",
            duration_s=Fraction(2),
            until="a",
            label="sfx a",
        ),
        Music(prompt="steps", shot="a", until="a", label="sfx a.2"),
    )


def test_an_effect_may_end_before_it_is_over(desk) -> None:
    """`at: [from, to]`; to the end of what holds it needs no saying."""
    shots = "shots:\n  - {id: a, prompt: x, sfx: [{prompt: y, at: [1, 2]}, {prompt: y, at: [b, end]}]}\n"
    effects = desk.project(HEAD + shots + "  - {id: b, prompt: x}\n").effects
    assert [(each.at, each.end) for each in effects] == [(1, 2), (When(shot="b"), None)]


def test_effects_of_muted_shots_are_silent(desk) -> None:
    """And so is a group of which nothing plays."""
    text = (
        HEAD
        + "shots:\n  - {prompt: x}\n  - sfx: {prompt: y}\n    shots: [{prompt: x, when: false, sfx: {prompt: z}}]\n"
    )
    assert desk.project(text).effects == ()


def test_music_may_be_routed_and_begin_later(desk) -> None:
    """A list, `auto`, needs; `at` in seconds of the film."""
    music = desk.project(
        HEAD + "shots: [{prompt: x}]\naudio: {music: {model: [stable-audio, elevenlabs], prompt: guitar, at: 2.5}}\n"
    ).music
    assert music == (Music(prompt="guitar", models=("stable-audio", "elevenlabs"), at=Fraction(5, 2)),)
    for written in ("", "model: auto, ", "model: [auto], "):
        project = desk.project(HEAD + f"shots: [{{prompt: x}}]\naudio: {{music: {{{written}prompt: guitar}}}}\n")
        assert project.music == (Music(prompt="guitar"),)
    text = HEAD + "shots: [{prompt: x}]\naudio: {music: {model: {needs: [vocals]}, prompt: guitar, gain_db: -2}}\n"
    assert desk.project(text).music == (Music(prompt="guitar", needs=("vocals",), gain_db=Fraction(-2)),)


def test_a_rendered_number_is_a_number_in_a_cue_alone_too(desk) -> None:
    """A cue that is no list is read as one in a list is."""
    text = HEAD + "vars: {g: -3}\nshots: [{prompt: x}]\naudio: {music: {prompt: y, gain_db: '{{ g }}'}}\n"
    assert desk.project(text).music[0].gain_db == -3
