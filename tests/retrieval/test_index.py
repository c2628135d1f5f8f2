"""The index over the real store: what is written comes back whole, and only inside a scope."""

import uuid
from collections.abc import Callable
from contextlib import closing
from dataclasses import replace
from datetime import date
from pathlib import Path
from threading import Event, Thread

import numpy as np
import pytest
from qdrant_client.http import models

from appliance.access.scope import Scope
from appliance.errors import IndexMismatch, NotFound, StoreUnavailable
from appliance.models.engines import Endpoint
from appliance.records import Access, Box, Level, Passage
from appliance.retrieval import sparse
from appliance.retrieval.audiences import AT_ONCE
from appliance.retrieval.index import COLLECTION, Index
from appliance.retrieval.points import content
from appliance.retrieval.rendering import LOCK
from tests.contracts.hashing_embedder import HashingEmbedder
from tests.retrieval.conftest import Store, access, passage, reader, running


def put(index: Index, embedder: HashingEmbedder, *passages: Passage) -> None:
    index.put(passages, embedder.embed([content(one) for one in passages]))


def ask(index: Index, embedder: HashingEmbedder, question: str, **more: object) -> list[Passage]:
    told: dict[str, object] = {"scope": reader(), "limit": 20, **more}
    return index.query(embedder.embed([question])[0], sparse.question_words(question), **told)  # type: ignore[arg-type]  # any option


def test_a_passage_comes_back_as_it_was_stored(index: Index, embedder: HashingEmbedder) -> None:
    stored = passage(
        "hygiene#1", "Hände 30 s waschen \u2013 SOP-12/b.", boxes=(Box(2, 0.1, 0.2, 0.9, 0.25),), page=2, start=5,
        language="de", heading="Ablauf", valid_from=date(2026, 5, 1), position=3,
        access=access(labels=("staff",), ancestors=("nursing", "nursing/icu")),
    )  # fmt: skip
    put(index, embedder, stored)
    (found,) = ask(index, embedder, "Hände waschen")
    assert replace(found, score=0.0, similarity=0.0) == stored
    assert found.score > 0
    assert index.passage("hygiene#1", reader()) == stored


def test_similarity_is_the_cosine_to_the_question(index: Index, embedder: HashingEmbedder) -> None:
    put(index, embedder, *(passage(f"d{number}#0", f"hands {number} seconds") for number in range(12)))
    question = "seconds 7"
    found = ask(index, embedder, question, limit=5)
    for one in found:
        expected = float(embedder.embed([question])[0] @ embedder.embed([content(one)])[0])
        assert one.similarity == pytest.approx(expected, abs=1e-3)
    assert "7" in found[0].text


FORBIDDEN: dict[str, Access] = {
    "another tenant": access(tenant="other"),
    "above the clearance": access(level=Level.CONFIDENTIAL),
    "another group": access(readers=("hr",)),
}


@pytest.mark.parametrize("reason", FORBIDDEN)
def test_what_lies_outside_the_scope_does_not_exist(index: Index, embedder: HashingEmbedder, reason: str) -> None:
    """Guards `scope.admits` in `Audiences._admits`, `render(scope.clause)` in `index._inside`, and both uses of the
    filter in `query`."""
    secrets = [passage(f"secret{n}#0", "where the keys are", access=FORBIDDEN[reason]) for n in range(60)]
    put(index, embedder, passage("open#0", "the canteen opens at noon"), *secrets)
    assert [one.id for one in ask(index, embedder, "where the keys are")] == ["open#0"]
    assert index.count(reader()) == 1
    assert index.count() == 61
    with pytest.raises(NotFound) as forbidden:
        index.passage("secret1#0", reader())
    with pytest.raises(NotFound) as absent:
        index.passage("no such passage", reader())
    assert str(forbidden.value) == str(absent.value)


def test_the_filter_stands_at_the_top_and_in_every_prefetch(index: Index, embedder: HashingEmbedder) -> None:
    """A hit that the prefetch alone would admit: with many strangers nearer, none takes a place of ours either."""
    strangers = [passage(f"s{n}#0", "keys keys keys", access=access(readers=("hr",))) for n in range(150)]
    ours = [passage(f"o{n}#0", f"keys and the number {n}") for n in range(30)]
    put(index, embedder, *strangers, *ours)
    found = ask(index, embedder, "keys", limit=30)
    assert {one.document for one in found} == {one.document for one in ours}


def test_a_scope_cannot_be_left_out(index: Index, embedder: HashingEmbedder) -> None:
    with pytest.raises(TypeError, match="scope"):
        index.query(embedder.embed(["x"])[0], sparse.question_words("x"), limit=3)  # type: ignore[call-arg]  # no scope
    with pytest.raises(AttributeError):
        index.query(embedder.embed(["x"])[0], sparse.question_words("x"), None, limit=3)  # type: ignore[arg-type]  # no scope


def test_a_change_of_access_acts_at_once_and_embeds_nothing(index: Index, embedder: HashingEmbedder) -> None:
    put(index, embedder, passage("a#0"), passage("a#1"), passage("b#0"))
    index.change_access("a", access(readers=("hr",)), superseded=False)
    assert {one.document for one in ask(index, embedder, "wash")} == {"b"}
    assert {one.document for one in ask(index, embedder, "wash", scope=reader("hr"))} == {"a"}
    index.change_access("a", access(), superseded=False)
    assert len(ask(index, embedder, "wash")) == 3


def write(store: Store, payload: dict[str, object], document: str) -> None:
    """What a strange hand might write onto a document's points."""
    with store.endpoint.client(60) as client:
        told = {"payload": payload, "filter": {"must": [{"key": "document", "match": {"value": document}}]}}
        assert client.post(f"/collections/{COLLECTION}/points/payload", json=told).status_code == 200


def test_an_attribute_changed_behind_the_number_is_never_shown(
    index: Index, embedder: HashingEmbedder, store: Store
) -> None:
    """Guards `read_addressed` in `points.as_passage`: the filter asks for the number alone, reading asks for all."""
    put(index, embedder, passage("a#0"), passage("b#0", access=access(labels=("x",))))
    assert len(ask(index, embedder, "wash")) == 2
    write(store, {"readers": ["\x1f", "hr"]}, "a")
    with pytest.raises(StoreUnavailable, match="cannot be read"):
        ask(index, embedder, "wash")


class Careless(Index):
    """An index whose filter of a search lets everything through."""

    def inside(self, scope: Scope, *, superseded: bool = False) -> models.Filter:  # noqa: ARG002 - as in Index
        return models.Filter(must=[LOCK])


def test_what_a_filter_let_through_is_read_once_more(index: Index, embedder: HashingEmbedder, store: Store) -> None:
    """Guards the last line of `Index.query`."""
    secrets = [passage(f"{reason}#0", access=denied) for reason, denied in FORBIDDEN.items()]
    put(index, embedder, passage("open#0"), passage("old#0", superseded=True), *secrets)
    careless = Careless(store.endpoint, seconds=10)
    assert [one.id for one in ask(careless, embedder, "wash")] == ["open#0"]
    assert {one.id for one in ask(careless, embedder, "wash", superseded=True)} == {"open#0", "old#0"}
    careless.close()


def test_searches_beside_changes_of_access_show_nothing_hidden(
    index: Index, embedder: HashingEmbedder, store: Store
) -> None:
    """Each change writes attributes, standing and number at once: no search sees one without the others."""
    put(index, embedder, *(passage(f"d{n}#0") for n in range(20)), passage("steady#0"))
    ended = Event()

    def change() -> None:
        with closing(Index(store.endpoint, seconds=60)) as other:
            for turn in range(60):
                told = access(readers=("hr",) if turn % 2 == 0 else ("nursing",), labels=(f"t{turn}",))
                other.change_access(f"d{turn % 20}", told, superseded=turn % 3 == 0)
        ended.set()

    changing = Thread(target=change)
    changing.start()
    while not ended.is_set():
        found = ask(index, embedder, "wash", limit=40)
        assert "steady" in {one.document for one in found}
        assert all("nursing" in one.access.readers and not one.superseded for one in found)
    changing.join()


def test_too_many_audiences_are_filtered_by_every_attribute(index: Index, embedder: HashingEmbedder) -> None:
    """Guards `field(STANDING, CURRENT)` in `index._inside`."""
    put(index, embedder, *(passage(f"d{n}#0", access=access(department=f"d{n}")) for n in range(AT_ONCE + 1)))
    put(index, embedder, passage("secret#0", access=access(readers=("hr",))), passage("old#0", superseded=True))
    for _ in range(2):  # the first search is by attributes, the second by audiences
        found = ask(index, embedder, "wash", limit=100)
        assert {one.document for one in found} == {f"d{n}" for n in range(AT_ONCE + 1)}


def test_points_from_before_there_were_audiences_are_given_theirs(
    tmp_path: Path, runner: Callable[[str], Path], embedder: HashingEmbedder
) -> None:
    """Guards `catching_up.audiences` in `ensure`."""
    with running(tmp_path / "folder", runner("before")) as store, closing(Index(store.endpoint, seconds=60)) as index:
        told = {"embedder": embedder.name, "dimension": embedder.dimension, "words": sparse.VERSION}
        index._create(embedder.dimension, told)
        put(index, embedder, *(passage(f"a{n}#0") for n in range(5)), passage("new#0", access=access(labels=("x",))))
        put(index, embedder, passage("secret#0", access=access(readers=("hr",))), passage("torn#0"))
        write(store, {"audience": None, "hold": "perhaps"}, "torn")
        for name in ("secret", *(f"a{n}" for n in range(5))):
            write(store, {"audience": None}, name)
        index.ensure(embedder)
        assert {one.document for one in ask(index, embedder, "wash")} == {"new", *(f"a{n}" for n in range(5))}
        assert {one.document for one in ask(index, embedder, "wash", scope=reader("hr"))} == {"secret"}


def test_an_unsound_access_list_is_not_written(index: Index, embedder: HashingEmbedder) -> None:
    nobody = access(readers=())
    with pytest.raises(ValueError, match="schema"):
        put(index, embedder, passage("a#0"), passage("b#0", access=nobody))
    assert index.count() == 0
    put(index, embedder, passage("a#0"))
    with pytest.raises(ValueError, match="schema"):
        index.change_access("a", nobody, superseded=False)


def test_one_vector_for_each_passage(index: Index, embedder: HashingEmbedder) -> None:
    with pytest.raises(ValueError, match="vector"):
        index.put([passage("a#0")], np.zeros((2, 64), dtype=np.float32))


def test_a_replaced_document_comes_only_if_asked_for(index: Index, embedder: HashingEmbedder) -> None:
    """Guards `known[1] and not superseded` in `Audiences._admits`."""
    put(index, embedder, passage("old#0"), passage("new#0"), passage("older#0", superseded=True))
    index.change_access("old", access(), superseded=True)
    assert {one.document for one in ask(index, embedder, "wash")} == {"new"}
    assert {one.document for one in ask(index, embedder, "wash", superseded=True)} == {"old", "new", "older"}
    assert index.passage("old#0", reader()).superseded
    index.change_access("old", access(), superseded=False)
    assert {one.document for one in ask(index, embedder, "wash")} == {"old", "new"}


def test_an_old_version_goes_and_the_new_one_stays(index: Index, embedder: HashingEmbedder) -> None:
    put(index, embedder, passage("a#v1"), passage("a#v2", version="v2"), passage("b#v1"))
    index.remove("a", keep_version="v2")
    assert {one.id for one in ask(index, embedder, "wash")} == {"a#v2", "b#v1"}
    index.remove("a")
    assert {one.id for one in ask(index, embedder, "wash")} == {"b#v1"}


def test_the_same_passage_again_replaces_itself(index: Index, embedder: HashingEmbedder) -> None:
    put(index, embedder, passage("a#0", "before"))
    put(index, embedder, passage("a#0", "after"))
    assert [one.text for one in ask(index, embedder, "after")] == ["after"]


def test_equal_scores_keep_one_order(index: Index, embedder: HashingEmbedder) -> None:
    """Guards the sort in `query`: the engine returns ties in random order."""
    put(index, embedder, *(passage(f"d{number}#0", "the very same words") for number in range(15)))
    orders = {tuple(one.id for one in ask(index, embedder, "same words", limit=15)) for _ in range(12)}
    assert len(orders) == 1


def test_words_that_only_bm25_knows_are_found(index: Index, embedder: HashingEmbedder) -> None:
    put(index, embedder, *(passage(f"d{n}#0", f"Vorschrift SOP-{n} zur Übergabe", language="de") for n in range(20)))
    assert ask(index, embedder, "was regelt sop-13?", limit=1)[0].document == "d13"


def test_a_question_without_words_still_asks_by_meaning(index: Index, embedder: HashingEmbedder) -> None:
    put(index, embedder, passage("a#0"))
    assert [one.id for one in ask(index, embedder, "what is it?")] == ["a#0"]


def test_an_empty_index_answers_with_nothing(index: Index, embedder: HashingEmbedder) -> None:
    assert ask(index, embedder, "wash") == []


def test_an_index_made_with_another_model_is_refused(index: Index) -> None:
    index.ensure(HashingEmbedder())
    other = HashingEmbedder()
    other.name = "another@64"
    with pytest.raises(IndexMismatch):
        index.ensure(other)
    with pytest.raises(IndexMismatch):
        index.ensure(HashingEmbedder(dimension=32))


def test_a_dead_store_is_an_error_and_never_an_empty_result(
    tmp_path: Path, runner: Callable[[str], Path], embedder: HashingEmbedder
) -> None:
    """Guards the last line of `Index._ask`."""
    with running(tmp_path / "folder", runner("dead")) as store:
        index = Index(store.endpoint, seconds=60)
        index.ensure(embedder)
        put(index, embedder, passage("a#0", "content that no message repeats"))
        store.kill()
        for call in (
            lambda: ask(index, embedder, "content"),
            lambda: index.count(reader()),
            lambda: index.passage("a#0", reader()),
            lambda: put(index, embedder, passage("b#0")),
            lambda: index.remove("a"),
            lambda: index.change_access("a", access(), superseded=False),
            lambda: index.ensure(embedder),
        ):
            with pytest.raises(StoreUnavailable) as failed:
                call()
            assert "content" not in str(failed.value)
        index.close()


def test_a_store_without_the_collection_is_an_error(runner: Callable[[str], Path], tmp_path: Path) -> None:
    with running(tmp_path / "folder", runner("fresh")) as store:
        index = Index(store.endpoint, seconds=60)
        with pytest.raises(StoreUnavailable, match="404"):
            index.count(reader())
        index.close()


def test_a_payload_that_nobody_here_wrote_is_an_error(index: Index, embedder: HashingEmbedder, store: Store) -> None:
    put(index, embedder, passage("a#0"))
    write(store, {"boxes": "none"}, "a")
    with pytest.raises(StoreUnavailable, match="cannot be read"):
        ask(index, embedder, "wash")


def test_a_server_elsewhere_is_asked_by_its_url() -> None:
    index = Index(Endpoint("http://127.0.0.1:9"), seconds=60)
    with pytest.raises(StoreUnavailable):
        index.count(reader())
    index.close()


def test_some_are_taken_from_anywhere_inside_the_scope(index: Index, embedder: HashingEmbedder) -> None:
    """Guards `self.inside(scope)` in `Index.some`."""
    put(index, embedder, *(passage(f"a{n}#0") for n in range(6)), passage("old#0", superseded=True))
    put(index, embedder, *(passage(f"s{n}#0", access=access(readers=("hr",))) for n in range(6)))
    for start in ("00000000-0000-0000-0000-000000000000", "ffffffff-ffff-ffff-ffff-ffffffffffff", str(uuid.uuid4())):
        found = index.some(reader(), start=start, limit=20)
        assert {one.document for one in found} == {f"a{n}" for n in range(6)}
        assert len(index.some(reader(), start=start, limit=2)) == 2
