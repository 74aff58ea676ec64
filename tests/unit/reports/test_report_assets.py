"""The page's script and styles: how modules are joined, what they must not do, and whether their colours can be read."""

from __future__ import annotations

import re
from importlib import resources

import pytest

from chaoskit.core.errors import InternalError
from chaoskit.reports.bundle import ENTRIES, bundle, joined

ASSETS = {entry.name: entry.read_text("utf-8") for entry in resources.files("chaoskit.reports").joinpath("assets").iterdir()}
BANNED = {
    r"\.(?:inner|outer)HTML|insertAdjacentHTML|document\.write|DOMParser|createContextualFragment": "use dom.js: text stays text",
    r"\beval\(|new Function\b|setTimeout\(\s*[\"'`]": "code in strings is blocked by the page's policy",
    r"\bfetch\(|XMLHttpRequest|WebSocket|EventSource|sendBeacon|\bimport\(": "a report asks for nothing",
    r"setAttribute\(\s*[\"'](?:style|on)": "set properties of `style` instead; inline styles are blocked",
    r"localStorage|sessionStorage|document\.cookie": "a report leaves nothing behind",
    r"\bDate\b": "a report knows no wall clock",
}
READABLE = 4.5
PAIRS = [
    *((ink, ground) for ink in ("ink", "soft", "accent") for ground in ("page", "surface", "raised")),
    ("ink", "mark-surface"), ("ink", "chosen-surface"), ("soft", "mark-surface"), ("alarm", "surface"), ("alarm", "mark-surface"),
    ("warn-ink", "warn-surface"), ("on-badge", "valid"), ("on-badge", "invalid"), ("on-badge", "unknown"),
    *(("on-bar", kind) for kind in ("ok", "info", "fail")),
    *((f"{kind}-ink", f"{kind}-surface") for kind in ("ok", "info", "fail")),
    ("info-ink", "surface"), ("accent", "chosen-surface"),
    *(("on-fault", f"fault-{kind}") for kind in ("partition", "kill", "pause", "packet", "clock", "disk", "other")),
]  # fmt: skip


def test_modules_are_joined_in_the_order_of_their_imports() -> None:
    """Each in a scope of its own, exports handed on, an import used twice joined once."""
    script = joined(
        {
            "main": 'import { b } from "./b.js";\nimport {\n  a,\n} from "./a.js";\nconst hidden = a + b;\n',
            "b": 'import { a } from "./a.js";\nexport const b = a;\nconst hidden = 1;\n',
            "a": "export function a() {}\nexport async function c() {}\n",
        },
        "main",
    )
    assert re.findall(r"const module_(\w+) =", script) == ["a", "b", "main"]
    assert "return { a, c };" in script
    assert "const {\n  a,\n} = module_a;" in script
    assert "import" not in script
    assert "export" not in script


@pytest.mark.parametrize(
    ("modules", "message"),
    [
        ({"main": "export default 1;\n"}, "expected only named imports and exports but got 'export default 1;' in main.js."),
        ({"main": 'import x from "./x.js";\n'}, "expected only named imports and exports but got"),
        ({"main": 'import { x } from "./x.js";\n'}, "expected modules that import one another in a tree but got main → x."),
        (
            {"main": 'import { a } from "./a.js";\n', "a": 'import { b } from "./main.js";\n'},
            "expected modules that import one another in a tree but got main → a → main.",
        ),
    ],
)
def test_a_module_that_cannot_be_joined_is_refused(modules: dict[str, str], message: str) -> None:
    """Other forms of import and export, a missing module, a circle."""
    with pytest.raises(InternalError, match=re.escape(message)):
        joined(modules, "main")


@pytest.mark.parametrize("name", sorted(name for name in ASSETS if name.endswith(".js")))
def test_no_module_parses_text_as_markup_or_reaches_outside(name: str) -> None:
    """What a model wrote stays text, and the report asks for nothing; the message names the cure."""
    for pattern, cure in BANNED.items():
        found = re.search(pattern, re.sub(r"^\s*(?://|\*|/\*\*).*$", "", ASSETS[name], flags=re.MULTILINE))
        assert found is None, f"{found} is banned in {name}: {cure}"


def test_every_asset_is_in_a_page() -> None:
    """No module is left out of all the scripts, no style out of the style, and no page has too much of either."""
    bundles = [bundle(entry) for entry in ENTRIES]
    for name, text in ASSETS.items():
        first = text.splitlines()[0]
        assert any(first in (each.script if name.endswith(".js") else each.style) for each in bundles), name
    assert all(len((each.script + each.style).encode()) < 150_000 for each in bundles)


@pytest.mark.parametrize("theme", [0, 1], ids=["light", "dark"])
@pytest.mark.parametrize(("ink", "ground"), PAIRS, ids="/".join)
def test_text_can_be_read_on_its_ground(ink: str, ground: str, theme: int) -> None:
    """A contrast of at least 4.5:1 for every pair of text and ground, in light and dark."""
    assert contrast(colour(ink, theme), colour(ground, theme)) >= READABLE


def colour(name: str, theme: int) -> str:
    """The colour with this name in the theme."""
    value = re.search(rf"--{name}: (?:light-dark\((#\w+), (#\w+)\)|(#\w+));", ASSETS["theme.css"])
    assert value is not None, name
    return value[3] or value[theme + 1]


def contrast(one: str, other: str) -> float:
    """The contrast ratio of WCAG 2."""
    light, dark = sorted((luminance(one), luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


def luminance(value: str) -> float:
    """The relative luminance of a colour written as #rrggbb."""
    channels = [int(value[place : place + 2], 16) / 255 for place in (1, 3, 5)]
    linear = [channel / 12.92 if channel <= 0.04045 else ((channel + 0.055) / 1.055) ** 2.4 for channel in channels]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]
