"""Small projects that build in seconds, and how they are set up in a studio."""

from __future__ import annotations

from vidbuild.testing.studio import Studio

GENERATED = """\
vidbuild: 1
name: small
fps: 12
aspect: "16:9"
seed: 7
vars: {drink: espresso}
style:
  template: cinematic
  with: {light: warm tungsten}
negative: [text]
shots:
  - id: pour
    duration_s: 0.5
    model: local/animatic
    prompt: a barista pours {{ drink }} into a cup, slow push-in
  - id: crema
    duration_s: 0.5
    model: local/animatic
    prompt: crema swirling in the cup, pan right
  - id: serve
    duration_s: 0.5
    model: local/animatic
    prompt: she slides the cup across the counter, slow pull-out
    init_image: crema.last_frame
audio:
  music: {model: local/bed, prompt: "warm guitar, 90 bpm", fade_out_s: 0.2}
outputs:
  - wide
  - {platform: tall, reframe: crop}
"""
"""Three generated shots, one that continues another, music, two outputs; nothing needs a key."""

FILMED = """\
vidbuild: 1
name: filmed
fps: 12
aspect: "16:9"
shots:
  - {id: loud, file: loud.mp4, duration_s: 0.5}
  - {id: quiet, file: quiet.mp4, duration_s: 0.5, sound: drop}
  - {id: long, file: long.mp4, duration_s: 11}
audio:
  music: {model: local/bed, prompt: "slow strings", gain_db: -6}
outputs: [wide, tall]
"""
"""Own footage: with sound, with its sound dropped, and one shot of two pieces."""

PROFILE = """\
name: {name}
size: [{width}, {height}]
video: {{preset: ultrafast, crf: 30}}
audio: {{kbps: 64}}
"""


def add_profile(studio: Studio, name: str, width: int, height: int) -> None:
    """Write a small platform profile."""
    studio.write(f"platforms/{name}.yaml", PROFILE.format(name=name, width=width, height=height))


def set_up(studio: Studio, text: str) -> Studio:
    """Write a project with its profiles."""
    studio.write(studio.file, text)
    add_profile(studio, "wide", 160, 90)
    add_profile(studio, "tall", 90, 160)
    return studio


def set_up_filmed(studio: Studio) -> Studio:
    """Write the project of own footage."""
    set_up(studio, FILMED)
    studio.film("loud.mp4", 1, tone=440)
    studio.film("quiet.mp4", 1, tone=880)
    studio.film("long.mp4", 12.5, tone=220)
    return studio


def set_up_draft(studio: Studio) -> Studio:
    """Write the project of generated shots with vendors' models, which only a draft can make."""
    return set_up(studio, GENERATED.replace("local/animatic", "kling-3").replace("local/bed", "stable-audio-2"))
