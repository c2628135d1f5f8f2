from pathlib import Path
from typing import Any

import pytest
from pydantic import ValidationError

from appliance.errors import SettingsRefused
from appliance.settings import ILLEGAL, load

CLUSTER: dict[str, Any] = {
    "size": "cluster",
    "identity": "oidc",
    "engine": "vllm",
    "issuer": "https://sso.example",
    "audience": "muniment",
    "directory": "absent",
    "store_url": "https://store.example",
    "store_key": "k",
    "database_url": "postgresql://db.example/muniment",
    "model_url": "https://model.example",
    "ledger_witness": "syslog:/dev/log",
}
OIDC: dict[str, Any] = {
    "identity": "oidc",
    "issuer": "https://sso.example",
    "audience": "muniment",
    "directory": "absent",
    "ledger_witness": "syslog:/dev/log",
}
KEYCLOAK: dict[str, Any] = OIDC | {
    "issuer": "https://sso.example/realms/house", "directory": "keycloak", "directory_secret": "s",
}  # fmt: skip
DOOR: dict[str, Any] = OIDC | {"egress": "policy", "door_socket": "/srv/door/door.sock"}
PORTAL: dict[str, Any] = OIDC | {"client_id": "muniment-portal", "client_secret": "s"}

REFUSED: dict[str, dict[str, Any]] = {
    "identity=demo beside a real issuer": {"issuer": "https://sso.example"},
    "identity=demo on an address that others reach": {"host": "0.0.0.0"},  # noqa: S104  # refused is the point
    "identity=demo with size=cluster": CLUSTER | {"identity": "demo"},
    "identity=demo with egress other than absent": {"egress": "closed"},
    "identity=demo with a folder of officers": {"officers": "/etc/muniment/officers"},
    "a folder of officers inside data": OIDC
    | {"data": "/srv/muniment", "officers": "/srv/muniment/policies/../officers"},
    "identity=oidc without an issuer": OIDC | {"issuer": None},
    "identity=oidc without an audience": OIDC | {"audience": ""},
    "identity=oidc without ledger_witness": OIDC | {"ledger_witness": None},
    "an issuer that is not https": OIDC | {"issuer": "http://sso.example"},
    "issuer_ca with identity=demo": {"issuer_ca": "/etc/ssl/site.pem"},
    "an issuer with a question mark, a hash or a name before an @": OIDC | {"issuer": "https://sso.example@evil"},
    "directory with identity=demo": {"directory": "absent"},
    "identity=oidc without directory": OIDC | {"directory": None},
    "directory=keycloak without directory_secret": KEYCLOAK | {"directory_secret": None},
    "directory_secret without directory=keycloak": OIDC | {"directory_secret": "s"},
    "directory=keycloak with an issuer that is no realm of Keycloak's": KEYCLOAK | {"issuer": "https://sso.example"},
    "identity_grace below directory_seconds": {"identity_grace": 4},
    "client_id with identity=demo": {"client_id": "muniment-portal", "client_secret": "s"},
    "client_id without client_secret": OIDC | {"client_id": "muniment-portal", "public_url": "https://ask.example"},
    "client_secret without client_id": OIDC | {"client_secret": "s"},
    "public_url without client_id": OIDC | {"public_url": "https://ask.example"},
    "a public_url that is not https and a host alone": PORTAL | {"public_url": "https://ask.example/"},
    "client_id without public_url on any host but 127.0.0.1": PORTAL | {"host": "localhost"},
    "session_idle_minutes above session_hours": {"session_idle_minutes": 61, "session_hours": 1},
    "egress=policy without door_socket": OIDC | {"egress": "policy"},
    "a setting of the door with egress=absent": OIDC | {"door_seconds": 30},
    "door_socket in the folder of the door's book": DOOR | {"door_folder": "/srv/door/x/.."},
    "door_resolves=proxy without door_proxy": DOOR | {"door_resolves": "proxy"},
    "size=cluster without store_url": CLUSTER | {"store_url": None, "store_key": None},
    "size=cluster without store_key": CLUSTER | {"store_key": None},
    "size=cluster without a PostgreSQL database_url": CLUSTER | {"database_url": "sqlite:///x"},
    "size=cluster with engine=llama.cpp": CLUSTER | {"engine": "llama.cpp"},
    "size=cluster without model_url": CLUSTER | {"model_url": None},
    "size=single with store_url": {"store_url": "https://store.example"},
    "size=single with database_url": {"database_url": "postgresql://db.example/m"},
    "size=single with model_url": {"model_url": "https://model.example"},
    "store_key without store_url": {"store_key": "k"},
    "model_key without model_url": {"model_key": "k"},
    "notice_smtp, notice_from and notice_to not all together": {"notice_smtp": "smtp://mail.example"},
    "api_port equal to portal_port": {"api_port": 9000, "portal_port": 9000},
    "ledger_unwitnessed below ledger_checkpoint_entries": {
        "ledger_unwitnessed": 1_000,
        "ledger_checkpoint_entries": 2_000,
    },
    "answer_tokens above prompt_tokens": {"prompt_tokens": 400, "answer_tokens": 500},
}


@pytest.mark.parametrize(
    "url",
    ["http://ask.example", "https://ask.example/x", "https://Ask.example", "https://a b", "https://u@ask.example", "",
     "https://ask.example?x", "https://ask.example#x", "https://", "https://-", "ask.example", "https://ask.example:0"],
)  # fmt: skip
def test_only_an_origin_is_a_public_url(url: str) -> None:
    with pytest.raises(SettingsRefused, match="public_url"):
        load(**PORTAL | {"public_url": url})


def test_where_a_browser_finds_the_house() -> None:
    assert load(**PORTAL).browser_urls == ("http://127.0.0.1:8765", "http://127.0.0.1:8766")
    assert load(**PORTAL | {"public_url": "https://ask.example:8443"}).browser_urls == ("https://ask.example:8443",) * 2


@pytest.mark.parametrize("legal", [{}, OIDC, PORTAL, CLUSTER, DOOR, DOOR | {"egress": "closed"}, {"engine": "vllm"}])
def test_legal_combinations_load(legal: dict[str, Any]) -> None:
    assert load(**legal).tenant == "aldermoor"


def test_each_illegal_combination_has_a_case_here() -> None:
    assert set(REFUSED) == set(ILLEGAL)


@pytest.mark.parametrize("words", REFUSED)
def test_illegal_combinations_are_refused_by_name(words: str) -> None:
    """Guards each line of `ILLEGAL`: without its line, the words are missing from the message."""
    with pytest.raises(SettingsRefused) as refused:
        load(**REFUSED[words])
    assert words in str(refused.value)


@pytest.mark.parametrize(
    "bad", [{"size": "huge"}, {"api_port": 80}, {"passages": 0}, {"tenant": "A B"}, {"no_such": 1}, {"file_mib": "x"}]
)
def test_values_out_of_bounds_are_refused_by_name(bad: dict[str, Any]) -> None:
    with pytest.raises(SettingsRefused, match=next(iter(bad))):
        load(**bad)


def test_secrets_are_masked_and_never_repeated() -> None:
    settings = load(**CLUSTER)
    assert "postgresql://db" not in repr(settings)
    with pytest.raises(SettingsRefused) as refused:
        load(**CLUSTER | {"store_key": ["top-secret"]})
    assert "top-secret" not in str(refused.value)


def test_settings_are_frozen() -> None:
    with pytest.raises(ValidationError):
        load().tenant = "other"  # type: ignore[misc]  # that it cannot be assigned is the point


def test_the_environment_wins_over_the_file(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    file = tmp_path / "muniment.toml"
    file.write_text("passages = 3\nanswer_tokens = 111\n")
    monkeypatch.setenv("MUNIMENT_CONFIG", str(file))
    monkeypatch.setenv("MUNIMENT_PASSAGES", "4")
    assert (load().passages, load().answer_tokens) == (4, 111)


def test_a_broken_file_is_a_clear_refusal(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    file = tmp_path / "muniment.toml"
    file.write_text("passages = = 3")
    monkeypatch.setenv("MUNIMENT_CONFIG", str(file))
    with pytest.raises(SettingsRefused, match=r"muniment\.toml"):
        load()


@pytest.mark.parametrize("algorithms", [[], ["none"], ["HS256"], ["RS256", "HS256"], ["rs256"], "RS256"])
def test_tokens_are_signed_with_a_private_key_or_not_at_all(algorithms: Any) -> None:
    with pytest.raises(SettingsRefused):
        load(**OIDC, token_algorithms=algorithms)
    assert load(**OIDC, token_algorithms=["ES256"]).token_algorithms == {"ES256"}
