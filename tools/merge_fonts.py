"""Makes the packaged font family out of open Noto fonts: `python tools/merge_fonts.py SOURCES vidbuild/fonts`.

One family in two weights, so that text of any script stands in one line without a fallback. Each source gives
the characters that none before it has; hints are dropped, everything is scaled to Noto Sans' em and takes its
vertical measures. Needs fontTools (`pip install fonttools==4.68.0`); equal sources give equal bytes. SOURCES holds
the fonts of Debian's `fonts-noto-core` (20201225-1) and of the npm package `@expo-google-fonts/noto-emoji` (0.4.7).
"""

from __future__ import annotations

import sys
from collections.abc import Iterable, Mapping
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from fontTools.merge import Merger
from fontTools.pens.ttGlyphPen import TTGlyphPen
from fontTools.subset import Options, Subsetter
from fontTools.ttLib import TTFont
from fontTools.ttLib.scaleUpem import scale_upem
from fontTools.ttLib.tables.otTables import Ligature

FAMILY = "Vidbuild Sans"
VERSION = "1.000"
WEIGHTS = {"Regular": "400Regular", "Bold": "700Bold"}
TEXT = ("NotoSans", "NotoSansHebrew", "NotoSansArabic", "NotoSansDevanagari", "NotoSansThai")
SYMBOLS = (
    (0x2100, 0x21FF),  # letterlike, numbers, arrows
    (0x2200, 0x22FF),  # mathematics
    (0x2300, 0x23FF),  # technical
    (0x2460, 0x24FF),  # circled
    (0x2500, 0x25FF),  # boxes, blocks, shapes
    (0x2600, 0x27BF),  # symbols, dingbats
    (0x2900, 0x297F),  # more arrows
    (0x2B00, 0x2BFF),  # and shapes
)
INVISIBLE = (0x00AD, 0x034F, 0x061C, 0x180E, *range(0x200B, 0x2010), *range(0x2028, 0x202F), *range(0x2060, 0x2070),
             *range(0xFE00, 0xFE10), 0xFEFF)  # fmt: skip
"""Characters that show nothing by themselves: they have an empty glyph here, lest some other font be asked."""


def main(sources: Path, target: Path) -> None:
    """Merge both weights."""
    found = {path.name: path for path in sorted(sources.rglob("*.ttf"))}
    for weight, emoji in WEIGHTS.items():
        names = [f"{name}-{weight}.ttf" for name in TEXT]
        names += ["NotoSansMath-Regular.ttf", f"NotoSansSymbols-{weight}.ttf", "NotoSansSymbols2-Regular.ttf"]
        names.insert(len(TEXT), f"NotoEmoji_{emoji}.ttf")
        made = merged([found[name] for name in names], weight)
        made.save(target / f"VidbuildSans-{weight}.ttf", reorderTables=True)


def merged(paths: list[Path], weight: str) -> Any:
    """Merge fonts; what an earlier one has, a later one leaves out."""
    taken: set[int] = set()
    keycaps: dict[int, str] = {}
    with TemporaryDirectory() as folder:
        parts = []
        for number, path in enumerate(paths):
            font = TTFont(path)
            wanted = set(font.getBestCmap()) - taken - set(INVISIBLE)
            if any(word in path.name for word in ("Symbols", "Math")):
                wanted = {code for code in wanted if any(first <= code <= last for first, last in SYMBOLS)}
            if "Emoji" in path.name:
                wanted = {code for code in wanted if code > 0xFF}
                keycaps = _keycaps(font)
            taken |= wanted
            _strip(font, wanted | ({0x200D, 0xFE0F} if keycaps and "Emoji" in path.name else set()), keycaps)
            parts.append(Path(folder, f"{number}.ttf"))
            font.save(parts[-1])
        whole = Merger().merge([str(part) for part in parts])
    first = TTFont(paths[0])
    _everywhere(whole)
    _add_keycaps(whole, keycaps)
    _add_invisible(whole)
    _name(whole, weight, [TTFont(path) for path in paths])
    for table, names in (
        ("hhea", ("ascent", "descent", "lineGap")),
        ("OS/2", ("usWinAscent", "usWinDescent", "sTypoAscender", "sTypoDescender", "sTypoLineGap", "fsSelection")),
    ):
        for name in names:
            setattr(whole[table], name, getattr(first[table], name))
    whole["OS/2"].usWeightClass = 700 if weight == "Bold" else 400
    whole["head"].macStyle = 1 if weight == "Bold" else 0
    whole["head"].created = whole["head"].modified = first["head"].modified
    whole.recalcTimestamp = False
    return whole


def _strip(font: Any, wanted: Iterable[int], keycaps: Mapping[int, str]) -> None:
    """Keep these characters with the shaping that they need, at 1000 units an em, without hints."""
    there = set(font.getGlyphOrder())
    options = Options(hinting=False, layout_scripts=["*"], notdef_outline=True, glyph_names=False, drop_tables=[])
    options.layout_features = [*Options._layout_features_default]
    options.drop_tables = ["DSIG", "gasp", "GlyphOrder", "STAT", "vhea", "vmtx", "VORG", "MATH", "kern", "FFTM"]
    subsetter = Subsetter(options)
    subsetter.populate(unicodes=wanted, glyphs=[name for name in keycaps.values() if name in there])
    subsetter.subset(font)
    if font["head"].unitsPerEm != 1000:
        scale_upem(font, 1000)


def _everywhere(font: Any) -> None:
    """Compose emoji (flags, families) in the text of any script: their ligatures stand under no script alone."""
    table = font["GSUB"].table
    scripts = {record.ScriptTag: record.Script for record in table.ScriptList.ScriptRecord}
    features = table.FeatureList.FeatureRecord

    def lookups(system: Any, tag: str) -> list[int]:
        return [
            lookup
            for index in system.FeatureIndex
            if features[index].FeatureTag == tag
            for lookup in features[index].Feature.LookupListIndex
        ]

    common = lookups(scripts["DFLT"].DefaultLangSys, "ccmp")
    for script in scripts.values():
        for system in (script.DefaultLangSys, *(record.LangSys for record in script.LangSysRecord)):
            if system is None:
                continue
            for index in system.FeatureIndex:
                if features[index].FeatureTag == "ccmp":
                    feature = features[index].Feature
                    feature.LookupListIndex = sorted({*feature.LookupListIndex, *common})
                    feature.LookupCount = len(feature.LookupListIndex)
                    break
            else:
                host = next(i for i, record in enumerate(features) if _is_just(record, common))
                system.FeatureIndex = sorted([*system.FeatureIndex, host])
                system.FeatureCount = len(system.FeatureIndex)


def _is_just(record: Any, lookups: list[int]) -> bool:
    return record.FeatureTag == "ccmp" and set(record.Feature.LookupListIndex) >= set(lookups)


def _ligatures(font: Any) -> list[Any]:
    """List a font's ligature tables."""
    tables = [table for lookup in font["GSUB"].table.LookupList.Lookup for table in lookup.SubTable]
    tables = [getattr(table, "ExtSubTable", table) for table in tables]
    return [table for table in tables if table.LookupType == 4]


def _keycaps(font: Any) -> dict[int, str]:
    """Give the glyphs of keycaps by their digit or sign; those stand in another source."""
    known = font.getBestCmap()
    found = {}
    for code in map(ord, "0123456789#*"):
        for table in _ligatures(font):
            for ligature in table.ligatures.get(known.get(code), ()):
                if ligature.Component == [known[0x20E3]]:
                    found[code] = ligature.LigGlyph
    return found


def _add_keycaps(font: Any, keycaps: Mapping[int, str]) -> None:
    """Compose keycaps again, with or without the mark that asks for the emoji form."""
    known = font.getBestCmap()
    table = next(table for table in _ligatures(font) if known[0x1F1E9] in table.ligatures)  # that of flags
    for code, glyph in sorted(keycaps.items()):
        for between in ([], [known[0xFE0F]]):
            ligature = Ligature()
            ligature.Component, ligature.LigGlyph = [*between, known[0x20E3]], glyph
            ligature.CompCount = len(ligature.Component) + 1
            table.ligatures.setdefault(known[code], []).insert(0, ligature)


def _add_invisible(font: Any) -> None:
    """Give characters that show nothing an empty glyph of no width."""
    name = "invisible"
    font.setGlyphOrder([*font.getGlyphOrder(), name])
    font["glyf"][name] = TTGlyphPen(None).glyph()
    font["hmtx"][name] = (0, 0)
    known = font.getBestCmap()
    for table in font["cmap"].tables:
        for code in INVISIBLE:
            if code not in known and (table.format == 12 or code < 0x10000):
                table.cmap[code] = name


def _name(font: Any, weight: str, sources: list[Any]) -> None:
    names = font["name"]
    names.names = []
    told = list(dict.fromkeys(str(source["name"].getDebugName(0)) for source in sources))
    words = {
        0: "; ".join(told), 1: FAMILY, 2: weight, 3: f"{VERSION};{FAMILY.replace(' ', '')}-{weight}",
        4: f"{FAMILY} {weight}", 5: f"Version {VERSION}", 6: f"{FAMILY.replace(' ', '')}-{weight}",
        13: str(sources[0]["name"].getDebugName(13)), 14: "https://openfontlicense.org",
    }  # fmt: skip
    for id, text in words.items():
        names.setName(text, id, 3, 1, 0x409)


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
