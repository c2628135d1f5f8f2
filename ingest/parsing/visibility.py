"""What a browser does not show of a page: text that people cannot see must not speak to the model. Pure.

Styles in the page and on its elements count, without an order of precedence: what any rule hides is dropped.
"""

import re
from dataclasses import dataclass
from typing import Final

from lxml import html as markup

_TAGS: Final = frozenset(
    {"script", "style", "template", "noscript", "iframe", "object", "svg", "canvas", "textarea", "select"}
)
_RULE = re.compile(r"([^{};]{1,500})\{([^{}]{0,2000})\}")
_COMMENT = re.compile(r"/\*.*?\*/", re.DOTALL)
_COMPOUND = re.compile(r"(?:[a-z][\w-]*|\*)?(?:[.#][\w-]+)*", re.IGNORECASE)
_NUMBER = re.compile(r"-?\d*\.?\d+")
_RGB = re.compile(r"rgba?\(\s*(\d+)[\s,]+(\d+)[\s,]+(\d+)(?:[\s,/]+([\d.]+%?))?\s*\)")
_NAMED: Final = {"white": "ffffff", "black": "000000", "snow": "fffafa", "ivory": "fffff0", "red": "ff0000"}
_TRANSPARENT, _UNKNOWN, _WHITE, _BLACK = "transparent", "unknown", "ffffff", "000000"
_OUTSIDE: Final = ("left", "top", "right", "bottom", "text-indent", "margin-left", "margin-top")

Style = dict[str, str]


@dataclass(frozen=True, slots=True)
class _Rule:
    """One selector, its compounds from the innermost outwards with what stands before each, and its declarations."""

    steps: tuple[tuple[str, str], ...]
    style: Style


def drop_invisible(tree: markup.HtmlElement) -> None:
    """Remove hidden elements from `tree`, and the text that has the colour of its background."""
    rules = _rules("\n".join(tree.xpath("//style/text()")))
    colours: dict[markup.HtmlElement, tuple[str, str]] = {}
    for element in list(tree.iter()):
        if not isinstance(element.tag, str):
            continue
        style = _style(element, rules)
        above = element.getparent()
        if above is not None and (element.tag in _TAGS or _marked(element) or _hides(style)):
            element.drop_tree()
            continue
        colours[element] = _colours(style, colours.get(above, (_BLACK, _WHITE)))
        ink, paper = colours[element]
        if ink in (paper, _TRANSPARENT):
            element.text = None
            for child in element:
                child.tail = None


def _marked(element: markup.HtmlElement) -> bool:
    return element.get("hidden") is not None or element.get("type", "").lower() == "hidden"


def _style(element: markup.HtmlElement, rules: list[_Rule]) -> Style:
    """All that is declared for `element`, in the order of precedence that pages mostly mean: attribute, rule, style."""
    style: Style = {}
    for attribute, name in (("bgcolor", "background-color"), ("color", "color")):
        if element.get(attribute):
            style[name] = element.get(attribute).lower()
    for rule in rules:
        if _matches(element, rule.steps):
            style |= rule.style
    return style | _declared(element.get("style", ""))


def _hides(style: Style) -> bool:
    """Whether declarations take an element out of sight."""
    if style.get("display") == "none" or style.get("visibility") in {"hidden", "collapse"}:
        return True
    if _below(style, "opacity", 0.05) or _tiny(style.get("font-size", "")) or "scale(0)" in style.get("transform", ""):
        return True
    if any(_below(style, side, -99) for side in _OUTSIDE):
        return True
    clipped = "hidden" in style.get("overflow", "") or "clip" in style.get("overflow", "")
    if clipped and any(_tiny(style.get(f"{most}{side}", "")) for most in ("", "max-") for side in ("height", "width")):
        return True
    clip = re.sub(r"[\s,]|px", "", style.get("clip", "") + style.get("clip-path", ""))
    return bool(re.match(r"rect\([01]{4}\)|inset\((?:50|100)%|circle\(0", clip))


def _tiny(length: str) -> bool:
    found = re.fullmatch(r"(\d*\.?\d+)(px|pt|em|rem|%|vh|vw)?", length)
    return found is not None and float(found[1]) <= (1 if found[2] in {"px", "pt"} else 0.05)


def _below(style: Style, name: str, limit: float) -> bool:
    number = _NUMBER.match(style.get(name, ""))
    return number is not None and float(number[0]) <= limit


# --- Colours ----------------------------------------------------------------------------------------------------------


def _colours(style: Style, above: tuple[str, str]) -> tuple[str, str]:
    """The colours of ink and paper of an element with `style` inside one with those `above`."""
    ink, paper = above
    if style.get("color", "inherit") != "inherit":
        ink = _colour(style["color"])
    for name in ("background", "background-color"):
        words = re.sub(r"\s*,\s*", ",", style.get(name, ""))
        if "url(" in words or "gradient(" in words:
            paper = _UNKNOWN + "-paper"
        elif found := next((colour for word in re.split(r"\s(?![^(]*\))", words) if (colour := _colour(word))), None):
            paper = paper if found in {_TRANSPARENT, _UNKNOWN} else found
    return ink, paper


def _colour(word: str) -> str:
    """Six hexadecimal digits, or that it is transparent, or that we do not know it."""
    word = word.strip()
    if re.fullmatch(r"#[0-9a-f]{3}|#[0-9a-f]{6}", word):
        return "".join(digit * 2 for digit in word[1:]) if len(word) == 4 else word[1:]
    if rgb := _RGB.fullmatch(word):
        clear = rgb[4] is not None and float(rgb[4].rstrip("%")) == 0
        return _TRANSPARENT if clear else "".join(f"{min(int(part), 255):02x}" for part in rgb.groups()[:3])
    return _TRANSPARENT if word == "transparent" else _NAMED.get(word, _UNKNOWN)


# --- Rules ------------------------------------------------------------------------------------------------------------


def _declared(body: str) -> Style:
    parts = (part.partition(":") for part in _COMMENT.sub(" ", body).lower().split(";"))
    return {name.strip(): value.replace("!important", "").strip() for name, _, value in parts if value.strip()}


def _rules(source: str) -> list[_Rule]:
    found = []
    for selectors, body in _RULE.findall(_COMMENT.sub(" ", source)):
        style = _declared(body)
        for selector in selectors.split(","):
            steps = _steps(selector)
            if steps and style:
                found.append(_Rule(steps, style))
    return found


def _steps(selector: str) -> tuple[tuple[str, str], ...]:
    """The compounds from right to left, each with the combinator on its left; () where we do not understand one."""
    words = re.sub(r"\s*([>+~])\s*", r" \1 ", selector).split()
    steps: list[tuple[str, str]] = []
    before = " "
    for word in words:
        if word in {">", "+", "~"}:
            before = word
        elif _COMPOUND.fullmatch(word):
            steps.append((before, word))
            before = " "
        else:
            return ()
    return tuple(reversed(steps))


def _matches(element: markup.HtmlElement, steps: tuple[tuple[str, str], ...]) -> bool:
    (before, compound), *rest = steps
    if not _is(element, compound):
        return False
    if not rest:
        return True
    others = {
        " ": element.iterancestors(),
        ">": element.iterancestors(),
        "+": element.itersiblings(preceding=True),
        "~": element.itersiblings(preceding=True),
    }[before]
    for other in others:
        if isinstance(other.tag, str) and _matches(other, tuple(rest)):
            return True
        if before in {">", "+"}:
            return False
    return False


def _is(element: markup.HtmlElement, compound: str) -> bool:
    tag, *names = re.split(r"(?=[.#])", compound)
    if tag not in {"", "*"} and tag.lower() != element.tag:
        return False
    classes = element.get("class", "").split()
    return all(name[1:] in classes if name[0] == "." else name[1:] == element.get("id") for name in names)
