"""What the pages of emergencies ask of the house."""

from urllib.parse import quote

from ui.house.client import Api, Credential, Read
from ui.shell.urgency import Emergency


class Emergencies(Read):
    """Several of them."""

    emergencies: list[Emergency]


def mine(api: Api, who: Credential) -> list[Emergency]:
    """One's own, the newest first."""
    return api.get(who, "/v1/emergencies", Emergencies).emergencies


def begin(api: Api, who: Credential, *, reason: str, minutes: int, purpose: str) -> None:
    """Open an emergency."""
    api.post(who, "/v1/emergencies", {"reason": reason, "minutes": minutes, "purpose": purpose})


def review(api: Api, who: Credential, emergency: str, *, verdict: str, note: str) -> None:
    """Judge somebody else's, once."""
    path = f"/v1/emergencies/{quote(emergency, safe='')}/review"
    api.post(who, path, {"verdict": verdict, "note": note})


def lift(api: Api, who: Credential, emergency: str) -> None:
    """Let its person open another one."""
    api.post(who, f"/v1/emergencies/{quote(emergency, safe='')}/lift", None)
