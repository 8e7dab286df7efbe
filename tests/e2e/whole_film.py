"""A film with everything in it, small, and the edits that an author makes to it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from random import Random
from typing import Any

import yaml
from small_projects import add_profile

from vidbuild.testing.studio import Studio

Spec = dict[str, Any]
Edit = Callable[[Spec, Random], None]


def write(studio: Studio, spec: Mapping[str, Any]) -> None:
    """Write the project file."""
    studio.write(studio.file, yaml.safe_dump(dict(spec), sort_keys=False, allow_unicode=True))


def set_up(studio: Studio) -> Spec:
    """Write the film, its profiles and its footage; give it as it is written."""
    add_profile(studio, "wide", 256, 144)
    add_profile(studio, "tall", 144, 256)
    add_profile(studio, "flat", 144, 144)
    studio.film("walk.mp4", 4, size="256x144", tone=330)
    studio.film("talk.mp4", 11, size="192x108", rate=30, tone=550)
    studio.film("bed.mp4", 6, size="64x36", tone=220)
    studio.still("map.png", "0x204060", "400x300")
    studio.still("sign.png", "0xd0d020", "64x32")
    spec = film()
    write(studio, spec)
    return spec


def film() -> Spec:
    """Give the film as it is first written."""
    return {
        "vidbuild": 1,
        "name": "whole",
        "fps": 12,
        "aspect": "16:9",
        "fade_out_s": 0.5,
        "layers": [{"file": "sign.png", "place": "bottom-left", "scale": 0.1, "opacity": 0.9}],
        "audio": {
            "voice": {"model": "local/voice", "id": "en"},
            "music": [
                {"file": "bed.mp4", "duck_db": -9, "at": [0, 4]},
                {"model": "local/bed", "prompt": "slow strings, 80 bpm", "gain_db": -6, "at": 4},
            ],
        },
        "captions": {"preset": "clean", "sidecar": ["srt"]},
        "brand": {"colours": {"ink": "#102040"}, "presets": {"tag": {"like": "lower-third", "size": 0.06}}},
        "shots": [
            {"id": "open", "card": {"title": "Whole", "background": "#203040"}, "duration_s": 1.5, "fade_in_s": 0.25},
            {"id": "walk", "file": "walk.mp4", "duration_s": 2, "say": "Over the <hill>hill.",
             "transition": {"type": "dissolve", "duration_s": 0.5}, "text": [{"text": "A walk", "at": [0.5, 1.5]}],
             "layers": [{"file": "bed.mp4", "place": "top-left", "scale": 0.2, "shape": "circle", "at": [0.25, 1.75],
                         "fade_in_s": 0.25}]},
            {"id": "group", "reframe": "blur", "sfx": [{"model": "local/foley", "prompt": "a door", "at": 0.5}],
             "text": [{"text": "Over two shots", "preset": "tag"}],
             "layers": [{"file": "sign.png", "place": "top-right", "scale": 0.15, "fade_in_s": 0.25}],
             "shots": [
                {"id": "made", "prompt": "hills at dawn, pan right", "model": "local/animatic", "duration_s": 1.5},
                {"id": "map", "file": "map.png", "duration_s": 1, "transition": "wipe-left", "motion": "push-in"}]},
            {"id": "talk", "file": "talk.mp4", "duration_s": 10.5, "sound": {"gain_db": -3}, "fade_in_s": 0.25,
             "layers": [{"blur": [0.1, 0.1, 0.2, 0.2]}, {"box": [0.5, 0.5, 0.3, 0.3], "at": [1, 3]}],
             "say": [{"text": "It goes on and on.", "at": 1}, {"text": "And ends here.", "at": 8.5}]},
        ],
        "outputs": [
            {"platform": "wide", "captions": "burn"},
            {"platform": "tall", "reframe": {"mode": "crop", "focus": [0.3, 0.5]}},
            {"platform": "flat", "reframe": "pad", "fps": 10, "captions": "burn"},
            {"platform": "flat", "name": "short", "shots": ["open", "talk", {"id": "made", "duration_s": 1}]},
        ],
    }  # fmt: skip


def shots_of(spec: Spec) -> list[Spec]:
    """List the shots that play, in groups too."""
    found = []
    for entry in spec["shots"]:
        found += entry.get("shots", [entry])
    return found


def _cue(spec: Spec, chance: Random) -> None:
    chance.choice(spec["audio"]["music"])["gain_db"] = chance.randint(-12, -2)


def _ducking(spec: Spec, chance: Random) -> None:
    spec["audio"]["music"][0]["duck_db"] = chance.randint(-18, -3)


def _line(spec: Spec, chance: Random) -> None:
    shots_of(spec)[1]["say"] = chance.choice(["Over the <hill>field.", "Under the <hill>bridge.", "Up <hill>there."])


def _late_line(spec: Spec, chance: Random) -> None:
    shots_of(spec)[-1]["say"][1]["at"] = chance.choice([6, 7.5, 8.25, 8.5])


def _caption_look(spec: Spec, chance: Random) -> None:
    spec["captions"]["preset"] = chance.choice(["clean", "boxed", "karaoke", "pop"])


def _text(spec: Spec, chance: Random) -> None:
    shots_of(spec)[1]["text"][0]["text"] = chance.choice(["A walk", "A run", "Zu Fuß", "{\\b1}100 % ]"])


def _text_time(spec: Spec, chance: Random) -> None:
    shots_of(spec)[1]["text"][0]["at"] = chance.choice([[0, 1], [0.25, 1.75], ["hill", "end"], [1, 1.5]])


def _transition(spec: Spec, chance: Random) -> None:
    kind = chance.choice(["dissolve", "push-up", "slide-left", "fade-to-black", "fade-to-white"])
    shots_of(spec)[1]["transition"] = {"type": kind, "duration_s": chance.choice([0.25, 0.5, 0.75])}


def _cut(spec: Spec, chance: Random) -> None:
    shot = shots_of(spec)[-1]
    shot.pop("fade_in_s", None)
    if shot.pop("transition", None) is None:
        shot["transition"] = {"type": "dissolve", "duration_s": 0.25}


def _length(spec: Spec, chance: Random) -> None:
    shots_of(spec)[chance.choice([1, 2, 3])]["duration_s"] = chance.choice([1.75, 2, 2.25])


def _long_length(spec: Spec, chance: Random) -> None:
    shots_of(spec)[-1]["duration_s"] = chance.choice([10.25, 10.5, 10.75])


def _in_point(spec: Spec, chance: Random) -> None:
    shots_of(spec)[1]["in_s"] = chance.choice([0, 0.5, 1, 1.25])


def _prompt(spec: Spec, chance: Random) -> None:
    shots_of(spec)[2]["prompt"] = chance.choice(["hills at dawn, pan right", "the sea at night", "a city street"])


def _reframe(spec: Spec, chance: Random) -> None:
    spec["outputs"][1]["reframe"] = {"mode": "crop", "focus": [chance.choice([0.2, 0.5, 0.8]), 0.5]}


def _group_reframe(spec: Spec, chance: Random) -> None:
    spec["shots"][2]["reframe"] = chance.choice(["blur", "pad", "crop"])


def _fade(spec: Spec, chance: Random) -> None:
    spec["fade_out_s"] = chance.choice([0.25, 0.5, 1])


def _order(spec: Spec, chance: Random) -> None:
    pair = spec["shots"][2]["shots"]
    if "transition" in pair[1]:
        pair[0]["transition"] = pair[1].pop("transition")
        pair.reverse()
    else:
        pair.reverse()
        pair[1]["transition"] = pair[0].pop("transition") if "transition" in pair[0] else "wipe-left"


def _card(spec: Spec, chance: Random) -> None:
    shots_of(spec)[0]["card"]["title"] = chance.choice(["Whole", "Half", "All of it"])


def _own_sound(spec: Spec, chance: Random) -> None:
    shots_of(spec)[-1]["sound"] = chance.choice(["drop", "keep", {"gain_db": -6}])


def _layer(spec: Spec, chance: Random) -> None:
    layer = shots_of(spec)[1]["layers"][0]
    layer.update(chance.choice([{"scale": 0.3}, {"shape": "rounded"}, {"at": [0, 1]}, {"place": [0.5, 0.4]}]))


def _group_layer(spec: Spec, chance: Random) -> None:
    spec["shots"][2]["layers"][0]["fade_in_s"] = chance.choice([0, 0.25, 0.75])


def _mark(spec: Spec, chance: Random) -> None:
    shots_of(spec)[-1]["layers"][1]["at"] = chance.choice([[1, 3], [7, 9], [2, "end"]])


def _film_layer(spec: Spec, chance: Random) -> None:
    spec["layers"][0]["place"] = chance.choice(["left", "top", "bottom", "center"])


def _motion(spec: Spec, chance: Random) -> None:
    shot = chance.choice(shots_of(spec)[1:4])
    shot["motion"] = chance.choice(["pan-left", "pull-out", "none", {"type": "push-in", "focus": [0.2, 0.7]}])


def _speed(spec: Spec, chance: Random) -> None:
    shots_of(spec)[1]["speed"] = chance.choice([0.5, 1, 1.25])


def _short(spec: Spec, chance: Random) -> None:
    spec["outputs"][3]["shots"] = chance.choice(
        [["open", "walk"], ["made", "talk"], ["open", {"id": "talk", "duration_s": 9}]]
    )


EDITS: tuple[Edit, ...] = (
    _cue, _ducking, _line, _late_line, _caption_look, _text, _text_time, _transition, _cut, _length, _long_length,
    _in_point, _prompt, _reframe, _group_reframe, _fade, _order, _card, _own_sound, _layer, _group_layer, _film_layer,
    _mark, _motion, _speed, _short,
)  # fmt: skip
