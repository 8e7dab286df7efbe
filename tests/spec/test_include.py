"""Includes: merged below the project, spread in `shots`, never in circles, never outside."""

from __future__ import annotations

HEAD = "vidbuild: 1\nmodel: kling-3\n"


def test_included_files_merge_below_the_project(desk) -> None:
    """Mappings merge deeply, all else is replaced; later files win over earlier, the project over all."""
    desk.write("a.yaml", "vars: {one: a, two: a, three: a}\nfps: 30\nnegative: [fog, rain]\n")
    desk.write("b.yaml", "vars: {two: b, three: b}\n")
    text = (
        HEAD
        + """
include: [a.yaml, b.yaml]
vars: {three: c}
negative: [text]
shots: [{prompt: "{{ one }}{{ two }}{{ three }}"}]
"""
    )
    project = desk.project(text)
    assert project.shots[0].source.words == "abc"
    assert project.shots[0].source.negative == ("text",)
    assert project.fps == 30


def test_shots_may_come_from_files(desk) -> None:
    """A file holds one shot, one group, or a list; it is spread in its place, and inherits."""
    desk.write("one.yaml", "{id: one, prompt: x}\n")
    desk.write("list.yaml", "- {id: two, prompt: x}\n- {include: more/group.yaml}\n")
    desk.write("more/group.yaml", "id: g\nshots: [{id: three, file: ../a.mp4}, {include: ../one.yaml}]\n")
    desk.write("a.mp4")
    text = HEAD + "shots:\n  - seed: 7\n    shots: [{include: list.yaml}]\n"
    loaded = desk.load(text)
    assert [shot.id for shot in loaded.project.shots] == ["two", "three", "one"]
    assert [shot.groups for shot in loaded.project.shots] == [(), ("g",), ("g",)]
    assert loaded.project.shots[0].source.seed == 7
    assert loaded.project.shots[1].source.file == "a.mp4"
    assert [path.as_posix() for path in loaded.read] == [
        "project.yaml",
        "list.yaml",
        "more/group.yaml",
        "one.yaml",
    ]


def test_paths_are_relative_to_the_file_that_states_them(desk) -> None:
    """And come out relative to the project file's folder, from wherever it was called."""
    (desk.folder / ".git").mkdir()
    desk.write("films/brand/brand.yaml", "audio: {music: {file: m.wav}}\nstyle: {template: s.j2}\n")
    desk.write("films/brand/m.wav")
    desk.write("films/brand/s.j2", "styled")
    desk.write("shared/clip.mp4")
    text = HEAD + "include: [brand/brand.yaml]\nshots: [{file: ../shared/clip.mp4}, {prompt: x}]\n"
    project = desk.load(text, "films/project.yaml").project
    assert project.music[0].file == "brand/m.wav"
    assert project.shots[0].source.file == "../shared/clip.mp4"
    assert project.shots[1].source.prompt == "styled x"


def test_mistakes_in_included_files_are_told_there(desk) -> None:
    """With the name that the file has from the project's folder."""
    desk.write("films/scenes/a.yaml", "- {id: a, promt: x}\n")
    told = desk.mistakes(HEAD + "shots: [{include: scenes/a.yaml}]\n", "films/project.yaml")
    assert told.startswith("scenes/a.yaml:1:11: `promt` is not a key of a shot\n   1 | - {id: a, promt: x}\n")


def test_an_included_file_twice_is_two_copies(desk) -> None:
    """What is told of one is not lost on the other."""
    desk.write("s.yaml", "prompt: x\n")
    project = desk.project(HEAD + "shots: [{include: s.yaml}, {include: s.yaml}]\n")
    assert [shot.id for shot in project.shots] == ["shot_01", "shot_02"]


def test_circles_and_floods_of_includes_end(desk) -> None:
    """By name, by depth, by number."""
    desk.write("a.yaml", "- {include: b.yaml}\n")
    desk.write("b.yaml", "- {include: a.yaml}\n")
    assert desk.sentences(HEAD + "shots: [{include: a.yaml}]\n") == [
        "1:13 files include each other: a.yaml -> b.yaml -> a.yaml"
    ]
    for number in range(30):
        desk.write(f"c{number}.yaml", f"- {{include: c{number + 1}.yaml}}\n")
    assert desk.sentences(HEAD + "shots: [{include: c0.yaml}]\n") == ["1:13 files include each other more than 16 deep"]
    for number in range(10):
        desk.write(f"d{number}.yaml", f"- {{include: d{number + 1}.yaml}}\n" * 10)
    desk.write("d10.yaml", "- {prompt: x}\n")
    assert "a project includes at most 500 files" in desk.mistakes(HEAD + "shots: [{include: d0.yaml}]\n")


def test_an_include_must_fit_where_it_stands(desk) -> None:
    """A list can't be merged, and an entry that includes says nothing else."""
    desk.write("list.yaml", "- {prompt: x}\n")
    assert desk.sentences(HEAD + "include: [list.yaml]\nshots: [{include: list.yaml, seed: 1}]\n") == [
        "3:11 `list.yaml` must hold a mapping of the project's keys, to be merged",
        "4:30 `seed` is not a key of an entry that includes a file",
    ]
