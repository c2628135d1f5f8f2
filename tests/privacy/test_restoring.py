"""Restoring: what was replaced comes back, however it was written and cut, and nothing else is touched."""

from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from appliance.errors import NotAllowed, VaultClosed
from appliance.privacy.redacting.restoring import Restorer, restore, undone
from appliance.privacy.redacting.vault import Vault
from appliance.privacy.redaction import Redacted, redact
from appliance.records.privacy import Entity, Finding
from tests.privacy.vaulting import TOKENS, House, everywhere


def everybody(_source: str) -> bool:
    return True


def nobody(_source: str) -> bool:
    return False


@pytest.fixture
def house(tmp_path: Path) -> House:
    return House(tmp_path)


@pytest.fixture
def vault(house: House) -> Vault:
    return house.vaults.begin("t1")


def redacted(text: str, words: dict[str, str], vault: Vault, source: str = "question") -> Redacted:
    return redact(text, everywhere(text, words), rules=TOKENS, destination="external", vault=vault, source=source)


def token(text: str, vault: Vault, source: str = "question") -> str:
    return redacted(text, {text: "PERSON"}, vault, source).replacements[0].put


KINDS = sorted(set(Entity) - {Entity.SECRET})
# Alphabets that make trouble: what tokens are made of, what stands at their borders, what patterns are made of.
PIECES = st.one_of(
    st.text(max_size=8),
    st.text("PersonDateK7Q4XM_\\- '’s.*`[](){}^$|?+\u200b說é\u0301\n\x00", max_size=12),
    st.sampled_from(
        [
            "Person_K7Q4XM",
            "person k7q4xm",
            "Mark_K7Q4XM",
            "Date\\_K7Q4XM",
            "[REDACTED_PERSON_1]",
            "'s",
            "Dr. ",
            "Weber, ",
        ]
    ),
)


@st.composite
def found(draw: st.DrawFn) -> tuple[str, list[Finding]]:
    """A text of random pieces, some of which were found private."""
    pieces = draw(st.lists(st.tuples(PIECES, st.sampled_from(["", *KINDS])), max_size=10))
    text, findings = "", []
    for piece, entity in pieces:
        if entity and piece:
            findings.append(Finding(len(text), len(text) + len(piece), entity, 1.0, "random"))
        text += piece
    return text, findings


@given(found())
def test_what_was_redacted_comes_back_in_its_place(
    tmp_path_factory: pytest.TempPathFactory, drawn: tuple[str, list[Finding]]
) -> None:
    vault = House(tmp_path_factory.getbasetemp()).vaults.begin("t1")
    text, findings = drawn
    done = redact(text, findings, rules=TOKENS, destination="external", vault=vault)
    back = undone(done, vault, may_show=everybody)
    assert back.text == text
    assert "".join(back.text[name.start : name.end] for name in back.names) == "".join(
        text[one.start : one.end] for one in done.replacements
    )
    assert undone(done, vault, may_show=nobody).text == done.text


@given(found(), st.data())
def test_restoring_what_was_redacted_gives_what_it_was(
    tmp_path_factory: pytest.TempPathFactory, drawn: tuple[str, list[Finding]], data: st.DataObject
) -> None:
    """At once and in any pieces. Of things with several wordings the fullest comes back: they are left out here."""
    vault = House(tmp_path_factory.getbasetemp()).vaults.begin("t1")
    text, findings = drawn
    done = redact(text, findings, rules=TOKENS, destination="external", vault=vault)
    wordings = {one.put: text[one.start : one.end] for one in done.replacements}
    back = restore(done.text, vault, may_show=everybody)
    if all(wordings[one.put] == text[one.start : one.end] for one in done.replacements):
        assert back.text == text
        assert (back.strange, back.withheld) == (0, 0)
    cuts = sorted(data.draw(st.lists(st.integers(0, len(done.text)), max_size=12)))
    restorer = Restorer(vault.opened(), may_show=everybody)
    pieces = [done.text[a:b] for a, b in zip([0, *cuts], [*cuts, len(done.text)], strict=True)]
    assert "".join([*map(restorer.feed, pieces), restorer.close()]) == back.text
    assert tuple(restorer.names) == back.names


@given(st.text("PersonDateK7Q4XM_\\- 's.*`說é", max_size=60), st.data())
def test_pieces_give_what_the_whole_gives(
    tmp_path_factory: pytest.TempPathFactory, text: str, data: st.DataObject
) -> None:
    """Fails if `unfinished` lets go of the beginning of a token."""
    vault = House(tmp_path_factory.getbasetemp()).vaults.begin("t1")
    word = token("Ada Novak", vault)
    text = text.replace("Person_", word).replace("Date_", word.lower())
    whole = restore(text, vault, may_show=everybody)
    restorer = Restorer(vault.opened(), may_show=everybody)
    cuts = sorted(data.draw(st.lists(st.integers(0, len(text)), max_size=30)))
    pieces = [text[a:b] for a, b in zip([0, *cuts], [*cuts, len(text)], strict=True)]
    assert "".join([*map(restorer.feed, pieces), restorer.close()]) == whole.text
    assert (tuple(restorer.names), restorer.strange) == (whole.names, whole.strange)
    for name in whole.names:
        assert whole.text[name.start : name.end] == "Ada Novak"


WAYS: dict[str, Callable[[str], str]] = {
    "as it is": lambda it: f"{it} came",
    "lower": lambda it: f"{it.lower()} came",
    "upper": lambda it: f"{it.upper()} came",
    "bold": lambda it: f"**{it}** came",
    "italic": lambda it: f"_{it}_ came",
    "code": lambda it: f"`{it}` came",
    "escaped": lambda it: it.replace("_", "\\_") + " came",
    "possessive": lambda it: f"{it}'s bed",
    "curly possessive": lambda it: f"{it}’s bed",
    "genitive": lambda it: f"{it}s Bett",
    "quotes": lambda it: f"„{it}“ came",
    "table": lambda it: f"|{it}|came",
    "list": lambda it: f"- {it}\n- {it}",
    "hyphen": lambda it: it.replace("_", "-") + " came",
    "space": lambda it: it.replace("_", " ") + " came",
    "nothing": lambda it: it.replace("_", "") + " came",
    "chinese": lambda it: f"患者{it}说",
}


@pytest.mark.parametrize("way", WAYS)
def test_what_models_do_to_a_token_is_survived(vault: Vault, way: str) -> None:
    word = token("Ada Novak", vault)
    written = WAYS[way](word)
    shown = WAYS[way]("ADA").replace("\\_", "_").lower().replace("ada", "Ada Novak")
    back = restore(written, vault, may_show=everybody)
    assert back.text.lower() == shown.lower()
    assert "Ada Novak" in back.text
    letters = Restorer(vault.opened(), may_show=everybody)
    assert "".join([*map(letters.feed, written), letters.close()]) == back.text


@pytest.mark.parametrize("change", ["longer", "shorter", "other code", "other kind", "inside", "doubled"])
def test_what_is_no_token_of_this_thread_stays(vault: Vault, change: str) -> None:
    word = token("Ada Novak", vault)
    kind, _, code = word.partition("_")
    other = f"{kind}_{code[:-1]}{'K' if code[-1] != 'K' else 'Q'}"
    written = {
        "longer": f"{word}7",
        "shorter": word[:-1],
        "other code": other,
        "other kind": f"Place_{code}",
        "inside": f"x{word}",
        "doubled": f"{kind}__{code}",
    }[change]
    back = restore(f"So {written} came.", vault, may_show=everybody)
    assert back.text == f"So {written} came."
    assert back.strange == (change in ("other code", "other kind"))
    assert not back.names


def test_another_threads_token_stays_and_is_counted(house: House, vault: Vault) -> None:
    """Fails if `Restorer` looks tokens up anywhere but in its own thread."""
    other = token("Bo Lind", house.vaults.begin("t2"))
    back = restore(f"{other} and {token('Ada Novak', vault)}.", vault, may_show=everybody)
    assert back.text == f"{other} and Ada Novak."
    assert back.strange == 1


def test_a_name_that_looks_like_a_token_is_not_restored_again(vault: Vault) -> None:
    """One pass. Fails if what was put in is looked at again."""
    ada = token("Ada Novak", vault)
    mark = redact(f"{ada}.", [], rules=TOKENS, destination="external", vault=vault).replacements[0].put
    assert restore(f"{mark} is not {ada}", vault, may_show=everybody).text == f"{ada} is not Ada Novak"


@pytest.mark.parametrize("name", ["[REDACTED_PERSON_1]", "\\1", "\\g<0>", "a|b", "(?P<x>", "$&", "^.*$"])
def test_names_are_never_patterns(vault: Vault, name: str) -> None:
    done = redacted(f"So {name} came, R E D A.", {name: "PERSON"}, vault)
    assert restore(done.text, vault, may_show=everybody).text == f"So {name} came, R E D A."


def test_the_fullest_wording_comes_back(vault: Vault) -> None:
    text = "Weber, then WEBER, Anna, then Dr. Anna Weber, then A. Weber."
    words = dict.fromkeys(("Dr. Anna Weber", "WEBER, Anna", "A. Weber", "Weber"), "PERSON")
    done = redacted(text, words, vault)
    assert len({one.put for one in done.replacements}) == 1
    assert restore(done.replacements[0].put, vault, may_show=everybody).text == "Dr. Anna Weber"
    assert undone(done, vault, may_show=everybody).text == text


def test_a_name_is_shown_only_to_who_may_see_where_it_is_from(vault: Vault) -> None:
    """Fails if `_word` does not ask `may_show` of the form that it takes."""
    word = token("Anna Weber", vault, "p1")
    assert token("Weber", vault, "p2") == word
    seen = {sources: restore(f"{word}!", vault, may_show=sources.__contains__) for sources in ("p1", "p2", "p1p2", "")}
    assert {sources: back.text for sources, back in seen.items()} == {
        "p1": "Anna Weber!",
        "p2": "Weber!",
        "p1p2": "Anna Weber!",
        "": f"{word}!",
    }
    assert [back.withheld for back in seen.values()] == [0, 0, 0, 1]
    assert [[name.source for name in back.names] for back in seen.values()] == [["p1"], ["p2"], ["p1"], []]


def test_a_later_reader_is_asked_about_anew(vault: Vault) -> None:
    """Fails if `Restored.shown` shows a name whose source it did not ask about."""
    ada, bo = token("Ada Novak", vault, "p1"), token("Bo Lind", vault, "p2")
    back = restore(f"**{ada}** and {bo}'s dog", vault, may_show=everybody)
    assert back.shown(everybody) == "**Ada Novak** and Bo Lind's dog"
    assert back.shown(nobody) == f"**{ada}** and {bo}'s dog"
    assert back.shown(lambda source: source == "p2") == f"**{ada}** and Bo Lind's dog"


def test_whoever_cannot_say_who_may_see_stops_the_restoring(vault: Vault) -> None:
    def broken(_source: str) -> bool:
        raise NotAllowed("no policy")

    with pytest.raises(NotAllowed):
        restore(token("Ada Novak", vault), vault, may_show=broken)


def test_what_is_certain_goes_out_at_once(vault: Vault) -> None:
    restorer = Restorer(vault.opened(), may_show=everybody)
    word = token("Ada Novak", vault)
    restorer = Restorer(vault.opened(), may_show=everybody)
    assert restorer.feed("The dose is 5 mg, says ") == "The dose is 5 mg, says "
    assert restorer.feed(word[:4]) == ""
    assert restorer.feed(word[4:]) == ""
    assert restorer.feed(", who came.") == "Ada Novak, who came."
    assert restorer.close() == ""
    assert restorer.feed(word) + restorer.close() == "Ada Novak"


def test_what_stood_before_a_cut_still_counts(vault: Vault) -> None:
    """Fails if `_out` keeps nothing of what went out (`self._before`): the end of a longer word would become a name."""
    word = token("Ada Novak", vault)
    restorer = Restorer(vault.opened(), may_show=everybody)
    assert restorer.feed("x") + restorer.feed(word) + restorer.close() == f"x{word}"
    assert restorer.feed("x ") + restorer.feed(word) + restorer.close() == "x Ada Novak"


def test_a_text_is_undone_in_its_own_thread_only(house: House, vault: Vault) -> None:
    """Fails without the look at the thread in `undone`: numbers of another thread would name others."""
    done = redacted("Ada.", {"Ada": "PERSON"}, vault)
    with pytest.raises(NotAllowed):
        undone(done, house.vaults.begin("t2"), may_show=everybody)


def test_what_was_removed_stays_removed(vault: Vault) -> None:
    done = redacted("Ada, password hunter22.", {"Ada": "PERSON", "hunter22": "SECRET"}, vault)
    back = undone(done, vault, may_show=everybody)
    assert back.text == "Ada, password [item removed]."
    assert [name.start for name in back.names] == [0]


def test_after_the_end_nothing_is_restored(house: House, vault: Vault) -> None:
    word = token("Ada Novak", vault)
    house.vaults.end("t1")
    with pytest.raises(VaultClosed):
        restore(word, vault, may_show=everybody)
