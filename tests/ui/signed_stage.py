"""The API with the portal's sign-in as a process of its own: `python -m tests.ui.signed_stage`, set up by variables.

All but desk, pages and policies is what `wiring` puts together: identity, sessions in a database, the issuer's client.
"""

import uvicorn

from appliance import wiring
from appliance.access.rules import Rules
from appliance.access.standing import Standing
from appliance.api.app import SERVER, create_app
from appliance.settings import load
from tests.api.scripted import ScriptedDesk, ScriptedReader
from tests.api.serving import all_is_well
from tests.rules import ruleset
from tests.ui.stage import Pause


def main() -> None:
    """Serve until ended."""
    settings = load()
    identity, ledger, rules = wiring.identity(settings), wiring.ledger_of(settings).ledger, Rules(ruleset)
    app = create_app(
        settings=settings,
        identity=identity,
        desk=ScriptedDesk(Pause()),
        reader=ScriptedReader(),
        checks={"registry": all_is_well},
        shelf=wiring.shelf(settings, ledger, rules),
        standing=Standing(rules),
        signing=wiring.signing(settings, identity, ledger),
    )
    uvicorn.run(app, host=settings.host, port=settings.api_port, log_level="warning", **SERVER)


if __name__ == "__main__":
    main()
