"""The rows of this folder's plaque: each attack, the code that stops it, and the test that fails without that code."""

import re
from dataclasses import dataclass
from pathlib import Path

HERE = Path(__file__).resolve().parent
ROOT = HERE.parents[1]
PLAQUE = HERE / "README.md"

_CODE = r"`(?P<{}>[^`]+)`"
_GUARD = re.compile(f"{_CODE.format('file')}: {_CODE.format('code')}(?: → {_CODE.format('instead')})?")
_TEST = re.compile(r"`(?P<file>tests/[^`:]+)::(?P<name>\w+)`")


@dataclass(frozen=True, slots=True)
class Row:
    """`code` stands in `file` once; with `instead` in its place (mostly nothing) the test called `name` fails."""

    family: str
    attack: str
    file: str
    code: str
    instead: str
    test: str
    name: str

    def without(self, text: str) -> str:
        """The file's text as it is without the guard. Raises ValueError if the guard does not stand there once."""
        if text.count(self.code) != 1:
            raise ValueError(f"{self.file} has {text.count(self.code)} times: {self.code}")
        return text.replace(self.code, self.instead)


def rows() -> list[Row]:
    """All rows, in their order. Raises ValueError for one that cannot be read."""
    found, family = [], ""
    for line in PLAQUE.read_text().splitlines():
        if line.startswith("## "):
            family = line.removeprefix("## ").split(":")[0].strip()
        if line.startswith("|") and not re.match(r"\|(?:-| attack \|)", line):
            found.append(_row(family, line))
    return found


def _row(family: str, line: str) -> Row:
    attack, guard, test = (cell.replace("\\|", "|").strip() for cell in re.split(r"(?<!\\)\|", line)[1:-1])
    guarded, tested = _GUARD.fullmatch(guard), _TEST.fullmatch(test)
    if not guarded or not tested:
        raise ValueError(f"a row of the plaque cannot be read: {line}")
    code, instead = (text.replace("\\n", "\n") for text in (guarded["code"], guarded["instead"] or ""))
    return Row(family, attack, guarded["file"], code, instead, tested["file"], tested["name"])
