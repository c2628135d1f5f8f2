"""`muniment outside` against a real API in this process's own server, as the personas of the demonstration."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from click.testing import Result
from typer.testing import CliRunner

from appliance.api.app import create_app
from appliance.cli import escalations
from appliance.errors import MunimentError
from tests.api.scripted import ScriptedDesk, ScriptedReader
from tests.api.serving import served
from tests.escalation.house import WHY
from tests.escalation.outside_house import Around


class Line:
    """The command line of one person."""

    def __init__(self, around: Around, url: str) -> None:
        self._around = around
        self._port = url.rpartition(":")[2]

    def run(self, persona: str, *arguments: str, said: str = "") -> Result:
        file = self._around.folder / f"{persona}.token"
        file.write_text(self._around.identity.token(persona) + "\n")
        environment = {"MUNIMENT_API_PORT": self._port, "COLUMNS": "200"}
        return CliRunner().invoke(escalations.app, [*arguments, "--token", str(file)], input=said, env=environment)


@pytest.fixture
def around(tmp_path: Path) -> Around:
    return Around(tmp_path)


@pytest.fixture
def line(around: Around) -> Iterator[Line]:
    app = create_app(
        settings=around.settings, identity=around.identity, desk=ScriptedDesk(), reader=ScriptedReader(), checks={},
        outside=around.outside,
    )  # fmt: skip
    with served(app) as url:
        yield Line(around, url)


def test_looked_at_sent_approved_and_shown(around: Around, line: Line) -> None:
    assert "large-1" in line.run("mara", "destinations").stdout
    dry = line.run("mara", "ask", "How long may red cells hang?", "--to", "large", "--dry-run")
    assert (dry.exit_code, "needs-approval" in dry.stdout) == (0, True)
    assert dry.stdout.count("Tobias Renner") == 1  # on the left only
    withdrawn = line.run("mara", "ask", "How long may red cells hang?", "--to", "large", said="n\n")
    assert (withdrawn.exit_code, "destroyed" in withdrawn.stdout) == (1, True)
    shown = around.client("mara").post("/v1/escalations", json={"destination": "large", "question": "How long?"}).json()
    around.client("mara").post(f"/v1/escalations/{shown['id']}/send", json={"digest": shown["digest"]})
    waiting = line.run("priya", "approvals")
    assert shown["digest"] in waiting.stdout
    assert "Tobias" not in waiting.stdout
    assert "not for you" in waiting.stdout
    assert line.run("priya", "approve", shown["id"], shown["digest"], "--reason", WHY).stdout.strip() == "approved"
    around.carry(shown["id"])
    assert "answered" in line.run("mara", "list").stdout
    assert line.run("mara", "show", shown["id"]).exit_code == 0
    again = line.run("priya", "reject", shown["id"], shown["digest"], "--reason", WHY)
    assert isinstance(again.exception, MunimentError)
    assert "not to be decided" in str(again.exception)
