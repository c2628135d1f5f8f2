"""A conversion gives the pinned bytes or nothing; without its library, memory, disk or time it says so in one line."""

import hashlib
from dataclasses import dataclass, replace
from pathlib import Path

import pytest

from appliance.errors import FetchFailed, ModelDamaged, ModelMissing
from appliance.models import manifest
from appliance.models.conversion import Conversion
from appliance.models.fetching import fetch
from appliance.models.manifest import Entry, File, entry, verified

GGUF, MADE = b"GGUF, as it were", b"safetensors, as it were"


def pinned(path: str, data: bytes) -> File:
    return File(path, len(data), hashlib.sha256(data).hexdigest())


ORIGIN = Entry("toy", "chat", "llama.cpp", "CC0-1.0", "here", (pinned("toy.gguf", GGUF),))
RESULT = Entry("toy-bf16", "chat", "vllm", "CC0-1.0", "here", (pinned("model.safetensors", MADE),), made_from="toy")
WRITE = f'printf "{MADE.decode()}" > "$into/model.safetensors"'


@dataclass(frozen=True)
class House:
    """A models folder with the origin in it, and a program that stands where vLLM's Python stands."""

    models: Path

    def python(self, body: str) -> Path:
        program = self.models.parent / "python"
        program.write_text(f'#!/bin/sh\n[ "$3 $5" = "--source --into" ] || exit 9\nsource="$4" into="$6"\n{body}\n')
        program.chmod(0o755)
        return program

    def convert(self, body: str, *, seconds: float = 60, result: Entry = RESULT) -> tuple[str, ...]:
        return fetch(result, self.models, Conversion(ORIGIN, self.models, self.python(body), seconds))

    def installed(self) -> list[str]:
        return sorted(path.name for path in (self.models / RESULT.name).rglob("*"))


@pytest.fixture
def house(tmp_path: Path) -> House:
    (tmp_path / "models" / "toy").mkdir(parents=True)
    (tmp_path / "models" / "toy" / "toy.gguf").write_bytes(GGUF)
    return House(tmp_path / "models")


def test_the_shipped_conversion_starts_from_a_model_that_packages_bring() -> None:
    shipped = entry("chat", "vllm")
    assert manifest.named(shipped.made_from).files[0].pieces
    assert {"model.safetensors", "chat_template.jinja"} <= {file.path for file in shipped.files}


def test_what_was_made_is_installed_and_made_once(house: House) -> None:
    assert house.convert(f'grep -q "as it were" "$source" && {WRITE}') == ("model.safetensors",)
    assert verified(RESULT, house.models) == house.models / "toy-bf16" / "model.safetensors"
    assert house.convert("exit 1") == ()


def test_other_bytes_than_the_pinned_ones_are_not_installed(house: House) -> None:
    """Guards `found != file.sha256` in `fetching._admit`, for what was made here too."""
    with pytest.raises(ModelDamaged, match="as brought is damaged"):
        house.convert('printf "safetensors, as it wasnt" > "$into/model.safetensors"')
    assert not house.installed()


def test_it_starts_from_verified_bytes_only(house: House) -> None:
    """Guards the call of `verified` in `Conversion.bring`."""
    (house.models / "toy" / "toy.gguf").write_bytes(b"Gguf, as it were")
    with pytest.raises(ModelDamaged, match=r"toy\.gguf"):
        house.convert(WRITE)
    (house.models / "toy" / "toy.gguf").unlink()
    with pytest.raises(ModelMissing):
        house.convert(WRITE)


@pytest.mark.parametrize(
    ("body", "words"),
    [
        ("echo 'ModuleNotFoundError: No module named gguf' >&2; exit 1", "No module named gguf"),
        ("kill -9 $$", "signal 9"),
        ("exit 3", "no reason given"),
        ("exec sleep 60", "more than 1 s"),
    ],
)
def test_a_conversion_that_fails_says_why_and_leaves_nothing(house: House, body: str, words: str) -> None:
    with pytest.raises(FetchFailed, match=words) as told:
        house.convert(body, seconds=1 if "sleep" in body else 60)
    assert "Nothing was installed" in told.value.advice
    assert not house.installed()
    assert not list(house.models.glob(".fetch-*"))


@pytest.mark.parametrize(("size", "words"), [(10**18, "not enough room"), (10**11 // 2, "of memory|not enough room")])
def test_what_the_machine_cannot_take_is_told_before_it_begins(house: House, size: int, words: str) -> None:
    large = replace(RESULT, files=(replace(RESULT.files[0], bytes=size),))
    with pytest.raises(FetchFailed, match=words):
        house.convert("exit 1", result=large)


def test_a_python_that_is_not_there_is_named(house: House) -> None:
    with pytest.raises(FetchFailed, match="no-such-python cannot be started") as told:
        fetch(RESULT, house.models, Conversion(ORIGIN, house.models, Path("/no-such-python")))
    assert "vllm_python" in told.value.advice


def test_a_model_that_is_made_from_another_is_refused(house: House) -> None:
    with pytest.raises(FetchFailed, match="not made from toy"):
        house.convert(WRITE, result=replace(RESULT, made_from="other"))
