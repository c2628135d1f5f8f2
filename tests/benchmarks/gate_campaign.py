"""Random conversations through the gate, with everything breaking that can: what `bench_gate` counts.

Real: rules, ledger, vaults, database, lists of known persons, the house's own detector. Killed is whoever is between
two steps: a call into ledger, database or door ends the process there, before it or after it, and a new one starts over
the same database. The other side repeats all that it is told, with its tokens mangled.
"""

import base64
import json
import random
import re
import threading
import unicodedata
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from functools import cached_property, partial
from pathlib import Path
from typing import Any, Final
from urllib.parse import quote, unquote

from appliance.errors import DetectorUnavailable, MunimentError
from appliance.escalation.gate import Bounds, Gate
from appliance.escalation.matter import Matter, Part
from appliance.escalation.preparing import Preparing
from appliance.privacy.detecting.rules import Rules as OwnRules
from appliance.privacy.detection import Detection
from appliance.privacy.known.naming import Person
from appliance.privacy.redaction import QUESTION
from appliance.records import Level, Principal
from appliance.records.escalations import Became, Outcome, State
from appliance.records.privacy import Finding
from tests.contracts.known_lists import known_people
from tests.escalation.house import ADA, DESTINATIONS, MARA, WHY, House, access, set_with

GIVEN: Final = (
    "Alwin Berta Cosima Detlef Edda Frieder Gesine Hauke Ilka Jorun Knut Leevke Meino Nele Ortrud Peer".split()
)
ENDS: Final = "bruck dorfer feldt graben hagen kamp lohe moor nitz ow rade siel thal wede".split()
BEGINS: Final = (
    "Aver Bork Crum Dros Eller Fless Gront Hasb Immer Jork Kessel Lunz Mork Nort Ossen Quab Rost Stav".split()
)
SENTENCES: Final = (
    "Red cells must have run through within four hours.", "Plasma is thawed at 37 degrees.",
    "The pump is cleaned after every use.", "A second nurse checks the bag.", "Two signatures are needed above 400.",
    "The ward is rung before a bed is moved.", "Vancomycin is given over at least one hour.",
)  # fmt: skip
SPELLINGS: Final[tuple[Callable[[str], str], ...]] = (
    str,
    str.upper,
    str.lower,
    " ".join,
    "\u200b".join,
    lambda text: text.replace(" ", "\n"),
    lambda text: text.translate(str.maketrans("aeocpxy", "аеосрху")),
    lambda text: base64.b64encode(text.encode()).decode(),
    lambda text: quote(quote(text)),
    lambda text: "".join(f"&#{ord(one)};" for one in text),
)
FORBIDDEN: Final = ("record", "offer", "unseen", "board", "others")
"""Documents that may not leave."""
_SHAPES: Final = str.maketrans("аеосрху", "aeocpxy")


class Killed(BaseException):
    """The process ended here."""


@dataclass
class Fate:
    """Decides who is killed where. `at` counts calls down; `after` whether the call still happened."""

    at: int = -1
    after: bool = False

    def around(self, call: Callable[..., Any]) -> Callable[..., Any]:
        """`call`, or the end of the process before or after it."""

        def made(*arguments: Any, **named: Any) -> Any:
            self.at -= 1
            if self.at == 0 and not self.after:
                raise Killed
            done = call(*arguments, **named)
            if self.at == 0:
                raise Killed
            return done

        return made


class Fragile:
    """Another object of whose calls one may be the last."""

    def __init__(self, real: Any, fate: Fate, *names: str) -> None:
        self._real = real
        for name in names:
            setattr(self, name, fate.around(getattr(real, name)))

    def __getattr__(self, name: str) -> Any:
        return getattr(self._real, name)


class Breaking:
    """A detector that raises, or says nothing though there is something."""

    name = "names"

    def __init__(self, names: Sequence[str], fault: str) -> None:
        self._names = names
        self._fault = fault

    def detect(self, texts: Sequence[str], _: str, /) -> list[list[Finding]]:
        if self._fault == "raises":
            raise DetectorUnavailable("The detector failed.")
        if self._fault == "silent":
            return [[] for _ in texts]
        return [
            [Finding(*found.span(), "PERSON", 0.9, "names") for one in self._names for found in re.finditer(one, text)]
            for text in texts
        ]


@dataclass
class Campaign:
    """`seed` names the whole of it. What was seen to be wrong stands in `wrong`."""

    folder: Path
    seed: int
    wrong: list[str] = field(default_factory=list)
    counted: dict[str, int] = field(default_factory=dict)
    hidden: dict[str, tuple[str, ...]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        rich = DESTINATIONS.partition("[budget]")[0]
        rich += '[budget]\ncurrency = "EUR"\nperson = 5000\ndepartment = 9000\nhouse = 9000\n'
        self.house = House(self.folder, ruleset=set_with(rich))
        self.house.door.other = self._other
        self.house.documents.accesses |= {
            "record": access(labels=frozenset({"patient"})),
            "offer": access(labels=frozenset({"deal"})),
            "unseen": access(labels=frozenset({"unscanned"})),
            "board": access(level=Level.CONFIDENTIAL),
            "others": access(readers=frozenset({"others"})),
        }
        self._dice = random.Random(self.seed)  # noqa: S311  # chance that can be had again

    @cached_property
    def people(self) -> list[Person]:
        surnames = [f"{begin}{end}" for begin in BEGINS for end in ENDS]
        return [
            Person(GIVEN[at % len(GIVEN)], one, (), (("MRN", f"M-{7_000_000 + at}"),))
            for at, one in enumerate(surnames)
        ]

    @cached_property
    def known(self) -> Any:
        (self.folder / "keys").mkdir(exist_ok=True)
        return known_people(self.folder / "keys", self.people)

    def run(self, conversations: int) -> Iterator[int]:
        """Yields after each. Time passes between them, so that what hangs is found again."""
        self.house.ledger.notary.start()  # without checkpoints nothing new begins after some thousand entries
        for number in range(conversations):
            self._conversation(random.Random(self.seed * 1_000_003 + number))  # noqa: S311  # likewise
            if number % 50 == 49:
                self._settle()
            yield number + 1
        self._settle()
        self.house.ledger.notary.stop()

    # --- One conversation -------------------------------------------------------------------------------------------

    def _conversation(self, dice: random.Random) -> None:
        fate = Fate(dice.randint(1, 30) if dice.random() < 0.3 else -1, dice.random() < 0.5)
        fault = dice.choice(["", "", "", "silent", "silent", "raises"])
        person = dice.choice(self.people)
        who = replace(MARA, id=f"asker-{dice.randint(0, 40)}")
        matter, hidden = self._matter(dice, person)
        self.house.door.breaks = dice.random() < 0.05
        self.house.door.shut = dice.random() < 0.03
        self._dice = dice
        self.hidden[matter.question] = hidden
        try:
            self._steps(dice, who, matter, person, fault, fate)
        except Killed:
            self._count("killed")
        except MunimentError as error:
            self._count(error.code)
        finally:
            self.house.door.breaks = self.house.door.shut = False

    def _matter(self, dice: random.Random, person: Person) -> tuple[Matter, tuple[str, ...]]:
        """A question with passages; `hidden` is what must never stand at the other side."""
        name, number = f"{person.given} {person.surname}", person.identifiers[0][1]
        spelled = dice.choice(SPELLINGS)
        hidden = [name, person.surname, number]
        parts, documents = [], set()
        for at in range(dice.randint(1, 4)):
            document = dice.choice([*["standard"] * 40, *["leaflet"] * 20, *FORBIDDEN])
            text = dice.choice(SENTENCES)
            if document not in ("standard", "leaflet"):
                canary = f"Qx{dice.randrange(10**9):09d}zj"
                hidden.append(canary)
                text += f" {canary}."
            if dice.random() < 0.4:
                text += f" Ask {spelled(dice.choice([name, number]))}."
            parts.append(Part(f"[{at + 1}] {text}", f"p{at}"))
            documents.add(document)
        question = f"What of case {dice.randrange(10**9):09d}"
        question += f" and {spelled(name)}?" if dice.random() < 0.5 else "?"
        local = dice.choice(["refused", "refused", "answered", "unasked"])
        whole = (*parts, Part(f"Question: {question}", QUESTION))
        return Matter(question, "en", whole, frozenset(documents), local), tuple(hidden)

    def _steps(
        self, dice: random.Random, who: Principal, matter: Matter, person: Person, fault: str, fate: Fate
    ) -> None:
        gate, approvals, courier = self._new(fault, fate, person)
        seen = gate.propose(who, matter, dice.choice(["large", "large", "careful"]))
        one = seen.escalation
        if one.state is State.DENIED:
            self._count(f"denied: {one.reason}")
            return
        if dice.random() < 0.1:
            gate.withdraw(who, one.id)
            self._count("withdrawn")
            return
        if dice.random() < 0.05:
            return  # he went away
        sent = gate.send(who, one.id, one.digest)
        if sent.escalation.state is State.AWAITING:
            officers = [replace(ADA, id=name) for name in ("ada", "bruno")] + [replace(ADA, id=who.id)]
            self._race(
                [lambda officer=officer: approvals.approve(officer, one.id, one.digest, WHY) for officer in officers]
            )
        if dice.random() < 0.1:
            with suppress(MunimentError):
                gate.withdraw(who, one.id)
        kept = self.house.kept.find(one.tenant, one.id)
        if kept is not None and kept.escalation.state is State.APPROVED:
            self._race([partial(courier.carry, kept)] * 2)

    def _new(self, fault: str, fate: Fate, person: Person) -> tuple[Gate, Any, Any]:
        """The gate of a new process over the same database."""
        steps = self.house.steps
        steps.kept = Fragile(steps.kept, fate, "add", "move", "pay")
        steps.journal = Fragile(steps.journal, fate, "append")
        approvals, courier = self.house.approvals, self.house.courier
        for part in (approvals, courier):
            part._steps = steps
            part._recorder._journal = steps.journal
        courier._door = Fragile(self.house.door, fate, "send", "forget")
        first = [] if fault == "silent" else [self.known]
        finder = Detection([*first, OwnRules(), Breaking([person.surname], fault)], thresholds={})
        preparing = Preparing(finder, self.known.residual, tokens=300)
        bounds = Bounds(300, self.house.gate._bounds.lasts)
        gate = Gate(steps=steps, preparing=preparing, rules=self.house.rules, bounds=bounds, wake=lambda: None)
        return gate, approvals, courier

    def _race(self, calls: Sequence[Callable[[], object]]) -> None:
        """All at once. Whoever is killed is the process: the others end too, wherever they are."""
        died = threading.Event()

        def one(call: Callable[[], object]) -> None:
            try:
                call()
            except MunimentError as error:
                self._count(error.code)
            except Killed:
                died.set()

        threads = [threading.Thread(target=one, args=(call,)) for call in calls]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        if died.is_set():
            raise Killed

    def _other(self, envelope: Any) -> Outcome:
        """Says again what it was told, with its tokens as models write them."""
        told = json.loads(envelope.body)["messages"][1]["content"]
        changes: list[Callable[[str], str]] = [str, str.upper, str.lower, lambda t: f"**{t}**", lambda t: f"{t}'s"]
        said = re.sub(r"[A-Z][a-z]+_[A-Z0-9]{6}", lambda found: self._dice.choice(changes)(found[0]), told)
        if self._dice.random() < 0.1:
            return Outcome(Became.FAILED, delivered=True, reason="not-json", spent=envelope.price)
        return Outcome(Became.ANSWERED, delivered=True, text=said[:4_000], spent=envelope.price)

    # --- What must be so --------------------------------------------------------------------------------------------

    def _settle(self) -> None:
        """Time passes; what hung is found again. Then everything is looked at."""
        self.house.clock.pass_by(minutes=5)
        self.house.courier.recover()
        for kept in self.house.kept.inside(State.APPROVED):
            with suppress(MunimentError):
                self.house.courier.carry(kept)
        self.house.clock.pass_by(hours=9)
        self.house.courier.expire()
        self.house.courier.recover()

    def judge(self) -> dict[str, int]:
        """Look at the ledger, the rows and the other side, and say how much of each there is."""
        told: dict[str, list[tuple[str, str]]] = {}
        for _, body, _ in self.house.ledger.ledger.rows(holding="escalation-"):
            plain = json.loads(body)
            told.setdefault(plain["about"], []).append((plain["event"], plain.get("reason", "")))
        arrived: dict[str, int] = {}
        for envelope, receipts in self.house.door.arrived:
            arrived[envelope.digest] = arrived.get(envelope.digest, 0) + 1
            if ("escalation-sent", envelope.digest) not in told.get(envelope.id, ()):
                self.wrong.append(f"{envelope.id}: left without its entry")
            if not any(one.event == "escalation-sent" for one in receipts):
                self.wrong.append(f"{envelope.id}: left without a receipt")
            self.wrong += [f"{envelope.id}: a canary left" for _ in self._leaked(envelope.body)]
        self.wrong += [f"{digest}: left {count} times" for digest, count in arrived.items() if count > 1]
        ends = {"escalation-denied", "escalation-failed", "escalation-expired", "escalation-answered"}
        for about, entries in told.items():
            if not any(event in ends and reason != "void" for event, reason in entries):
                self.wrong.append(f"{about}: no end in the ledger")
        for state in (State.PROPOSED, State.AWAITING, State.APPROVED, State.SENT):
            self.wrong += [f"{kept.escalation.id}: {state} for ever" for kept in self.house.kept.inside(state)]
        return {"escalations": len(told), "left the house": len(arrived), "entries": sum(map(len, told.values()))}

    def _leaked(self, body: bytes) -> Iterator[str]:
        content = json.loads(body)["messages"][1]["content"]
        question = re.search(r"case (\d{9})", content)
        marks = [hidden for asked, hidden in self.hidden.items() if question and question[1] in asked]
        read = _everything(content)
        for hidden in marks[0] if marks else ():
            if _plain(hidden) in read:
                yield hidden

    def _count(self, what: str) -> None:
        self.counted[what] = self.counted.get(what, 0) + 1


def _plain(text: str) -> str:
    shown = unicodedata.normalize("NFKC", text).casefold().translate(_SHAPES)
    return "".join(one for one in shown if one.isalnum())


def _everything(text: str) -> str:
    """The text, and what it says in other writings, without anything but letters and digits. No code of the house."""
    said = [text, unquote(unquote(text)), re.sub(r"&#(\d+);", lambda found: chr(int(found[1])), text)]
    for run in re.findall(r"[A-Za-z0-9+/]{8,}={0,2}", text):
        with suppress(ValueError):
            said.append(base64.b64decode(run + "=" * (-len(run) % 4)).decode("utf-8", "ignore"))
    return "\n".join(_plain(one) for one in said)
