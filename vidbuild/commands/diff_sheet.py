"""The sheet of a comparison: one HTML page that needs no other file, and one picture.

Whatever is written in names and captions is text in it. It knows what was found, and finds nothing.
"""

from __future__ import annotations

import base64
import io
from collections.abc import Iterator, Sequence
from fractions import Fraction
from html import escape
from pathlib import Path

from PIL import Image

from vidbuild.commands.diff_words import Compared, level, sentences
from vidbuild.runners import sheets
from vidbuild.runners.comparing import Facts, Spot
from vidbuild.words.errors import clean

MARK = "<!-- vidbuild diff -->"
"""By which an earlier sheet is known, which a new one replaces."""
_LABELS = ("length", "pictures", "size", "loudness", "true peak", "bytes")
MOST_MARKS = 400
"""Stretches that a file's line of time shows."""
MOST_ROWS = 60
"""Rows of pictures in the one picture: it is looked at whole."""
_STYLE = """
:root { color-scheme: light dark; --ink: #1b1d20; --faint: #666c75; --ground: #fbfaf8; --card: #fff; --line: #dddad4;
  --mark: #d6402b; --sound: #2f6db3; }
@media (prefers-color-scheme: dark) { :root { --ink: #f2f0ea; --faint: #9aa0a8; --ground: #15171a; --card: #1e2125;
  --line: #33373d; --mark: #ff6a52; --sound: #6aa8ee; } }
* { box-sizing: border-box; }
body { margin: 0 auto; padding: 2rem 1.25rem 4rem; max-width: 70rem; background: var(--ground); color: var(--ink);
  font: 16px/1.5 system-ui, sans-serif; overflow-wrap: anywhere; }
h1 { font-size: 1.5rem; margin: 0 0 .25rem; } h2 { font-size: 1.15rem; margin: 0 0 .5rem; }
p { margin: 0 0 .75rem; } .faint { color: var(--faint); }
section { background: var(--card); border: 1px solid var(--line); border-radius: .5rem; padding: 1rem 1.25rem;
  margin: 1.25rem 0; }
table { border-collapse: collapse; margin: 0 0 1rem; font-variant-numeric: tabular-nums; }
th, td { text-align: left; padding: .15rem 1.25rem .15rem 0; vertical-align: top; font-weight: normal; }
thead th, tbody th { color: var(--faint); } td.otherwise { color: var(--mark); }
.time { position: relative; height: .8rem; background: var(--line); border-radius: .2rem; margin: .15rem 0 .35rem;
  overflow: hidden; }
.time i { position: absolute; top: 0; bottom: 0; min-width: 2px; background: var(--mark); }
.time.sound i { background: var(--sound); }
.spot { display: grid; grid-template-columns: repeat(3, minmax(0, 1fr)); gap: .5rem; margin: .75rem 0 0; }
.spot > p { grid-column: 1 / -1; margin: 0; }
figure { margin: 0; } figcaption { color: var(--faint); font-size: .85rem; }
img { display: block; max-width: 100%; height: auto; border-radius: .2rem; }
.none { aspect-ratio: 16 / 9; border: 1px dashed var(--line); border-radius: .2rem; }
ul { margin: 0; padding-left: 1.1rem; } del { color: var(--mark); } ins { color: var(--sound); text-decoration: none; }
"""


def page(found: Sequence[Compared], was: str, now: str) -> str:
    """Write the page."""
    return "\n".join(_page(found, was, now)) + "\n"


def _page(found: Sequence[Compared], was: str, now: str) -> Iterator[str]:
    yield f"<!doctype html>{MARK}"
    yield '<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width">'
    yield f"<title>{_text(was)} -&gt; {_text(now)}</title><style>{_STYLE}</style></head><body>"
    yield f"<h1>{_text(was)} &rarr; {_text(now)}</h1>"
    yield f'<p class="faint">{_counted(found)}</p>'
    for one in found:
        if one.state == "changed":
            yield from _section(one)
    rest = [one for one in found if one.state != "changed"]
    if rest:
        yield "<section><h2>Other files</h2><ul>"
        yield from (f"<li>{_text(one.name)}: {_text('; '.join(sentences(one)))}</li>" for one in rest)
        yield "</ul></section>"
    yield "</body></html>"


def _counted(found: Sequence[Compared]) -> str:
    states = [one.state for one in found]
    counts = ((states.count(state), state) for state in ("changed", "added", "removed", "same"))
    return ", ".join(f"{count} {state}" for count, state in counts if count)


def _section(one: Compared) -> Iterator[str]:
    assert one.beside is not None
    beside = one.beside
    yield f"<section><h2>{_text(one.name)}</h2><p>{_text('; '.join(sentences(one)))}</p>"
    yield from _facts(beside.was, beside.now)
    length = beside.now.seconds
    for kind, label, spans in (
        ("", "pictures that differ", beside.times),
        ("sound", "sound that differs", beside.sounds),
    ):
        if spans and length:
            yield f'<div class="faint">{label}, over {float(length):.2f} s</div>'
            yield f'<div class="time {kind}">{"".join(_mark(*span, length) for span in spans[:MOST_MARKS])}</div>'
    if len(beside.spots) < len(beside.pictures):
        yield f'<p class="faint">the first {len(beside.spots)} of {len(beside.pictures)} stretches are shown</p>'
    for spot in beside.spots:
        yield f'<div class="spot"><p>{_text(_where(spot))}</p>'
        figures = ((spot.was, "was"), (spot.now, "now"), (spot.difference, "difference"))
        yield from (_figure(data, label) for data, label in figures)
        yield "</div>"
    if beside.captions:
        yield "<ul>"
        yield from (f"<li><del>{_text(was)}</del> <ins>{_text(now)}</ins></li>" for was, now in beside.captions)
        yield "</ul>"
    yield "</section>"


def _facts(was: Facts, now: Facts) -> Iterator[str]:
    if was.probe is None or now.probe is None:
        return
    yield "<table><thead><tr><th></th><th>was</th><th>now</th></tr></thead><tbody>"
    for label, before, after in zip(_LABELS, _told(was), _told(now), strict=True):
        if not before and not after:
            continue
        otherwise = ' class="otherwise"' if before != after else ""
        yield f"<tr><th>{label}</th><td>{before}</td><td{otherwise}>{after}</td></tr>"
    yield "</tbody></table>"


def _told(facts: Facts) -> tuple[str, ...]:
    probe = facts.probe
    assert probe is not None
    size = f"{probe.width}x{probe.height}" if probe.width else ""
    rate = f"{facts.frames}, {float(probe.rate):g} a second" if probe.rate else ""
    levels = (level(facts.lufs, "LUFS"), level(facts.peak_db, "dBTP")) if probe.has_sound else ("", "")
    length = f"{float(facts.seconds):.2f} s" if probe.kind != "still" else ""
    return length, rate, size, *levels, f"{facts.bytes:,}"


def _mark(start: Fraction, end: Fraction, length: Fraction) -> str:
    left, width = (float(min(part / length, Fraction(1))) * 100 for part in (start, end - start))
    return f'<i style="left:{left:.3f}%;width:{width:.3f}%"></i>'


def _figure(data: bytes | None, label: str) -> str:
    if data is None:
        return f'<figure><div class="none"></div><figcaption>{label}: none</figcaption></figure>'
    source = base64.b64encode(data).decode()
    return f'<figure><img alt="{label}" src="data:image/jpeg;base64,{source}"><figcaption>{label}</figcaption></figure>'


def _where(spot: Spot) -> str:
    """Say which pictures these are, and how much of them differs."""
    if spot.frame is None or spot.now_frame is None:
        return f"picture {spot.now_frame}, put in" if spot.frame is None else f"picture {spot.frame}, left out"
    moved = "" if spot.frame == spot.now_frame else f", which was {spot.frame}"
    if spot.share is None:
        return f"picture {spot.now_frame}{moved}"
    differs = f"picture {spot.now_frame}{moved}: {spot.share * 100:.2g} % of it differs"
    if spot.box is None:
        return f"{differs}, by {spot.most} of 255 levels at most"
    left, top, right, bottom = (round(edge * 100) for edge in spot.box)
    return f"{differs}, clearly within {left}-{right} % across and {top}-{bottom} % down"


def _text(text: str) -> str:
    return escape(clean(text), quote=True)


def picture(found: Sequence[Compared], names: tuple[str, str], out: Path) -> None:
    """Draw the one picture: what was, what is, and the difference, in rows."""
    rows = [sheets.Row(f"{names[0]} -> {names[1]}: {_counted(found)}", mark="heading")]
    for one in found:
        if one.state == "same" or len(rows) > MOST_ROWS:
            continue
        rows.append(sheets.Row(f"{one.name}: {'; '.join(sentences(one))}", mark="heading"))
        for spot in one.beside.spots if one.beside else ():
            pictures = [_opened(data) for data in (spot.was, spot.now, spot.difference)]
            rows.append(sheets.Row(_where(spot), pictures))
    sheets.board(rows[: MOST_ROWS + 1], out, 3)


def _opened(data: bytes | None) -> Image.Image | None:
    return Image.open(io.BytesIO(data)) if data is not None else None
