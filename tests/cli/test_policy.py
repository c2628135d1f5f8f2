"""The officers' commands, on real policy sets, keys and a real registry."""

import json
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from appliance import wiring
from appliance.cli.main import app
from appliance.errors import BadRequest, PolicyRefused, PolicyUnavailable
from appliance.operations import policies
from appliance.records import Access, Document, Event, Level
from appliance.settings import ROOT, load
from appliance.store.database import open_database
from appliance.store.registry import Registry

Run = Callable[..., Result]


@pytest.fixture
def run(tmp_path: Path) -> Run:
    """Runs one command on an installation of its own."""
    environment = {"MUNIMENT_DATA": str(tmp_path / "data"), "COLUMNS": "200", "NO_COLOR": "1"}

    def command(*arguments: str) -> Result:
        return CliRunner().invoke(app, ["policy", *arguments], env=environment)

    return command


@pytest.fixture
def next_set(tmp_path: Path, run: Run) -> Path:
    """A copy of the shipped set, and two officers who may sign."""
    folder = tmp_path / "next"
    shutil.copytree(ROOT / "policies", folder)
    officers = load(data=tmp_path / "data").officers_folder
    officers.mkdir(parents=True)
    for name in ("clara", "dora"):
        assert run("keygen", "--officer", name, "--to", str(tmp_path / "keys")).exit_code == 0
        shutil.copy(tmp_path / "keys" / f"{name}.pub", officers)
    return folder


def sign(run: Run, folder: Path, name: str) -> Result:
    return run("sign", str(folder), "--officer", name, "--key", str(folder.parent / "keys" / f"{name}.key"))


def test_from_keys_to_a_set_in_force(run: Run, next_set: Path, tmp_path: Path) -> None:
    nothing = run("status")
    assert (nothing.exit_code, "No policy set is in force" in nothing.stdout) == (1, True)
    assert "Not signed" in run("check", str(next_set)).stdout
    assert "clara vouches for" in sign(run, next_set, "clara").stdout
    once = run("activate", str(next_set))
    assert isinstance(once.exception, PolicyRefused)
    assert "1 valid signatures" in str(once.exception)
    sign(run, next_set, "dora")
    checked = run("check", str(next_set))
    assert checked.exit_code == 0
    assert "rows of the tables come out as they should" in checked.stdout
    assert "Signed by clara, dora." in checked.stdout
    assert "Vouched for by clara, dora." in run("activate", str(next_set)).stdout
    assert run("status").exit_code == 0
    assert "clara, dora" in run("history").stdout
    settings = load(data=tmp_path / "data")
    told = [json.loads(row[1]) for row in wiring.ledger_of(settings).ledger.rows()]
    (entry,) = [body for body in told if body["event"] == Event.POLICY_ACTIVATED]
    (refused,) = [body for body in told if body["event"] == Event.POLICY_REFUSED]
    assert refused["about"] == entry["about"]  # with one signature
    assert refused["number"] < entry["number"]
    assert entry["policy"] == policies.policies(settings).version()
    assert "clara" not in json.dumps(told)


def test_a_set_with_faults_is_told_them_and_is_not_signed(run: Run, next_set: Path) -> None:
    (next_set / "more.cedar").write_text(
        '@id("guess") permit (principal, action == Action::"read", resource) when { resource.tenant like "a*" };'
    )
    told = run("check", str(next_set))
    assert told.exit_code == 1
    assert "guess: like is not accepted" in told.stdout
    assert isinstance(sign(run, next_set, "clara").exception, PolicyRefused)
    (next_set / "more.cedar").write_text(
        '@id("never") forbid (principal, action == Action::"ask", resource) when { resource.tenant == "aldermoor" };'
    )
    told = run("check", str(next_set))
    assert told.exit_code == 1
    assert "nurse ask house: denied" in told.stdout


@pytest.fixture
def house(run: Run, tmp_path: Path) -> Run:
    """With three documents, and the demonstration's rules in force."""
    settings = load(data=tmp_path / "data")
    registry = Registry(open_database(settings.database))
    for number, (uri, reader, level) in enumerate(
        [
            ("nursing/icu/bed-4.md", "icu", Level.INTERNAL),
            ("hr/pay.md", "hr", Level.CONFIDENTIAL),
            ("shared/fire.md", "contractors", Level.PUBLIC),
        ]
    ):
        folder = uri.partition("/")[0]
        access = Access("aldermoor", level, frozenset({reader, "staff"} - {"staff"}), folder, frozenset(), (folder,))
        registry.register(Document(f"d{number}", uri, "v", uri, "text/markdown", "en", 1, access), [])
    policies.in_force(settings)
    return run


def test_explain_says_by_which_rule_and_what_would_change_it(house: Run) -> None:
    allowed = house("explain", "--as", "mara", "--document", "nursing/icu/bed-4.md").stdout
    assert "mara, read, nursing/icu/bed-4.md: allowed" in allowed
    assert "by read-as-reader: He belongs to one of the document's readers" in allowed
    assert "it would be denied if he did not belong to the group icu" in allowed
    denied = house("explain", "--as", "viktor", "--document", "d0").stdout
    assert "viktor, read, nursing/icu/bed-4.md: denied" in denied
    assert "no rule permits it" in denied
    assert "it would be allowed if he belonged to the group icu" in denied
    outside = house("explain", "--as", "mara", "--document", "d0", "--action", "escalate").stdout
    assert "allowed" in outside


def test_explain_says_so_if_nothing_small_would_change_it(house: Run, tmp_path: Path) -> None:
    who = {"id": "x", "tenant": "elsewhere", "client": "nobody-s", "roles": ["operator"], "groups": ["a"]}
    (tmp_path / "people.json").write_text(json.dumps(who))
    told = house("explain", "--as", "x", "--document", "d1", "--people", str(tmp_path / "people.json")).stdout
    assert "by operator-sees-no-content" in told
    assert "no few changes would have it allowed" in told


def test_who_reads_a_document_and_what_a_person_reads(house: Run) -> None:
    told = house("readers", "--document", "hr/pay.md").stdout
    assert [line.split()[:2] for line in told.splitlines() if " yes " in line] == [["helen", "yes"]]
    read = house("readable", "--as", "helen", "--list").stdout
    assert "helen may read 1 documents." in read
    assert "hr/pay.md, confidential" in read
    assert "hr/pay.md, confidential" not in house("readable", "--as", "helen").stdout


def test_what_a_change_would_change(house: Run, tmp_path: Path) -> None:
    folder = tmp_path / "next"
    shutil.copytree(ROOT / "policies", folder)
    (folder / "more.cedar").write_text(
        '@id("no-pay") forbid (principal, action == Action::"read", resource) when { resource.level > 1 };'
    )
    told = house("diff", str(folder)).stdout
    assert "1 of " in told
    assert "helen: 0 open, 1 close" in told


@pytest.mark.parametrize(
    "people", ["{", "[]", '[{"id": "x"}]', '{"id": "x", "tenant": "t", "client": "c", "clearance": "top"}']
)
def test_people_who_are_not_described_are_nobody(house: Run, tmp_path: Path, people: str) -> None:
    file = tmp_path / "people.json"
    file.write_text(people)
    told = house("readable", "--as", "x", "--people", str(file))
    assert isinstance(told.exception, BadRequest)


def test_what_does_not_exist_is_told(house: Run, run: Run) -> None:
    assert isinstance(house("explain", "--as", "nobody", "--document", "d0").exception, BadRequest)
    assert isinstance(house("explain", "--as", "mara", "--document", "d9").exception, BadRequest)


def test_without_rules_nothing_is_explained(run: Run) -> None:
    assert isinstance(run("readable", "--as", "mara").exception, PolicyUnavailable)
