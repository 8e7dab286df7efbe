"""The table "What changes what" of the language page, row by row: edit, build, compare what ran with what should have.

Counted exactly are generations (local ones too), `Segment`, `Join` and `Mix`; the rest may run only for shots and
outputs that the row touches.
"""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import pytest
from small_projects import GENERATED, add_profile, set_up

from vidbuild.share import PACKAGE
from vidbuild.testing.studio import Built, Ran, Studio

BOTH = ("wide", "tall")


def footage(*shots: str) -> set[Ran]:
    """Name the takes of some shots."""
    return {Ran("Footage", (shot,), ()) for shot in shots}


def segments(*shots: str, outputs: tuple[str, ...] = BOTH) -> set[Ran]:
    """Name the pieces of some shots, in each of some outputs."""
    return {Ran("Segment", (shot,), (output,)) for shot in shots for output in outputs}


def mix(*outputs: str) -> set[Ran]:
    """Name the one mix that some outputs share; both of them if none is named."""
    return {Ran("Mix", (), outputs or BOTH)}


def joins(*shots: str) -> set[Ran]:
    """Name the window between two shots, in both outputs."""
    return {Ran("Join", shots, (output,)) for output in BOTH}


MUSIC = {Ran("Music", (), ())}
ADDED_SHOT = """\
  - id: pour_again
    duration_s: 0.5
    model: local/animatic
    prompt: steam over a kettle, static
"""


def touches_only(built: Built, shots: set[str], outputs: set[str]) -> bool:
    """Whether what isn't counted ran for these shots and outputs alone."""
    return all(set(row.shots) <= shots and set(row.outputs) <= outputs for row in built.beside)


# Comments, key order, wrapping of a prompt, a shot's id, grouping, notes


def test_nothing_changed_runs_nothing(generated: Studio) -> None:
    """A second build, without any trace of the first, answers everything."""
    assert generated.build().ran() == set()


def test_comments_change_nothing(generated: Studio) -> None:
    """A comment at the top, on a line of its own and behind a value."""
    generated.edit("name: small\n", "# of a café\nname: small  # the small one\n")
    assert generated.build().ran() == set()


def test_key_order_changes_nothing(generated: Studio) -> None:
    """Keys of the project and of a shot in another order."""
    generated.edit("fps: 12\n", "")
    generated.edit("seed: 7\n", "seed: 7\nfps: 12\n")
    generated.edit("  - id: pour\n    duration_s: 0.5\n", "  - duration_s: 0.5\n    id: pour\n")
    assert generated.build().ran() == set()


def test_wrapping_of_a_prompt_changes_nothing(generated: Studio) -> None:
    """The same words over several lines, folded, kept and with more white space."""
    generated.edit(
        "prompt: crema swirling in the cup, pan right",
        "prompt: |\n      crema   swirling\n      in the cup,\n\n      pan right",
    )
    assert generated.build().ran() == set()


def test_a_shots_id_changes_nothing(generated: Studio) -> None:
    """A renamed shot, with the reference to it."""
    generated.edit("id: crema", "id: foam")
    generated.edit("crema.last_frame", "foam.last_frame")
    assert generated.build().ran() == set()


def test_grouping_changes_nothing(generated: Studio) -> None:
    """Two shots in a group that says what they said."""
    head, tail = GENERATED.split("  - id: pour\n")
    inner, serve = tail.split("  - id: serve\n")
    inner = ("  - id: pour\n" + inner).replace("    model: local/animatic\n", "")
    group = "  - id: bar\n    title: At the bar\n    model: local/animatic\n    shots:\n"
    grouped = head + group + "".join(f"    {line}\n" for line in inner.splitlines()) + "  - id: serve\n" + serve
    generated.write("project.yaml", grouped)
    assert generated.build().ran() == set()


def test_notes_change_nothing(generated: Studio) -> None:
    """A note on a shot, of any YAML."""
    generated.edit("  - id: crema\n", "  - id: crema\n    note: {hero: yes, ask: [Ann, 3]}\n")
    assert generated.build().ran() == set()


# The order of shots


def test_the_order_of_shots_encodes_nothing_where_none_sounds(generated: Studio) -> None:
    """Generated shots are silent: only the copying together is done again."""
    text = (generated.folder / "project.yaml").read_text()
    pour = text[text.index("  - id: pour") : text.index("  - id: crema")]
    generated.write("project.yaml", text.replace(pour, "").replace("audio:\n", pour + "audio:\n"))
    built = generated.build()
    assert built.counted == set()
    assert {row.mnemonic for row in built.beside} <= {"Deliver", "Poster"}


def test_the_order_of_shots_makes_the_mix_again_where_one_sounds(filmed: Studio) -> None:
    """A shot with its own sound moves behind one without."""
    loud, quiet = (
        line for line in (filmed.folder / "project.yaml").read_text().splitlines() if "duration_s: 0.5" in line
    )
    filmed.edit(f"{loud}\n{quiet}\n", f"{quiet}\n{loud}\n")
    assert filmed.build().counted == mix()


# One shot's prompt, negative, seed, model, options


def test_a_shots_prompt_makes_that_shot_again(generated: Studio) -> None:
    """The shot, its pieces in every output; no mix, since it doesn't sound."""
    generated.edit("into a cup, slow push-in", "into a glass, slow push-in")
    built = generated.build()
    assert built.counted == footage("pour") | segments("pour")
    assert touches_only(built, {"pour"}, {"wide", "tall"})


def test_a_shots_prompt_makes_the_shots_that_continue_it_again(generated: Studio) -> None:
    """The frame that `serve` starts from differs, so it is another take."""
    generated.edit("crema swirling", "golden crema turning")
    built = generated.build()
    assert built.counted == footage("crema", "serve") | segments("crema", "serve")
    assert touches_only(built, {"crema", "serve"}, {"wide", "tall"})


def test_a_shots_negative_makes_that_shot_again(generated: Studio) -> None:
    """A word more; the local engine draws it as before, so what follows from the take stands."""
    generated.edit("  - id: pour\n", "  - id: pour\n    negative: [blur]\n")
    assert generated.build().counted == footage("pour")


def test_a_shots_seed_makes_that_shot_again(generated: Studio) -> None:
    """A seed of its own."""
    generated.edit("  - id: pour\n", "  - id: pour\n    seed: 8\n")
    assert generated.build().counted == footage("pour") | segments("pour")


def test_a_shots_model_makes_nothing_again_in_a_draft(draft: Studio) -> None:
    """A draft asks no vendor, so nothing in it depends on which one is named."""
    draft.edit(
        "  - id: pour\n    duration_s: 0.5\n    model: kling-3\n",
        "  - id: pour\n    duration_s: 0.5\n    model: veo-3.1\n",
    )
    assert draft.build("--draft").ran() == set()


def test_a_shots_options_make_nothing_again_in_a_draft(draft: Studio) -> None:
    """Options are a vendor's, and a draft asks none."""
    draft.edit("  - id: pour\n", "  - id: pour\n    options: {cfg: 0.5}\n")
    assert draft.build("--draft").ran() == set()


def test_a_shot_added_makes_that_shot_and_the_mix(generated: Studio) -> None:
    """The cut is longer: what is new is made, and the sound is as long as the cut."""
    generated.edit("audio:\n", ADDED_SHOT + "audio:\n")
    assert generated.build().counted == footage("pour_again") | segments("pour_again") | mix()


def test_a_shot_muted_makes_the_mix_alone(generated: Studio) -> None:
    """`when: false` takes a shot out of the cut."""
    generated.edit("  - id: pour\n", "  - id: pour\n    when: false\n")
    assert generated.build().counted == mix()


# The style or a variable


def test_the_style_makes_again_what_it_stands_before(generated: Studio) -> None:
    """Every prompt holds the style, and all differ."""
    generated.edit("warm tungsten", "cold neon")
    everything = ("pour", "crema", "serve")
    assert generated.build().counted == footage(*everything) | segments(*everything)


def test_a_style_that_reads_the_same_makes_nothing_again(generated: Studio) -> None:
    """A parameter written out with the value that it has anyway."""
    generated.edit("with: {light: warm tungsten}", "with: {light: warm tungsten, lens: 35mm}")
    assert generated.build().ran() == set()


def test_a_variable_makes_again_what_says_it(generated: Studio) -> None:
    """Only one prompt says `drink`."""
    generated.edit("drink: espresso", "drink: cocoa")
    assert generated.build().counted == footage("pour") | segments("pour")


def test_a_variable_that_nothing_says_makes_nothing_again(generated: Studio) -> None:
    """A new variable, used nowhere."""
    generated.edit("drink: espresso", "drink: espresso, bar: Roma")
    assert generated.build().ran() == set()


# `duration_s`, within what was bought


def test_a_duration_within_what_was_bought_cuts_the_piece_and_mixes(generated: Studio) -> None:
    """The take is long enough: the piece, the mix, no generation."""
    generated.edit("id: pour\n    duration_s: 0.5", "id: pour\n    duration_s: 0.75")
    built = generated.build()
    assert built.counted == segments("pour") | mix()
    assert touches_only(built, {"pour"}, {"wide", "tall"})


def test_a_duration_makes_the_shots_that_continue_its_last_frame_again(generated: Studio) -> None:
    """`serve` starts from the last picture of `crema` as it is cut."""
    generated.edit("id: crema\n    duration_s: 0.5", "id: crema\n    duration_s: 0.75")
    built = generated.build()
    assert built.counted == footage("serve") | segments("crema", "serve") | mix()
    assert touches_only(built, {"crema", "serve"}, {"wide", "tall"})


def test_a_duration_leaves_shots_that_start_from_a_fixed_time_as_they_are(generated: Studio) -> None:
    """`SHOT@0.25` is a time of the take, which trims don't move."""
    generated.edit("crema.last_frame", "crema@0.25")
    generated.build()
    generated.edit("id: crema\n    duration_s: 0.5", "id: crema\n    duration_s: 0.75")
    assert generated.build().counted == segments("crema") | mix()


def test_a_duration_cuts_the_last_piece_alone(filmed: Studio) -> None:
    """A shot of 11 s is two pieces; at 12 s its first one stands."""
    filmed.edit("duration_s: 11", "duration_s: 12")
    built = filmed.build()
    assert built.counted == segments("long") | mix()
    assert sum(row.mnemonic == "Segment" for row in built.listed) == len(BOTH)


# A transition


@pytest.fixture
def dissolving(generated: Studio) -> Studio:
    """The project with a dissolve into its second shot, built."""
    generated.edit("  - id: crema\n", "  - id: crema\n    transition: {type: dissolve, duration_s: 0.25}\n")
    generated.build()
    return generated


def test_a_transition_that_comes_makes_its_window_and_cuts_the_two_pieces(generated: Studio) -> None:
    """No take is made again."""
    generated.edit("  - id: crema\n", "  - id: crema\n    transition: {type: dissolve, duration_s: 0.25}\n")
    built = generated.build()
    assert built.counted == joins("pour", "crema") | segments("pour", "crema") | mix()


def test_a_transitions_kind_makes_its_window_again(dissolving: Studio) -> None:
    """Neither piece beside it, and no sound."""
    dissolving.edit("type: dissolve", "type: wipe-left")
    built = dissolving.build()
    assert built.counted == joins("pour", "crema")
    assert touches_only(built, set(), set(BOTH))


def test_a_fade_between_shots_is_a_dissolve(dissolving: Studio) -> None:
    """Another word for the same."""
    dissolving.edit("type: dissolve", "type: fade")
    assert dissolving.build().counted == set()


def test_a_transitions_length_makes_its_window_and_the_two_pieces_that_it_cuts_into(dissolving: Studio) -> None:
    """The cut is longer then, and so is its mix."""
    dissolving.edit("duration_s: 0.25", "duration_s: 0.167")
    built = dissolving.build()
    assert built.counted == joins("pour", "crema") | segments("pour", "crema") | mix()


def test_a_prompt_makes_the_windows_of_its_shot_again(dissolving: Studio) -> None:
    """And its pieces; the shot beside it is cut as before."""
    dissolving.edit("a barista pours", "a barista brews")
    built = dissolving.build()
    assert built.counted == footage("pour") | segments("pour") | joins("pour", "crema")


# Layers


def test_layers_make_the_pieces_again_that_they_touch(filmed: Studio) -> None:
    """A logo over one shot; its file with other pixels; one more over the first second of the film."""
    filmed.still("logo.png", "red", "20x20")
    filmed.edit("file: quiet.mp4,", "file: quiet.mp4, layers: {file: logo.png, place: top-left},")
    built = filmed.build()
    assert built.counted == segments("quiet")
    assert touches_only(built, {"quiet"}, {"wide", "tall"})
    filmed.still("logo.png", "blue", "20x20")
    assert filmed.build().counted == segments("quiet")
    filmed.edit("audio:\n", "layers: [{box: [0.2, 0.2, 0.5, 0.5], at: [0, 0.5]}]\naudio:\n")
    assert filmed.build().counted == segments("loud")


# A speed


def test_a_speed_makes_its_shot_and_the_mix_again(filmed: Studio) -> None:
    """Picture and own sound; as long as before."""
    filmed.edit("file: loud.mp4, duration_s: 0.5", "file: loud.mp4, duration_s: 0.5, speed: 2")
    built = filmed.build()
    assert built.counted == segments("loud") | mix()
    assert touches_only(built, {"loud"}, set(BOTH))


def test_a_speed_within_what_was_bought_generates_what_continues_the_shot(generated: Studio) -> None:
    """The take is long enough; its last picture as it is cut is another one."""
    generated.edit("  - id: crema\n", "  - id: crema\n    speed: 2\n")
    built = generated.build()
    assert built.counted == footage("serve") | segments("crema", "serve")
    assert touches_only(built, {"crema", "serve"}, set(BOTH))


# A fade


def test_a_shots_fade_makes_the_piece_again_that_it_touches(filmed: Studio) -> None:
    """Of a shot of two pieces the last one; its own sound fades, so the mix is made again."""
    filmed.edit("duration_s: 11}", "duration_s: 11, fade_out_s: 1}")
    built = filmed.build()
    assert built.counted == segments("long") | mix()
    assert sum(row.mnemonic == "Segment" for row in built.listed) == len(BOTH)
    assert touches_only(built, {"long"}, set(BOTH))


def test_a_fade_of_a_silent_shot_makes_its_piece_alone(generated: Studio) -> None:
    """Nothing that continues it, and no sound."""
    generated.edit("  - id: crema\n", "  - id: crema\n    fade_out_s: 0.25\n")
    assert generated.build().counted == segments("crema")


def test_the_films_fade_makes_the_pieces_that_it_touches_and_the_mix(generated: Studio) -> None:
    """All that is heard fades with it."""
    generated.edit("seed: 7\n", "seed: 7\nfade_out_s: 0.25\n")
    assert generated.build().counted == segments("serve") | mix()


# Reframe


def test_a_shots_reframe_makes_its_pieces_again(generated: Studio) -> None:
    """A focus of its own, which wins over each output's."""
    generated.edit("  - id: pour\n", "  - id: pour\n    reframe: {mode: crop, focus: [0.3, 0.5]}\n")
    built = generated.build()
    assert built.counted == segments("pour")
    assert touches_only(built, {"pour"}, {"wide", "tall"})


def test_an_outputs_reframe_makes_its_pieces_again(generated: Studio) -> None:
    """The other output stands."""
    generated.edit("reframe: crop", "reframe: blur")
    built = generated.build()
    assert built.counted == segments("pour", "crema", "serve", outputs=("tall",))
    assert touches_only(built, {"pour"}, {"tall"})


def test_a_default_reframe_written_out_makes_nothing_again(generated: Studio) -> None:
    """`crop` about the middle is the default."""
    generated.edit("  - wide\n", "  - {platform: wide, reframe: {mode: crop, focus: [0.5, 0.5]}}\n")
    assert generated.build().ran() == set()


# Music


def test_music_makes_that_sound_and_the_mix_again(generated: Studio) -> None:
    """Another prompt for the bed."""
    generated.edit("warm guitar, 90 bpm", "warm guitar, 120 bpm")
    built = generated.build()
    assert built.counted == MUSIC | mix()
    assert touches_only(built, set(), {"wide", "tall"})


def test_music_taken_away_makes_the_mix_again(generated: Studio) -> None:
    """A film without music has a mix still."""
    text = (generated.folder / "project.yaml").read_text()
    generated.write("project.yaml", text[: text.index("audio:")] + text[text.index("outputs:") :])
    assert generated.build().counted == mix()


# Gains and fades of sound


@pytest.mark.parametrize(
    ("old", "new"),
    [("fade_out_s: 0.2", "fade_out_s: 0.3"), ("fade_out_s: 0.2", "fade_out_s: 0.2, fade_in_s: 0.1"),
     ("fade_out_s: 0.2", "fade_out_s: 0.2, gain_db: -3"), ("fade_out_s: 0.2", "fade_out_s: 0.2, at: [0.1, 1]")],
    ids=["fade out", "fade in", "gain", "span"],
)  # fmt: skip
def test_gains_and_fades_of_music_make_the_mix_again(generated: Studio, old: str, new: str) -> None:
    """The bed stands."""
    generated.edit(old, new)
    assert generated.build().counted == mix()


def test_ducking_makes_the_mix_again(generated: Studio) -> None:
    """The line and the bed stand; where nobody speaks, nothing is made at all."""
    generated.edit("fade_out_s: 0.2", "fade_out_s: 0.2, duck_db: -9")
    assert generated.build().ran() == set()
    said = "say: {text: Oh, voice: {model: local/voice, id: en}}"
    generated.edit("  - id: pour\n    duration_s: 0.5\n", f"  - id: pour\n    duration_s: 0.75\n    {said}\n")
    generated.build()
    generated.edit("duck_db: -9", "duck_db: -12")
    built = generated.build()
    assert built.counted == mix()
    assert {row.mnemonic for row in built.beside} == {"Deliver"}


def test_a_platforms_loudness_makes_its_mix_again(generated: Studio) -> None:
    """The other platform's stands, and so do all pictures."""
    generated.edit("kbps: 64", "kbps: 64, lufs: -16", "platforms/tall.yaml")
    built = generated.build()
    assert built.counted == mix("tall")
    assert touches_only(built, set(), {"tall"})


def test_a_gain_of_a_shots_sound_makes_the_mix_again(filmed: Studio) -> None:
    """The shot's picture and its sound as PCM stand."""
    filmed.edit("file: loud.mp4, duration_s: 0.5", "file: loud.mp4, duration_s: 0.5, sound: {gain_db: -6}")
    built = filmed.build()
    assert built.counted == mix()
    assert {row.mnemonic for row in built.beside} == {"Deliver"}


# A platform's bitrate


@pytest.mark.parametrize(("old", "new"), [("crf: 30", "crf: 28"), ("ultrafast", "superfast")], ids=["crf", "preset"])
def test_a_platforms_bitrate_makes_its_pieces_again(generated: Studio, old: str, new: str) -> None:
    """The other platform stands."""
    generated.edit(old, new, "platforms/tall.yaml")
    built = generated.build()
    assert built.counted == segments("pour", "crema", "serve", outputs=("tall",))
    assert touches_only(built, {"pour"}, {"tall"})


def test_a_platforms_bitrate_of_sound_makes_its_mix_again(generated: Studio) -> None:
    """Its pictures stand, and so does the other platform."""
    generated.edit("kbps: 64", "kbps: 96", "platforms/tall.yaml")
    built = generated.build()
    assert built.counted == mix("tall")
    assert touches_only(built, set(), {"tall"})


def test_a_platforms_title_and_limit_make_nothing_again(generated: Studio) -> None:
    """What draws nothing differently is in no key."""
    generated.edit("name: tall\n", "name: tall\ntitle: Upright\nmax_s: 60\n", "platforms/tall.yaml")
    assert generated.build().ran() == set()


# An output is added


def test_an_output_that_is_added_makes_what_is_its_own(generated: Studio) -> None:
    """A third, small one: its pieces, and the mix that all share stands."""
    add_profile(generated, "box", 96, 96)
    generated.edit("  - wide\n", "  - wide\n  - box\n")
    built = generated.build()
    assert built.counted == segments("pour", "crema", "serve", outputs=("box",))
    assert touches_only(built, {"pour"}, {"box"})


def test_a_larger_output_that_is_added_makes_what_is_its_own(generated: Studio) -> None:
    """The takes are there already, whatever size the new output has."""
    add_profile(generated, "large", 480, 270)
    generated.edit("  - wide\n", "  - wide\n  - large\n")
    assert generated.build().counted == segments("pour", "crema", "serve", outputs=("large",))


def test_an_output_that_is_taken_away_makes_nothing_again(generated: Studio) -> None:
    """The other is as it was."""
    generated.edit("  - wide\n", "")
    assert generated.build().ran() == set()


@pytest.mark.slow
def test_a_larger_output_that_is_left_out_of_a_build_makes_nothing_again(empty: Studio) -> None:
    """`--output` chooses what is made, not how large the takes are."""
    set_up(empty, GENERATED)
    add_profile(empty, "large", 480, 270)
    empty.edit("  - wide\n", "  - wide\n  - large\n")
    empty.build()
    assert empty.build("--output", "tall").ran() == set()


# A price, a threshold, a vendor's address or route, the number of jobs; vidbuild itself


def test_the_number_of_jobs_changes_nothing(generated: Studio) -> None:
    """One at a time, or eight."""
    assert (generated.build("--jobs", "1").ran(), generated.build("--jobs", "8").ran()) == (set(), set())


def test_vidbuild_itself_changes_nothing_that_is_drawn_as_before(generated: Studio, tmp_path: Path) -> None:
    """Another copy of vidbuild, one of its modules with a comment more."""
    source = tmp_path / "source"
    for name in ("vidbuild", "schemas", "templates"):
        shutil.copytree(PACKAGE.parent / name, source / name, ignore=shutil.ignore_patterns("__pycache__"))
    with open(source / "vidbuild" / "plan" / "planner.py", "a") as stream:
        stream.write("# a comment more\n")
    generated.environ["PYTHONPATH"] = str(source)
    assert generated.build().ran() == set()


# Early cutoff


def test_a_touched_file_changes_nothing(filmed: Studio) -> None:
    """A new time on an own file, the same bytes."""
    os.utime(filmed.folder / "loud.mp4")
    assert filmed.build().ran() == set()


def test_a_file_saved_again_with_equal_bytes_changes_nothing(filmed: Studio) -> None:
    """Another inode, the same bytes."""
    data = (filmed.folder / "loud.mp4").read_bytes()
    (filmed.folder / "loud.mp4").unlink()
    filmed.write("loud.mp4", data)
    assert filmed.build().ran() == set()


def test_a_renamed_file_changes_nothing(filmed: Studio) -> None:
    """A file's name is in no key."""
    os.rename(filmed.folder / "loud.mp4", filmed.folder / "noisy.mp4")
    filmed.edit("loud.mp4", "noisy.mp4")
    assert filmed.build().ran() == set()


def test_a_file_with_other_bytes_and_equal_pictures_stops_at_its_piece(filmed: Studio) -> None:
    """An empty box behind the film: the piece is encoded again, comes out equal, and nothing follows from it."""
    with open(filmed.folder / "quiet.mp4", "ab") as stream:
        stream.write(b"\x00\x00\x00\x08free")
    assert filmed.build().ran() == segments("quiet")


def test_a_picture_saved_again_with_equal_pixels_makes_no_take_again(generated: Studio) -> None:
    """The take that starts from it is bound to the pixels, not to the file."""
    still = generated.still("start.png")
    generated.edit("crema.last_frame", "start.png")
    generated.build()
    data = still.read_bytes()
    note = b"\x00\x00\x00\x05tEXta\x00bcd"
    generated.write("start.png", data[:33] + note + _crc(note[4:]) + data[33:])
    assert generated.build().ran() == {Ran("Frame", ("serve",), ())}


def test_an_own_file_replaced_makes_its_pieces_and_the_mix_again(filmed: Studio) -> None:
    """Other pictures and another tone under the same name."""
    filmed.film("loud.mp4", 1, size="176x144", tone=660)
    built = filmed.build()
    assert built.counted == segments("loud") | mix()
    assert touches_only(built, {"loud"}, {"wide", "tall"})


def _crc(data: bytes) -> bytes:
    import zlib

    return zlib.crc32(data).to_bytes(4, "big")
