"""Whether tokens survive the real model: letters are redacted, the model answers about them, the tokens are restored.

    python -m tests.benchmarks.bench_restoring [--cases 100] [--form FORM] [--out FILE] [--again]

Starts the real engine in a process of its own. A line for each case goes to FILE at once, and what stands there is not
asked again. Each token that an answer should name is exact, recovered (written otherwise and still restored) or lost
(not named); what looks like the rest of a token and was not restored is altered. Wrong is a restored text that differs
from the answer anywhere but in its tokens. With --form tokens of another form are shown, to compare forms: then only
exact and lost are told.
"""

import argparse
import json
import re
import sys
import tempfile
from collections import Counter
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path
from time import perf_counter
from typing import Final

from appliance.access.redactions import Redactions, Way
from appliance.models.local import Finished, Message, OpenAIChatModel, Text
from appliance.privacy.redacting.restoring import Restored, Restorer
from appliance.privacy.redacting.tokens import seen_in
from appliance.privacy.redacting.vault import Vault, Vaults
from appliance.privacy.redaction import Redacted, redact
from appliance.store.database import open_database
from appliance.store.vault_keys import VaultKeys
from appliance.store.vaults import VaultTable
from tests.benchmarks.letters import KINDS, Case, case
from tests.contracts.chat_models import running_engine

RULES: Final = Redactions({"external": dict.fromkeys(KINDS.values(), Way.TOKEN)})
SYSTEM: Final = (
    "Answer from the text only, in the language of the question, in at most 60 words. Words with a code, such as "
    "{example}, stand for names, dates and numbers: repeat them exactly as they are."
)
TOKENS: Final = 110
SHIPPED: Final = "Person_K7Q4XM"
FORMS: Final[dict[str, Callable[[str, str], str]]] = {
    SHIPPED: lambda kind, code: f"{kind}_{code}",
    "PersonK7Q4XM": lambda kind, code: f"{kind}{code}",
    "[Person_K7Q4XM]": lambda kind, code: f"[{kind}_{code}]",
    "Person-K7Q4XM": lambda kind, code: f"{kind}-{code}",
    "Person_482913": lambda kind, code: f"{kind}_{int.from_bytes(code.encode()) % 900_000 + 100_000}",
    "Person_K7QX": lambda kind, code: f"{kind}_{code[:4]}",
}
_REST: Final = re.compile(
    r"\b(?:Person|Date|Place|Phone|Account|Number)\W{0,3}_?(?=[A-Z]*[0-9][A-Z0-9]*\b|[B-DF-HJ-NP-TV-Z]{3,}\b)[A-Z0-9]{3,8}\b"
)


@dataclass(frozen=True)
class Row:
    """One case. `asked` counts tokens that the answer should name; the others are of those, but for `other`."""

    form: str
    case: int
    language: str
    asked: int
    exact: int
    recovered: int
    lost: int
    other: int
    altered: int
    strange: int
    wrong: int
    prompt_tokens: int
    answer_tokens: int
    seconds: float
    written: list[str]


def answered(model: OpenAIChatModel, text: str, question: str, example: str) -> tuple[list[str], Finished]:
    """The pieces of the model's answer, as they came."""
    told = (Message("system", SYSTEM.format(example=example)), Message("user", f"{text}\n\n{question}"))
    pieces: list[str] = []
    for piece in model.stream(told, max_tokens=TOKENS):
        if isinstance(piece, Text):
            pieces.append(piece.text)
        elif isinstance(piece, Finished):
            return pieces, piece
    raise TypeError("the answer did not end")


def restored(pieces: list[str], vault: Vault) -> Restored:
    """The stream restored as it came."""
    restorer = Restorer(vault.opened(), may_show=lambda _source: True)
    text = "".join([*map(restorer.feed, pieces), restorer.close()])
    return Restored(text, tuple(restorer.names), restorer.strange, restorer.withheld)


def is_wrong(answer: str, back: Restored, done: Redacted, asked: Case) -> bool:
    """Whether anything but a token was touched, or a token became what it does not stand for."""
    meant: dict[str, set[str]] = {}
    for one in done.replacements:
        meant.setdefault(one.put, set()).add(asked.text[one.start : one.end])
    if any(back.text[name.start : name.end] not in meant.get(name.token, set()) for name in back.names):
        return True
    tokens = iter(back.names)
    rest, copied = [], 0
    for seen in seen_in(answer):
        if seen.token in meant:
            name = next(tokens)
            rest.append(answer[copied : seen.start] + back.text[name.start : name.end])
            copied = seen.end
    return "".join([*rest, answer[copied:]]) != back.text


def judged(asked: Case, form: str, model: OpenAIChatModel, vaults: Vaults) -> Row:
    """Redact, ask, restore, compare."""
    vault = vaults.begin(f"case-{asked.number}-{perf_counter():.6f}".replace(".", "-"))
    done = redact(asked.text, asked.findings, rules=RULES, destination="external", vault=vault)
    put = {asked.text[one.start : one.end]: one.put for one in done.replacements}
    shown = {token: FORMS[form](*token.split("_")) for token in put.values()}
    began = perf_counter()
    text = done.text
    for token, other in shown.items():
        text = text.replace(token, other)
    pieces, end = answered(model, text, asked.question, form)
    seconds = perf_counter() - began
    answer = "".join(pieces)
    wanted = {put[word] for word in asked.wanted}
    exact = {token for token, other in shown.items() if other in answer}
    back = restored(pieces, vault) if form == SHIPPED else Restored(answer, ())
    found = {name.token for name in back.names} | exact
    altered = _REST.findall(
        re.sub("|".join(re.escape(back.text[n.start : n.end]) for n in back.names) or "$^", "", back.text)
    )
    vault_wrong = form == SHIPPED and is_wrong(answer, back, done, asked)
    vaults.end(vault.thread)
    written = sorted({answer[seen.start : seen.end] for seen in seen_in(answer)} | set(altered))
    return Row(
        form, asked.number, asked.language, len(wanted), len(wanted & exact), len(wanted & (found - exact)),
        len(wanted - found), len(found - wanted), len(altered) if form == SHIPPED else 0, back.strange,
        int(vault_wrong), end.prompt_tokens, end.answer_tokens, round(seconds, 2), written,
    )  # fmt: skip


def told(rows: list[Row]) -> str:
    """The table: a line for each form."""
    out = "| form | cases | asked | exact | recovered | lost | others named | altered | strange | wrong | "
    out += "prompt tokens |\n"
    for form in FORMS:
        mine = [row for row in rows if row.form == form]
        sums: Counter[str] = Counter()
        for row in mine:
            sums.update({key: value for key, value in asdict(row).items() if isinstance(value, int)})
        if mine:
            cells = ["asked", "exact", "recovered", "lost", "other", "altered", "strange", "wrong", "prompt_tokens"]
            out += f"| {form} | {len(mine)} | {' | '.join(str(sums[cell]) for cell in cells)} |\n"
    return out


def main() -> int:
    """Ask what was not asked yet, and print the table. Exit code 1 if anything was restored wrongly."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--cases", type=int, default=100)
    parser.add_argument("--form", choices=FORMS, default=SHIPPED)
    parser.add_argument("--out", type=Path, default=Path("build/restoring.jsonl"))
    parser.add_argument("--again", action="store_true", help="ask again what the file holds")
    chosen = parser.parse_args()
    chosen.out.parent.mkdir(parents=True, exist_ok=True)
    if chosen.again:
        chosen.out.unlink(missing_ok=True)
    rows = [Row(**json.loads(line)) for line in chosen.out.read_text().splitlines()] if chosen.out.exists() else []
    left = sorted(set(range(chosen.cases)) - {row.case for row in rows if row.form == chosen.form})
    with tempfile.TemporaryDirectory(prefix="restoring-") as name:
        folder = Path(name)
        vaults = Vaults(
            VaultTable(open_database(f"sqlite:///{folder / 'vaults.sqlite'}")), VaultKeys(folder / "vaults.json")
        )
        if left:
            with running_engine(folder) as (endpoint, process, _), chosen.out.open("a") as file:
                sys.stdout.write(f"the engine is process {process.pid}\n")
                sys.stdout.flush()
                model = OpenAIChatModel(endpoint, seconds=600)
                for number in left:
                    rows.append(judged(case(number), chosen.form, model, vaults))
                    file.write(json.dumps(asdict(rows[-1])) + "\n")
                    file.flush()
    sys.stdout.write(told(rows))
    return 1 if any(row.wrong for row in rows) else 0


if __name__ == "__main__":
    sys.exit(main())
