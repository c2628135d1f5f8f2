"""The API with the portal's sign-in as a process of its own: `python -m tests.ui.signed_stage`, set up by variables.

All but desk and pages is what `wiring` puts together: identity, sessions in a database, the client of the issuer.
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
    identity = wiring.identity(settings)
    app = create_app(
        settings=settings,
        identity=identity,
        desk=ScriptedDesk(Pause()),
        reader=ScriptedReader(),
        checks={"registry": all_is_well},
        standing=Standing(Rules(ruleset)),
        signing=wiring.signing(settings, identity, wiring.ledger_of(settings).ledger),
    )
    uvicorn.run(app, host=settings.host, port=settings.api_port, log_level="warning", **SERVER)


if __name__ == "__main__":
    main()
