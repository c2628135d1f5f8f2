"""Search: nothing without a scope, and every document decided again by its record."""

from collections.abc import Callable, Collection, Mapping, Sequence
from datetime import date

import pytest

from appliance.access.scope import Scope
from appliance.errors import RegistryUnavailable
from appliance.records import Access, Document, Level, Passage
from appliance.retrieval.index import Index
from appliance.retrieval.points import content
from appliance.retrieval.search import Evidence, Search, evidence
from tests.contracts.hashing_embedder import HashingEmbedder
from tests.retrieval.conftest import access, passage, reader
from tests.rules import rules

VERSION = passage("a#0").version


class Register:
    """The registry's records, in a dictionary."""

    def __init__(self, held: Mapping[str, Access]) -> None:
        self.held = dict(held)
        self.asked: list[Collection[str]] = []
        self.versions: dict[str, str] = {}

    def __call__(self, documents: Collection[str]) -> Mapping[str, Document]:
        self.asked.append(documents)
        return {
            name: Document(name, f"{name}.md", self.versions.get(name, VERSION), name, "", "en", 1, self.held[name])
            for name in documents
            if name in self.held
        }


@pytest.fixture
def register() -> Register:
    return Register({name: access() for name in ("a", "b", "c")})


@pytest.fixture
def search(index: Index, embedder: HashingEmbedder, register: Register) -> Search:
    passages = [
        passage(f"{name}#{n}", f"wash hands, step {n} of guide {name}") for name in ("a", "b", "c") for n in range(3)
    ]
    index.put(passages, embedder.embed([content(one) for one in passages]))
    return Search(index, embedder, register, rules=rules())


def documents(found: list[Passage]) -> set[str]:
    return {one.document for one in found}


def test_what_may_be_read_is_found(search: Search, register: Register) -> None:
    found = search.find("wash hands", reader(), limit=9)
    assert documents(found) == {"a", "b", "c"}
    assert [one.score for one in found] == sorted((one.score for one in found), reverse=True)
    assert register.asked == [{"a", "b", "c"}]


@pytest.mark.parametrize(
    "now",
    [access(readers=("hr",)), access(tenant="other"), access(level=Level.RESTRICTED), None],
    ids=["group", "tenant", "level", "gone"],
)
def test_a_document_is_decided_again_by_its_record(search: Search, register: Register, now: Access | None) -> None:
    """Guards `rules.readable` in `Search._decided_again`: the index still says that everybody may read `b`."""
    register.held = {name: held for name, held in register.held.items() if name != "b"} | (
        {} if now is None else {"b": now}
    )
    assert documents(search.find("wash hands", reader(), limit=9)) == {"a", "c"}


@pytest.mark.parametrize(
    "now", [access(readers=("hr",)), access(level=Level.RESTRICTED), None], ids=["group", "level", "gone"]
)
def test_what_was_found_is_decided_once_more(search: Search, register: Register, now: Access | None) -> None:
    """Guards both lines of `Search.standing`."""
    found = search.find("wash hands", reader(), limit=9)
    assert search.standing(found, reader()) == found
    assert search.standing([], reader()) == []
    without = [one for one in found if one.document != "b"]
    register.versions["b"], version = "another version", register.versions.get("b")
    assert search.standing(found, reader()) == without != found
    register.versions.pop("b") if version is None else register.versions.update(b=version)
    assert search.standing(found, reader()) == found
    register.held = {name: held for name, held in register.held.items() if name != "b"} | ({"b": now} if now else {})
    assert search.standing(found, reader()) == without


def test_a_text_that_is_not_the_registered_version_is_not_shown(search: Search, register: Register) -> None:
    """Guards `== hit.version` in `Search.find`: `b` was put into the index, and the run died before it registered."""
    register.versions["b"] = "another version"
    assert documents(search.find("wash hands", reader(), limit=9)) == {"a", "c"}


def test_a_refused_document_costs_no_place(search: Search, register: Register) -> None:
    del register.held["b"]
    assert len(search.find("wash hands", reader(), limit=6)) == 6


def test_an_empty_registry_admits_nothing(search: Search, register: Register) -> None:
    register.held.clear()
    assert search.find("wash hands", reader(), limit=9) == []


def test_a_wider_record_opens_nothing_that_the_scope_closes(search: Search, register: Register) -> None:
    register.held = {name: access(readers=("nursing", "hr")) for name in register.held}
    assert search.find("wash hands", reader("hr"), limit=9) == []


def test_a_scope_is_required(search: Search) -> None:
    with pytest.raises(TypeError, match="scope"):
        search.find("wash hands", limit=3)  # type: ignore[call-arg]  # that it fails is the test


CUT = "until the wound is clean and the doctor on duty was told about it"


@pytest.fixture
def neighbours(index: Index, embedder: HashingEmbedder) -> Callable[..., list[Passage]]:
    """Search a document whose second passage is cut, with `changes` to the first, and among strangers."""

    def found(register: Register, scope: Scope, **changes: object) -> list[Passage]:
        before = passage("n#0", "Hold the hand under the tap", **{"position": 0, **changes})  # type: ignore[arg-type]
        strangers = [passage(f"a#{n}", f"lunch of day {n}.", position=9 * n) for n in range(30)]
        held = [before, passage("n#1", CUT, position=1), *strangers]
        index.put(held, embedder.embed([content(one) for one in held]))
        return Search(index, embedder, register, rules=rules()).find("wound doctor duty clean", scope, limit=1)

    return found


def test_a_cut_hit_gets_what_stands_before_it(neighbours: Callable[..., list[Passage]]) -> None:
    (found,) = neighbours(Register({"n": access()}), reader())
    assert found.text == f"Hold the hand under the tap\n{CUT}"
    assert (found.id, [one.id for one in found.parts]) == ("n#1", ["n#0", "n#1"])


@pytest.mark.parametrize("foreign", [{"access": access(readers=("hr",))}, {"access": access(tenant="other")}])
def test_a_neighbour_outside_the_scope_lends_nothing(
    neighbours: Callable[..., list[Passage]], foreign: dict[str, object]
) -> None:
    """Guards `_inside(scope` in `Index.at`: the index says of the neighbour alone that this person may not read it."""
    (found,) = neighbours(Register({"n": access()}), reader(), **foreign)
    assert (found.text, found.parts) == (CUT, ())


def test_a_neighbour_of_another_version_lends_nothing(neighbours: Callable[..., list[Passage]]) -> None:
    """Held thrice: by `index._at`, by the registered version in `Search.find`, and by the place in `joining`."""
    (found,) = neighbours(Register({"n": access()}), reader(), version="v0")
    assert (found.text, found.parts) == (CUT, ())


def test_a_forbidden_twin_folds_nothing(index: Index, embedder: HashingEmbedder) -> None:
    """Guards the order in `Search.find`: what the registry refuses is gone before repetitions are folded."""
    twins = [passage("a#0", valid_from=date(2024, 1, 1)), passage("b#0", valid_from=date(2026, 1, 1))]
    index.put(twins, embedder.embed([content(one) for one in twins]))
    search = Search(index, embedder, Register({"a": access(), "b": access(readers=("hr",))}), rules=rules())
    assert documents(search.find("wash hands", reader(), limit=3)) == {"a"}
    search = Search(index, embedder, Register({"a": access(), "b": access()}), rules=rules())
    assert documents(search.find("wash hands", reader(), limit=3)) == {"b"}


def test_a_reranker_sees_only_what_may_be_read_and_has_the_last_word(
    index: Index, embedder: HashingEmbedder, search: Search, register: Register
) -> None:
    """Guards `found` in `Search._read_again`: a refused document's text never reaches the reranker."""
    read: list[str] = []

    class Backwards:
        def scores(self, question: str, texts: Sequence[str]) -> list[float]:  # noqa: ARG002 - the port
            read.extend(texts)
            return [float(number) for number, _ in enumerate(texts)]

    del register.held["b"]
    plain = Search(index, embedder, register, rules=rules()).find("wash hands", reader(), limit=6)
    turned = Search(index, embedder, register, rules=rules(), reranker=Backwards()).find(
        "wash hands", reader(), limit=6
    )
    assert [one.id for one in turned] == [one.id for one in reversed(plain)]
    assert not any("guide b" in text for text in read)
    assert [one.score for one in turned] == sorted((one.score for one in turned), reverse=True)


def test_a_registry_that_fails_is_an_error(index: Index, embedder: HashingEmbedder, search: Search) -> None:
    def failing(_: Collection[str]) -> Mapping[str, Document]:
        raise RegistryUnavailable("down")

    with pytest.raises(RegistryUnavailable):
        Search(index, embedder, failing, rules=rules()).find("wash hands", reader(), limit=3)


def test_evidence_tells_which_words_stand_nowhere() -> None:
    passages = [passage("a#0", "Wash hands for thirty seconds."), passage("b#0", "Dry them with a towel.")]
    told = evidence("How many seconds do I wash my hands with bleach?", passages)
    assert told.missing == ("many", "bleach")
    assert told.coverage == pytest.approx(3 / 5)
    assert told.best == pytest.approx(3 / 5)


def test_evidence_meets_german_inflections() -> None:
    held = passage("a#0", "Die Hände werden 30 Sekunden desinfiziert.", language="de")
    assert evidence("Wie viele Sekunden für die Hand?", [held]).missing == ("viele",)


@pytest.mark.parametrize("question", ["", "what is it?", "???"])
def test_a_question_without_content_is_covered_by_nothing(question: str) -> None:
    assert evidence(question, [passage("a#0")]) == Evidence(0.0, 0.0, 0.0, ())


def test_no_passages_are_no_evidence() -> None:
    assert evidence("wash hands", []) == Evidence(0.0, 0.0, 0.0, ("wash", "hands"))
