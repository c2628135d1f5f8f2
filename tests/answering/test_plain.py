"""No text leads anywhere once it is plain: what two Markdown readers and the finders of bare addresses make of it."""

import re

import markdown
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from markdown_it import MarkdownIt

from appliance.answering.plain import PATH, plainly

READERS = [MarkdownIt("commonmark"), MarkdownIt("js-default", {"html": True})]
LEADING = {"link_open", "image", "html_inline", "html_block"}
BARE = re.compile(
    r"\b(?:https?|ftp|file)\\*:\\*//|(?:mailto|xmpp):[\w.+-]+@[\w-]+\.\w|(?<![\w])www\.\w|[\w.+-]+@[\w-]+\.\w|(?<![\w/])//[\w.-]+\.\w"
    r"|(?<![\w.@/-])[a-z][a-z0-9-]*\.(?:com|org|net)\b",
    re.IGNORECASE,
)
"""What GitHub's, remark's and linkify-it's finders look for in the text that Markdown leaves over."""

LINKS = [
    ("See [the form](https://intranet.example/forms/12).", "See [the form] (`intranet.example/forms/12`)."),
    ("![chart](http://far.example/c.png?told=A7)", "![chart] (`far.example/c.png…`)"),
    ("[the rota][r] [r]: https://far.example", "[the rota] [r] [r] : `far.example`"),
    ("<https://far.example/?q=name>", "‹`far.example/…`›"),
    (
        "<img src=//far.example/p.gif> and <a href='x'>this</a>",
        "‹img src=`far.example/p.gif`› and ‹a href='x'›this‹/a›",
    ),
    ("Go to www.far.example/a?b=c, please.", "Go to `www.far.example/a…`, please."),
    ("Write to ward.b3@aldermoor.example.", "Write to `ward.b3@aldermoor.example`."),
    ("mailto:x@far.example?body=secret", "`x@far.example`"),
    ("https://intranet.example@far.example:8443/p", "`far.example:8443/p`"),
    ("ht\u200btps://far.example and h&#116;tps&colon;//far.example", "`far.example` and `far.example`"),
    ("https\\://far.example \\`www\\.far.example\\`", "`far.example` \\'`www.far.example`'"),
    (
        "[x](javascript:alert(1)) [y](data:text/html;base64,AA)",
        "[x] (javascript:alert(1)) [y] (data:text/html;base64,AA)",
    ),
    ("`https://far.example/?q=1` is code", "`far.example/…` is code"),
    (f"https://far.example/{'a' * 99}", f"`far.example/{'a' * PATH}…`"),
    ("fire\U000e0068\U000e0069 exit\ufe01", "fire exit"),
]

ORDINARY = [
    "The dose is < 5 mg/kg, i.e. 2.5 mg, at 13:00 (p.m.), and > 3 °C is too warm.",
    "Bei Temperaturen > 8 °C bzw. < 2 °C wird z.B. die Charge A/17-2 gesperrt; vgl. Nr. 4.",
    "R&D pays €1,500.00; see “Fire safety” [annex 2] (page 3) and C:\\forms\\list.",
    "Ward manager | €500 | 2026-03-01",
    "Use *only* two_hands #4, 50 % ~ 1:1 000 & co.",
]


@pytest.mark.parametrize(("text", "told"), LINKS)
def test_links_and_pictures_are_text_with_their_host(text: str, told: str) -> None:
    """Take any line of `plain._prose` away and a row fails."""
    assert plainly(text) == told
    assert not leading(told)


@pytest.mark.parametrize("text", ORDINARY)
def test_an_ordinary_sentence_stays_as_it_is(text: str) -> None:
    assert plainly(text) == text


def leading(text: str) -> list[str]:
    """What of `text` one of the readers would make into something to follow or to fetch."""
    found = []
    for reader in READERS:
        for block in reader.parse(text):
            parts = [block, *(block.children or ())]
            found += [part.type for part in parts if part.type in LEADING]
            between = "\n".join(part.content for part in parts if part.type in {"text", "text_special"})
            found += BARE.findall(between)
    written = markdown.markdown(text, extensions=["extra"])
    return found + re.findall(r"<(?:a|img|iframe|script)\b", written)


SCRAPS = [
    "https://far.example/?q=1", "http://", "//far.example/x", "www.", "far.com", "a@b.org", "mailto:a@b.org?body=x",
    "javascript:alert(1)", "data:image/png;base64,AA", "[", "]", "(", ")", "![", "](", "][", "]:", "[1]", "[1]: ",
    "<", ">", "<img src=x>", "<a href='//far.com'>", "</a>", "<!--", "-->", "<iframe", "`", "``", "```", "\\", "~~~",
    "&#104;", "&lt;", "&amp;", "&lsqb;", "&#x5b;", "&Tab;", "\u200b", "\u2060", "\u00ad", "\ufe0f", "\n", "\n\n", " ",
    "    ", "|", "*", "_", "$", "https:", "h", "ttps://far.org", "far", ".", "org", "/", ":", "@", "?", "\x1b]8;;", "x",
]  # fmt: skip
hostile = st.lists(st.sampled_from(SCRAPS) | st.text(max_size=4), max_size=14).map("".join)


@given(text=hostile)
@settings(max_examples=400, deadline=None)
@example("` https://far.com")
@example("\\https://far.com and https://far.org")
@example("`x`https://far.com`https://far.org")
def test_no_reader_finds_anything_to_follow(text: str) -> None:
    """Guards every line of `plain._prose`."""
    assert not leading(plainly(text)), plainly(text)


@given(sentences=st.lists(hostile, min_size=2, max_size=4))
@settings(max_examples=200, deadline=None)
def test_nor_where_sentences_stand_beside_one_another(sentences: list[str]) -> None:
    """An answer is its sentences with their marks: what one begins another cannot end."""
    assert not leading(" ".join(f"{plainly(one)} [{number}]" for number, one in enumerate(sentences, start=1)))


@given(text=hostile)
@settings(max_examples=200, deadline=None)
@example("`https://far.com/a`https://far.com/a")
@example("http://https://far.example/?q=1")
def test_it_is_one_line_without_anything_unseen_and_stays_so(text: str) -> None:
    """Guards the space between two backquotes in `plainly`, and `_SCHEME` in `_place`. Kept answers are told again."""
    told = plainly(text)
    assert len(told.splitlines()) <= 1
    assert all(character.isprintable() for character in told)
    assert told.count("`") % 2 == 0
    assert plainly(told) == told
