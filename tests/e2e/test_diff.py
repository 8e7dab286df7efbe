"""`vidbuild diff`: finished files beside each other, by the real command, on files with differences put into them."""

from __future__ import annotations

import json
import re
import subprocess
from pathlib import Path
from typing import Any

import pytest
from one_shot import TINY, write_one_shot
from PIL import Image
from test_documents import mistakes

from vidbuild.testing.shop import Shop
from vidbuild.testing.studio import Studio, run_ffmpeg

X264 = ("-c:v", "libx264", "-preset", "ultrafast", "-qp", "0", "-pix_fmt", "yuv420p")


@pytest.fixture(scope="module")
def studio(tmp_path_factory: pytest.TempPathFactory) -> Studio:
    """A folder with one film, lossless, and films that differ from it in one thing each."""
    studio = Studio(tmp_path_factory.mktemp("diff") / "project")

    def film(name: str, picture: str = "", sound: str = "anull", seconds: float = 2, size: str = "160x90") -> None:
        path = studio.folder / name
        path.parent.mkdir(exist_ok=True)
        inputs = ["-f", "lavfi", "-i", f"testsrc=size={size}:rate=24", "-f", "lavfi", "-i", "sine=440:r=48000"]
        how = [*X264, "-c:a", "pcm_s16le", "-f", "mov"]
        drawn = f"format=yuv420p{picture}"
        run_ffmpeg([*inputs, "-t", str(seconds), "-vf", drawn, "-af", sound, *how, f"file:{path}"])

    film("a.mov")
    film("marked.mov", ",drawbox=x=80:y=45:w=40:h=20:color=red:t=fill:enable='between(n,12,17)'")
    film("longer.mov", seconds=2.5)
    film("quieter.mov", sound="volume=-6dB:enable='gte(t,1)'")
    film("larger.mov", size="320x180")
    run_ffmpeg(["-i", f"file:{studio.folder / 'a.mov'}", "-c", "copy", f"file:{studio.folder / 'copied.mkv'}"])
    run_ffmpeg(["-i", f"file:{studio.folder / 'a.mov'}", "-c:v", "copy", "-an", f"file:{studio.folder / 'mute.mov'}"])
    cut = "select='not(between(n,10,19))',setpts=N/24/TB"
    a, twice = ["-i", f"file:{studio.folder / 'a.mov'}"], ["-itsscale", "2"]
    copies = {
        "slow": [*twice, *a, "-c", "copy"],
        "late": [*a, "-itsoffset", "0.5", *a, "-map", "0:v", "-map", "1:a", "-c", "copy"],
        "thin": [*a, "-c", "copy", "-aspect", "1:1"],
        "full": [*a, "-c", "copy", "-bsf:v", "h264_metadata=video_full_range_flag=1:matrix_coefficients=6"],
    }
    for name, how in copies.items():
        run_ffmpeg([*how, f"file:{studio.folder}/{name}.mov"])
    source = ["-i", f"file:{studio.folder / 'a.mov'}", "-vf", cut, "-an", *X264]
    run_ffmpeg([*source, f"file:{studio.folder / 'cut.mov'}"])
    studio.write("a.srt", "1\n00:00:00,000 --> 00:00:01,000\nFresh\n\n2\n00:00:01,000 --> 00:00:02,000\n<b>daily</b>\n")
    studio.write("b.srt", "1\n00:00:00,000 --> 00:00:01,000\nFresh\n\n2\n00:00:01,000 --> 00:00:02,000\n<b>nightly\n")
    studio.write("notes.txt", "one")
    return studio


def diff(studio: Studio, *words: str, ends: int) -> subprocess.CompletedProcess[str]:
    done = studio.run_bare("diff", *words)
    assert done.returncode == ends, f"exit {done.returncode}\n{done.stdout}{done.stderr}"
    return done


def told(studio: Studio, *words: str, ends: int = 1) -> dict[str, Any]:
    """Compare, and give what the JSON says of the one file; it keeps to its schema."""
    document = json.loads(diff(studio, "--json", *words, ends=ends).stdout)
    assert mistakes("diff", document) == []
    return dict(document["files"][0])


def test_a_mark_in_a_few_pictures_is_found_to_the_picture(studio: Studio) -> None:
    """Which ones, when, where in the picture; the sound is the same."""
    one = told(studio, "a.mov", "marked.mov")
    assert one["pictures"] == [{"was": [12, 18], "now": [12, 18], "seconds": [0.5, 0.75]}]
    assert (one["sounds"], one["was"]["frames"], one["now"]["frames"]) == ([], 48, 48)
    (spot,) = one["spots"]
    left, top, right, bottom = spot["box"]
    assert 0.4 < left <= 0.55 < 0.7 < right < 0.8
    assert 0.4 < top <= 0.55 < 0.65 < bottom < 0.8
    assert spot["most"] > 60
    assert 0.01 < spot["share"] < 0.1


def test_the_same_file_is_the_same(studio: Studio) -> None:
    """So is one of other bytes, with the same pictures and samples; no sheet is drawn."""
    assert diff(studio, "a.mov", "a.mov", ends=0).stdout == "a.mov: the same\n"
    done = diff(studio, "a.mov", "copied.mkv", ends=0)
    assert done.stdout == "copied.mkv: other bytes, and the same in every picture and sample\n"
    assert not (studio.folder / "diff.html").exists()


@pytest.mark.parametrize(
    ("name", "presented"),
    [
        ("slow", ["the same pictures at other times"]),
        ("late", ["its sound 0.500 s later against the picture"]),
        ("thin", ["160x90 -> 90x90"]),
        ("full", ["colour range broadcast -> full", "colour matrix untold -> smpte170m"]),
    ],
)
def test_the_same_pictures_shown_otherwise_differ(studio: Studio, name: str, presented: list[str]) -> None:
    """At other times, in another shape, in other colours; the same sound at other times."""
    one = told(studio, "a.mov", f"{name}.mov", "-o", f"{name}.html")
    assert (one["state"], one["pictures"], one["sounds"], one["presented"]) == ("changed", [], [], presented)


def test_pictures_at_the_end_are_put_in(studio: Studio) -> None:
    """Length, too."""
    one = told(studio, "a.mov", "longer.mov")
    assert one["pictures"] == [{"was": [48, 48], "now": [48, 60], "seconds": [2.0, 2.5]}]
    assert one["sounds"] == [[2.0, 2.5]]
    assert (one["was"]["seconds"], one["now"]["seconds"]) == (2.0, 2.5)


def test_pictures_that_are_left_out_move_the_rest(studio: Studio) -> None:
    """What comes behind them is the same; a sound that is gone is told."""
    one = told(studio, "mute.mov", "cut.mov")
    assert [(row["was"], row["now"]) for row in one["pictures"]] == [([10, 20], [10, 10])]
    done = diff(studio, "a.mov", "cut.mov", "-o", "cut.html", ends=1)
    assert "before 10 (10 left out, 0.42-0.42 s)" in done.stdout
    assert "it has no sound any more" in done.stdout


def test_a_quieter_half_is_found_and_measured(studio: Studio) -> None:
    """By tenths of a second, and in LUFS."""
    one = told(studio, "a.mov", "quieter.mov")
    assert (one["pictures"], one["sounds"]) == ([], [[1.0, 2.0]])
    assert one["was"]["lufs"] - one["now"]["lufs"] == pytest.approx(2.2, abs=1.2)


def test_another_size_is_told(studio: Studio) -> None:
    """Every picture is another one then."""
    done = diff(studio, "a.mov", "larger.mov", "-o", "size.html", ends=1)
    assert "160x90 -> 320x180; 48 of 48 pictures differ: 0-47" in done.stdout


def test_captions_are_compared_cue_by_cue(studio: Studio) -> None:
    """Only what is said otherwise; in the page it is text."""
    one = told(studio, "a.srt", "b.srt", "-o", "captions.html")
    at = "00:00:01,000 --> 00:00:02,000"
    assert one["captions"] == [{"was": f"{at} <b>daily</b>", "now": f"{at} <b>nightly"}]
    page = (studio.folder / "captions.html").read_text()
    assert "&lt;b&gt;nightly" in page
    assert "<b>" not in page


def test_folders_are_compared_file_by_file(studio: Studio, tmp_path: Path) -> None:
    """What both have, what only one has; files that aren't media by their bytes."""
    sides = {"was": ("a.mov", "notes.txt"), "now": ("a.mov", "a.srt", "notes.txt")}
    for side, names in sides.items():
        for name in names:
            studio.write(f"{side}/{name}", (studio.folder / name).read_bytes())
    studio.write("now/notes.txt", "two")
    done = diff(studio, "was", "now", "-o", "folders.html", ends=1)
    assert done.stdout == "a.mov: the same\nnotes.txt: other bytes\na.srt: only there now\n"


def test_the_sheet_needs_no_other_file(studio: Studio) -> None:
    """One page with its pictures in it, and one picture; no script, no address."""
    diff(studio, "a.mov", "marked.mov", "-o", "marked.html", ends=1)
    page = (studio.folder / "marked.html").read_text()
    assert re.findall(r'(?:src|href)="(?!data:)', page) == []
    assert "<script" not in page
    assert page.count('src="data:image/jpeg;base64,') == 3
    assert "6 of 48 pictures differ: 12-17 (0.50-0.75 s)" in page
    with Image.open(studio.folder / "marked.png") as picture:
        assert picture.size == (1008, picture.height)
        reds = picture.crop((670, 0, 1008, picture.height)).get_flattened_data()
    assert sum(red > 200 > 3 * green for red, green, _ in reds) > 200


def test_a_sheet_takes_no_other_files_place(studio: Studio) -> None:
    """It replaces an earlier one, and neither a film nor a picture."""
    studio.write("logo.png", "mine")
    studio.write("page.html", "<p>mine")
    for name, says in (("a.mov", "no name for the sheet"), ("logo.html", "`logo.png`"), ("page.html", "`page.html`")):
        assert says in diff(studio, "a.mov", "longer.mov", "-o", name, ends=2).stderr
    assert (studio.folder / "logo.png").read_text() == "mine"
    for _ in range(2):
        diff(studio, "a.mov", "longer.mov", "-o", "again.html", ends=1)


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (("a.mov", "was"), "one is a file, and the other isn't"),
        (("nothing.mov", "a.mov"), "`nothing.mov` is no file and no folder"),
        (("a.mov",), "project.yaml"),
        (("empty", "empty"), "there is nothing in `empty`"),
    ],
)
def test_trouble_is_no_difference(studio: Studio, words: tuple[str, ...], says: str) -> None:
    """It ends with 2, as diff does."""
    (studio.folder / "empty").mkdir(exist_ok=True)
    (studio.folder / "was").mkdir(exist_ok=True)
    studio.write("was/a.mov", (studio.folder / "a.mov").read_bytes())
    assert says in diff(studio, *words, ends=2).stderr


def test_a_revision_is_made_again_of_what_was_bought(tmp_path: Path) -> None:
    """Against what stands there, against another revision; where its take is gone, that is said and nothing bought."""
    with Shop(tmp_path / "shop", "keyed") as shop:
        write_one_shot(shop, "plain-keyed-video")
        shop.write("platforms/tiny.yaml", TINY)
        shop.write(".gitignore", "build/\n")
        assert shop.build("--yes").status == "built"
        git = ["git", "-c", "user.name=a", "-c", "user.email=a@example.org"]
        for words in (["init", "-q", "."], ["add", "-A"], ["commit", "-q", "-m", "one"]):
            subprocess.run([*git, *words], cwd=shop.folder, check=True, timeout=60)
        shop.edit('"prompt": "a cup is poured"', '"prompt": "a cup is poured", "fade_in_s": 0.5')
        assert shop.build("--locked").status == "built"
        one = told(shop, "HEAD", "--output", "tiny")
        assert (one["name"], one["pictures"][0]["now"][0]) == ("tiny.mp4", 0)
        assert one["spots"][0]["most"] > 16
        assert diff(shop, "HEAD", "HEAD", ends=0).stdout == "tiny.mp4: the same\ntiny.jpg: the same\n"
        paid = shop.submits
        shop.forget()
        (shop.folder / "build").mkdir()
        (shop.folder / "build/tiny.mp4").write_bytes(b"x")
        done = diff(shop, "HEAD", ends=2)
        assert "what HEAD shows was bought, and isn't here" in done.stderr
        assert "Footage of `pour`" in done.stderr
        assert shop.submits == paid
