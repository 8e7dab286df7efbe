"""Templates: values keep their types, filters change their form, and what has no value is left out."""

from __future__ import annotations

import io
from decimal import Decimal
from fractions import Fraction
from typing import Any

import pytest
from PIL import Image

from vidbuild.wire.forms import Form, named_options, plain, text
from vidbuild.wire.multipart import multipart
from vidbuild.wire.values import Media

PNG = Media(b"png", "image/png")
VALUES = {
    "prompt": "a $5 note",
    "seconds": Fraction(11, 2),
    "whole": Fraction(6),
    "silent": True,
    "aspect": "16:9",
    "options": {"size": "big", "steps": Decimal("0.5"), "extra": [1, 2]},
    "init": PNG,
    "references": [PNG, Media(b"other", "image/jpeg")],
    "none": None,
    "nothing": "",
    "app": "owner/app/sub/path",
    "questions": "is it?\n\nare they?",
}


@pytest.mark.parametrize(
    ("template", "filled"),
    [
        ("$prompt", "a $5 note"),
        ("prompt", "prompt"),
        ("$$prompt", "$prompt"),
        ("$5 and up", "$5 and up"),
        (7, 7),
        (True, True),
        ("$seconds", Fraction(11, 2)),
        ("$seconds|int", 6),
        ("$whole|int|text", "6"),
        ("$whole|int|suffix(s)", "6s"),
        ("$prompt|prefix(held:)", "held:a $5 note"),
        ("$seconds|times(1000)", 5500),
        ("$whole|plus(1)", 7),
        ("$seconds|number", 5.5),
        ("$seconds|number|at_most(4)", 4),
        ("$seconds|number|at_least(8)", 8),
        ("$silent|not", False),
        ("$silent|on_off", "on"),
        ("$aspect|upper", "16:9"),
        ("$options.size", "big"),
        ("$options.size|lower|or(small)", "big"),
        ("$options.other", None),
        ("$init|media_type", "image/png"),
        ("$references|media_type", ["image/png", "image/jpeg"]),
        ("$references|member(1)|media_type", "image/jpeg"),
        ("$references|member(2)|base64", None),
        ("$options.other|or(720p)", "720p"),
        ("$options.other|or(true)", True),
        ("$options.other|or(3)", 3),
        ("$none", None),
        ("$none|int|text", None),
        ("$nothing", None),
        ("", None),
        ("$prompt.deeper", None),
        ("$app|segments(2)", "owner/app"),
        ("$questions|numbered", "1. is it?\n2. are they?"),
        ("$init|base64", "cG5n"),
        ("$init|data_uri", "data:image/png;base64,cG5n"),
        ("$references|data_uri", ["data:image/png;base64,cG5n", "data:image/jpeg;base64,b3RoZXI="]),
        ({"a": "$none", "b": {"c": "$none"}, "d": "$whole|int"}, {"d": 6}),
        ({"a": "$none"}, None),
        ([{"uri": "$aspect", "at": "first"}, {"uri": "$none", "at": "last"}], [{"uri": "16:9", "at": "first"}]),
        ([{"uri": "$none"}], None),
        ({"...": "$options", "n": 1}, {"size": "big", "steps": Decimal("0.5"), "extra": [1, 2], "n": 1}),
        ({"of": "$aspect", "map": {"16:9": "wide"}}, "wide"),
        ({"of": ["$aspect", "$none", "$options.size"], "map": {"16:9 big": {"w": "$whole|int"}}}, {"w": 6}),
        ({"of": "$silent", "map": {"true": "off"}}, "off"),
        ({"of": "$aspect", "map": {"1:1": "square"}}, None),
        ({"of": "$aspect", "map": {"1:1": "square"}, "else": "$aspect"}, "16:9"),
        (
            {"each": "$references", "give": {"uri": "$each|base64", "tag": "$tag"}},
            [{"uri": "cG5n", "tag": "ref1"}, {"uri": "b3RoZXI=", "tag": "ref2"}],
        ),
        ({"each": "$none", "give": "$each"}, None),
    ],
)
def test_a_template_is_filled(template: Any, filled: Any) -> None:
    """Each form that a provider's file may write."""
    assert Form(VALUES, {}).filled(template) == filled


def test_a_defined_name_may_build_upon_the_value_of_the_same_name() -> None:
    """And names may build upon each other."""
    form = Form(VALUES, {"aspect": "$aspect|suffix(!)", "ratio": "$aspect|suffix(?)", "endless": "$endless"})
    assert form.filled(["$aspect", "$ratio"]) == ["16:9!", "16:9!?"]
    assert form.filled("$endless") is None


def test_an_option_that_is_named_is_not_spread() -> None:
    """It is where the template has it, and nowhere else."""
    body = {"big": "$options.size", "...": "$options"}
    form = Form(VALUES, {}, named_options(body, {"other": ["$options.steps|text"]}))
    assert form.filled(body) == {"big": "big", "extra": [1, 2]}


@pytest.mark.parametrize(
    ("template", "path"),
    [
        ("/a/{app}", "/a/owner%2Fapp%2Fsub%2Fpath"),
        ("/a/{+app}/b", "/a/owner/app/sub/path/b"),
        ("/{climb}", "/%2E%2E"),
        ("/{+climbs}", "/a/%2E%2E/%2E/b"),
    ],
)
def test_values_in_a_path_stay_in_their_place(template: str, path: str) -> None:
    """No value climbs, and none opens a query."""
    assert Form({**VALUES, "climb": "..", "climbs": "/a/.././b"}, {}).path(template) == path


def test_a_path_needs_its_values() -> None:
    """The name of the missing one is told."""
    with pytest.raises(KeyError, match="none"):
        Form(VALUES, {}).path("/a/{none}")


def test_numbers_are_written_as_json_and_forms_have_them() -> None:
    """Exact ones become whole or floats, truth its word."""
    assert plain({"a": Fraction(1, 2), "b": [Decimal("3.0")], "c": PNG}) == {
        "a": 0.5,
        "b": [3],
        "c": "data:image/png;base64,cG5n",
    }
    assert [text(value) for value in (True, Fraction(6), Decimal("0.25"), "x")] == ["true", "6", "0.25", "x"]


def test_a_form_in_parts_is_the_same_bytes_each_time() -> None:
    """The boundary comes from the content, and is in none of it."""
    fields = {"prompt": 'a "quoted"\r\nline', "seed": 7, "loud": True, "image[]": [PNG, PNG], 'od"d\n': "x"}
    kind, body = multipart(fields)
    assert multipart(fields) == (kind, body)
    boundary = kind.partition("boundary=")[2]
    assert multipart({**fields, "seed": 8})[0] != kind
    parts = body.split(f"--{boundary}".encode())
    assert parts[0] == b""
    assert parts[-1] == b"--\r\n"
    assert parts[1] == b'\r\nContent-Disposition: form-data; name="prompt"\r\n\r\na "quoted"\r\nline\r\n'
    assert parts[4] == (
        b'\r\nContent-Disposition: form-data; name="image[]"; filename="image.png"\r\n'
        b"Content-Type: image/png\r\n\r\npng\r\n"
    )
    assert b'name="od%22d%0A"' in parts[6]


def test_a_list_takes_in_what_another_holds() -> None:
    """Beside members of its own, in its place; nothing where there is none."""
    each = {"each": "$references", "give": {"type": "$each|media_type", "role": "reference"}}
    template = ["$prompt", {"...": each}, {"role": "first", "url": "$init|data_uri"}]
    assert Form(VALUES, {}).filled(template) == [
        "a $5 note",
        {"type": "image/png", "role": "reference"},
        {"type": "image/jpeg", "role": "reference"},
        {"role": "first", "url": "data:image/png;base64,cG5n"},
    ]
    assert Form({**VALUES, "references": None, "init": None}, {}).filled(template) == ["a $5 note"]


def test_a_picture_may_have_to_be_of_the_size_that_is_asked_for() -> None:
    """Scaled to cover it, its middle kept; one that has it already, and what is no picture, stay as they are."""
    wide = Image.new("RGB", (300, 100), "red")
    wide.paste("blue", (100, 0, 200, 100))
    written = io.BytesIO()
    wide.save(written, "PNG")
    made = Form({"init": Media(written.getvalue(), "image/png")}, {}).filled("$init|cover(50x50)")
    with Image.open(io.BytesIO(made.data)) as shown:
        assert shown.size == (50, 50)
        assert shown.convert("RGB").getpixel((25, 25)) == (0, 0, 255)
        assert shown.convert("RGB").getpixel((2, 25))[2] > 200
    assert Form({"init": made}, {}).filled("$init|cover(50x50)") == made
    assert Form(VALUES, {}).filled("$init|cover(50x50)") == PNG
