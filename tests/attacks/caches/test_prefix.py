"""Prefix caches: whoever asks with the beginning of another's prompt must not hear from the time that it was read."""

import dataclasses
from collections.abc import Sequence
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from appliance.answering import followup, prompts
from appliance.answering.excerpts import Excerpt
from appliance.answering.followup import History, Said
from appliance.answering.salting import Salt, salt
from appliance.models.local import Message, OpenAIChatModel
from appliance.records import Answer, Question
from tests.answering.test_ask import MARA, QUESTION, desk
from tests.answering.test_conversation import WEEKDAYS, House, engine  # noqa: F401 - a fixture
from tests.answering.test_prompts import passage
from tests.contracts.chat_models import ScriptedModel
from tests.contracts.fake_engine import serving
from tests.rules import scope_of

WIDER = dataclasses.replace(MARA, groups=MARA.groups | {"nursing"})
COLLEAGUE = dataclasses.replace(MARA, id="tom")
OTHERS = {"other rights": WIDER, "another person": COLLEAGUE}

names = st.text("abcdefghij-", min_size=1, max_size=8)
people = st.builds(
    lambda who, groups: dataclasses.replace(MARA, id=who, groups=frozenset(groups)), names, st.sets(names, min_size=1)
)
texts = st.text(min_size=1, max_size=120)


def rendered(messages: Sequence[Message]) -> str:
    """The prompt as engines read it, in the form of the shipped model's template."""
    return "".join(f"<|im_start|>{one.role}\n{one.text}<|im_end|>\n" for one in messages)


def shared(one: str, other: str) -> int:
    """How many characters both begin with."""
    return next(
        (n for n, (a, b) in enumerate(zip(one, other, strict=False)) if a != b), min(len(one), len(other))
    )  # fmt: skip


def salt_of(person: object) -> Salt:
    return salt(scope_of(person))  # type: ignore[arg-type]  # a Principal


@given(one=people, other=people, text=texts, asked=texts)
@settings(max_examples=60, deadline=None)
def test_two_people_share_no_more_of_a_prompt_than_its_constant_beginning(
    one: object, other: object, text: str, asked: str
) -> None:
    """Guards `salt.line, ` in `prompts.build`, and that `salting.salt` tells the Scope and the person."""
    built = [
        prompts.build(Question(asked, "en"), [Excerpt(passage(text), text)], budget=900, salt=salt_of(person))
        for person in (one, other)
    ]
    mine, theirs = (rendered(prompt.messages) for prompt in built)
    constant = len(rendered(prompts.beginning())) + len("<|im_start|>user\n")
    if salt_of(one) == salt_of(other):
        assert one == other
        assert mine == theirs
    else:
        assert shared(mine, theirs) < constant + 8


@given(one=people, other=people, earlier=texts, told=texts, asked=texts)
@settings(max_examples=60, deadline=None)
def test_nor_of_what_makes_a_follow_up_whole(one: object, other: object, earlier: str, told: str, asked: str) -> None:
    """Guards `salt, ` in `followup.messages`: an earlier question and a sentence of its answer stand in that prompt."""
    history = History((Said(earlier),), (Said(told),))
    built = [followup.messages(history, asked, salt=salt_of(person).line) for person in (one, other)]
    constant = len(rendered(built[0][:-1])) + len("<|im_start|>user\n")
    if salt_of(one) != salt_of(other):
        assert shared(*map(rendered, built)) < constant + 8


@pytest.mark.parametrize("other", OTHERS.values(), ids=OTHERS)
def test_other_rights_and_other_people_have_other_salts(other: object) -> None:
    """Guards `scope.digest, ` and `who.id` in `salting.salt`."""
    one, two = salt_of(MARA), salt_of(other)
    assert one.line != two.line
    assert one.request != two.request
    assert one == salt_of(MARA)


def test_the_salt_beside_the_prompt_cannot_be_made_from_the_one_inside() -> None:
    """Guards `_KEY` in `salting.salt`: the line in a prompt says nothing of the salt beside it."""
    told = salt_of(MARA)
    assert told.line not in told.request
    assert len(bytes.fromhex(told.request)) == 32


@pytest.mark.parametrize("other", OTHERS.values(), ids=OTHERS)
def test_the_desk_salts_what_it_asks(other: object) -> None:
    """Guards `salt=prompt.salt` and `salt=salt(scope)` in `Desk`."""
    told = []
    for person in (MARA, other, MARA):
        model = ScriptedModel(reply="Visits end at 20:00 [1].")
        asked, _ = desk(model=model)
        list(asked.answer(person, QUESTION))  # type: ignore[arg-type]  # a Principal
        seen = [*model.asked, *model.read]
        assert model.asked
        assert len(model.salts) == len(seen)
        told.append((set(model.salts), {messages[-1].text.partition("\n")[0] for messages in seen}))
    assert told == [({salt_of(one).request}, {salt_of(one).line}) for one in (MARA, other, MARA)]


def test_the_dialogue_salts_what_it_asks(engine: object) -> None:  # noqa: F811 - the fixture above
    """Guards `salt=apart.request` and `salt=apart.line` in `Dialogue._whole`."""
    model = ScriptedModel(reply="nonsense")
    house = House(engine, model)  # type: ignore[arg-type]  # an Engine
    first = house.ask(WEEKDAYS)
    assert isinstance(first, Answer)
    house.ask("And on Sundays?", first.conversation)
    assert len(model.salts) == 1
    assert len(bytes.fromhex(model.salts[0])) == 32
    line, begun, *_ = model.asked[0][-1].text.splitlines()
    assert len(bytes.fromhex(line)) == 4
    assert begun == f"Question: {WEEKDAYS}"


def test_the_salt_reaches_the_wire_and_without_one_nothing_is_shared(tmp_path: Path) -> None:
    """Guards `"cache_salt"` in `OpenAIChatModel._body`, and `or secrets.token_hex(32)`: none is never a common one."""
    model = ScriptedModel()
    with serving(model, tmp_path / "e.sock") as endpoint:
        spoken = OpenAIChatModel(endpoint, seconds=5)
        list(spoken.stream([Message("user", "?")], max_tokens=9, salt="ab"))
        for _ in range(2):
            list(spoken.stream([Message("user", "?")], max_tokens=9))
    told, one, other = model.salts
    assert told == "ab"
    assert one != other
    assert len(bytes.fromhex(one)) == len(bytes.fromhex(other)) == 32
