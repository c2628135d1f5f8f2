"""The settings: one frozen, bounded object, parsed once, that refuses what does not fit together.

Sources, later ones win: the defaults below, `muniment.toml` (or the file that MUNIMENT_CONFIG names), and variables
named MUNIMENT_<SETTING>. The operator's table of them stands in `deploy/README.md`; a test keeps the two equal.
"""

import os
import re
import tomllib
from collections.abc import Callable
from functools import cached_property
from ipaddress import ip_address
from pathlib import Path
from typing import Annotated, Literal

from pydantic import Field, SecretStr, ValidationError
from pydantic_settings import BaseSettings, PydanticBaseSettingsSource, SettingsConfigDict, TomlConfigSettingsSource

from appliance.errors import SettingsRefused

ROOT = Path(__file__).resolve().parent.parent
OFFICERS = Path("/etc/muniment/officers")
REALM = re.compile(r"(https://[^/]+(?:/[^?#]*?)?)/realms/([^/]+)/?")
"""An issuer that is a realm of Keycloak's: the server's address, and the realm's name."""
Port = Annotated[int, Field(ge=1024, le=65535)]
TokenAlgorithm = Literal[
    "RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512", "EdDSA"
]  # no shared secrets (HS…), and never "none"


class Settings(BaseSettings):
    """All settings of one installation. Times in seconds, sizes in MiB, prompt and answer in the model's tokens."""

    model_config = SettingsConfigDict(env_prefix="MUNIMENT_", frozen=True, extra="forbid", hide_input_in_errors=True)

    size: Literal["single", "cluster"] = "single"
    identity: Literal["demo", "oidc"] = "demo"
    egress: Literal["absent", "closed", "policy"] = "absent"
    engine: Literal["llama.cpp", "vllm"] = "llama.cpp"

    tenant: str = Field("aldermoor", pattern=r"^[a-z][a-z0-9-]{1,62}$")
    data: Path = ROOT / ".muniment"
    models: Path | None = None
    manifest: Path | None = None
    hub: str | None = None
    policies: Path = ROOT / "policies"
    officers: Path | None = None
    office_people: Path | None = None
    demo_corpus: Path = ROOT / "deploy" / "demo" / "documents"

    host: str = "127.0.0.1"
    api_port: Port = 8765
    portal_port: Port = 8766

    issuer: str | None = None
    audience: str | None = None
    issuer_ca: Path | None = None
    issuer_hours: float = Field(4.0, ge=0.1, le=48)
    token_algorithms: Annotated[frozenset[TokenAlgorithm], Field(min_length=1)] = frozenset(
        {"RS256", "PS256", "ES256", "EdDSA"}
    )
    directory: Literal["keycloak", "absent"] | None = None
    directory_client: str = "muniment-directory"
    directory_secret: SecretStr | None = None
    directory_seconds: float = Field(5.0, ge=0.5, le=10)
    identity_grace: float = Field(120.0, ge=0, le=3_600)
    token_leeway_seconds: int = Field(30, ge=0, le=120)
    client_id: str | None = None
    client_secret: SecretStr | None = None
    public_url: str | None = None
    session_idle_minutes: int = Field(30, ge=1, le=1_440)
    session_hours: float = Field(10.0, ge=0.1, le=168)
    door_socket: Path | None = None
    door_runs: Literal["here", "apart"] = "here"
    door_folder: Path | None = None
    door_credentials: Path | None = None
    door_peers: Annotated[frozenset[Annotated[int, Field(ge=0)]], Field(min_length=1)] | None = None
    door_seconds: float = Field(120.0, ge=5, le=300)
    door_ca: Path | None = None
    door_proxy: Annotated[str, Field(pattern=r"^http://[A-Za-z0-9.-]+:[1-9][0-9]{0,4}$")] | None = None
    door_resolves: Literal["here", "proxy"] = "here"
    database_url: SecretStr | None = None
    also_reached: frozenset[Annotated[str, Field(pattern=r"^[A-Za-z0-9.:\[\]-]+:[1-9][0-9]{0,4}$")]] = frozenset()
    store_url: str | None = None
    store_key: SecretStr | None = None
    model_url: str | None = None
    model_key: SecretStr | None = None

    known_key: Path | None = None
    ledger_master_key: Path | None = None
    ledger_key: Path | None = None
    ledger_witness: Annotated[str, Field(pattern=r"^(file|syslog):/.+$")] | None = None
    ledger_checkpoint_entries: int = Field(1_000, ge=1, le=1_000_000)
    ledger_checkpoint_seconds: float = Field(60.0, ge=1, le=3_600)
    ledger_unwitnessed: int = Field(10_000, ge=1_000, le=10_000_000)
    ledger_reserve_mib: int = Field(16, ge=1, le=4_096)
    ledger_alarm_mib: int = Field(512, ge=1, le=1_048_576)

    vault_keys: Path | None = None
    vault_hours: float = Field(24.0, ge=0.1, le=24)

    escalation_hours: float = Field(8.0, ge=0.1, le=24)
    escalation_tokens: int = Field(400, ge=16, le=4_000)

    break_glass_minutes: int = Field(30, ge=1, le=60)
    break_glass_review_hours: int = Field(72, ge=1, le=720)
    break_glass_bar: bool = True
    notice_smtp: Annotated[str, Field(pattern=r"^smtps?://[A-Za-z0-9.-]+(:[1-9][0-9]{0,4})?$")] | None = None
    notice_from: Annotated[str, Field(pattern=r"^[^@\s<>,]+@[^@\s<>,]+$")] | None = None
    notice_to: Annotated[str, Field(pattern=r"^[^@\s<>,]+@[^@\s<>,]+$")] | None = None

    prompt_tokens: Annotated[int, Field(ge=400, le=32_000)] | None = None
    answer_tokens: int = Field(200, ge=16, le=4_000)
    passages: int = Field(12, ge=1, le=20)
    reranker: Path | None = None
    question_characters: int = Field(2_000, ge=100, le=20_000)
    conversation_days: int = Field(90, ge=0, le=3_650)
    model_seconds: float = Field(120.0, ge=5, le=600)
    store_seconds: float = Field(10.0, ge=1, le=120)
    threads: int = Field(default_factory=lambda: os.cpu_count() or 1, ge=1, le=256)
    engine_seconds: float = Field(300.0, ge=10, le=3_600)

    vllm_python: Path | None = None
    vllm_sequences: int = Field(16, ge=1, le=512)
    vllm_cache_gib: Annotated[float, Field(ge=0.25, le=512)] | None = None
    vllm_gpu_share: float = Field(0.9, ge=0.1, le=0.97)
    vllm_quantisation: Literal["none", "fp8"] = "none"

    running: Annotated[int, Field(ge=1, le=1_000)] | None = None
    running_per_person: Annotated[int, Field(ge=1, le=1_000)] | None = None
    waiting: Annotated[int, Field(ge=0, le=10_000)] | None = None
    waiting_per_person: Annotated[int, Field(ge=0, le=1_000)] | None = None
    waiting_seconds: float = Field(120.0, ge=1, le=600)
    metrics_key: SecretStr | None = None
    request_seconds: float = Field(10.0, ge=0.5, le=120)
    connections: int = Field(256, ge=8, le=10_000)
    api_workers: int = Field(1, ge=1, le=32)

    file_mib: int = Field(64, ge=1, le=4_096)
    worker_memory_mib: int = Field(2_048, ge=256, le=65_536)
    worker_seconds: float = Field(60.0, ge=1, le=3_600)
    pages: int = Field(2_000, ge=1, le=100_000)
    ocr_seconds: float = Field(600.0, ge=1, le=36_000)
    detection: Literal["on", "off"] = "on"
    detection_seconds: float = Field(60.0, ge=1, le=3_600)
    detection_memory_mib: int = Field(2_048, ge=512, le=65_536)

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,  # noqa: ARG003  # pydantic fixes the signature
        file_secret_settings: PydanticBaseSettingsSource,  # noqa: ARG003  # likewise
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """Arguments, then the environment, then the TOML file; no `.env` file, so that nothing is read by surprise."""
        file = Path(os.environ.get("MUNIMENT_CONFIG", "muniment.toml"))
        return init_settings, env_settings, TomlConfigSettingsSource(settings_cls, toml_file=file)

    @cached_property
    def models_folder(self) -> Path:
        """Where the models of the manifest lie."""
        return self.models or self.data / "models"

    @cached_property
    def ledger_keys_folder(self) -> Path:
        """Where the keys lie without which the ledger names nobody; mode 0700."""
        return self.data / "ledger-keys"

    @cached_property
    def vault_keys_file(self) -> Path:
        """Where the keys lie without which no vault opens; mode 0600, never in a copy of the data."""
        return self.vault_keys or self.data / "keys" / "vaults.json"

    @cached_property
    def checkpoint_key(self) -> Path:
        """Where the key lies that signs the ledger's checkpoints; its public half lies beside it."""
        return self.ledger_key or self.ledger_keys_folder / "checkpoint.key"

    @cached_property
    def officers_folder(self) -> Path:
        """Where the public keys of the security officers lie; the demonstration's own two have a folder apart.

        Never in `data`: whoever owns that could put another folder in its place, and appoint officers.
        """
        if self.identity == "demo":
            return self.data / "demo-officers"
        return self.officers or OFFICERS

    @cached_property
    def door_book_folder(self) -> Path:
        """What the door keeps for itself; mode 0700."""
        return self.door_folder or self.data / "door"

    @cached_property
    def door_credentials_folder(self) -> Path:
        """Where the keys of destinations lie, `NAME.key`; nobody but the door reads them."""
        return self.door_credentials or self.door_book_folder / "credentials"

    @cached_property
    def run_folder(self) -> Path:
        """Where sockets, keys of this start, process ids and logs lie; mode 0700."""
        return self.data / "run"

    @cached_property
    def api_url(self) -> str:
        """Where the API listens."""
        return f"http://{self.host}:{self.api_port}"

    @cached_property
    def portal_url(self) -> str:
        """Where the portal listens: on loopback only; a proxy in front of it is the site's."""
        return f"http://127.0.0.1:{self.portal_port}"

    @cached_property
    def browser_urls(self) -> tuple[str, str]:
        """Where a browser finds the API and the portal: one address behind the site's TLS, or two on this machine."""
        return (self.public_url, self.public_url) if self.public_url else (self.api_url, self.portal_url)

    @cached_property
    def prompt_budget(self) -> int:
        """Tokens that a prompt may hold after its constant beginning, which engines keep cached.

        It is what a person on two CPU cores waits for, or what a GPU reads at once.
        """
        return self.prompt_tokens or {"llama.cpp": 480, "vllm": 6_000}[self.engine]

    @cached_property
    def database(self) -> str:
        """The SQLAlchemy URL of registry, ledger and queue."""
        if self.database_url is not None:
            return self.database_url.get_secret_value()
        return f"sqlite:///{self.data / 'registry.sqlite'}"


def _loopback(host: str) -> bool:
    if host == "localhost":
        return True
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return False


def _is_origin(url: str) -> bool:
    """Whether it is https, a host, perhaps a port, and nothing else: what browsers send as `Origin`."""
    return re.fullmatch(r"https://[a-z0-9](?:[a-z0-9.-]*[a-z0-9])?(?::[1-9][0-9]{1,4})?", url) is not None


ILLEGAL: dict[str, Callable[[Settings], bool]] = {
    "identity=demo beside a real issuer": lambda s: s.identity == "demo" and (s.issuer or s.audience) is not None,
    "identity=demo on an address that others reach": lambda s: s.identity == "demo" and not _loopback(s.host),
    "identity=demo with size=cluster": lambda s: s.identity == "demo" and s.size == "cluster",
    "identity=demo with egress other than absent": lambda s: s.identity == "demo" and s.egress != "absent",
    "identity=demo with a folder of officers": lambda s: s.identity == "demo" and s.officers is not None,
    "a folder of officers inside data": lambda s: (
        s.identity == "oidc" and s.officers_folder.resolve().is_relative_to(s.data.resolve())
    ),
    "identity=oidc without an issuer": lambda s: s.identity == "oidc" and not s.issuer,
    "identity=oidc without an audience": lambda s: s.identity == "oidc" and not s.audience,
    "identity=oidc without ledger_witness": lambda s: s.identity == "oidc" and s.ledger_witness is None,
    "an issuer that is not https": lambda s: s.issuer is not None and not s.issuer.startswith("https://"),
    "issuer_ca with identity=demo": lambda s: s.identity == "demo" and s.issuer_ca is not None,
    "an issuer with a question mark, a hash or a name before an @": lambda s: (
        s.issuer is not None and not {"?", "#", "@"}.isdisjoint(s.issuer)
    ),
    "directory with identity=demo": lambda s: s.identity == "demo" and s.directory is not None,
    "identity=oidc without directory": lambda s: s.identity == "oidc" and s.directory is None,
    "directory=keycloak without directory_secret": lambda s: s.directory == "keycloak" and s.directory_secret is None,
    "directory_secret without directory=keycloak": lambda s: (
        s.directory_secret is not None and s.directory != "keycloak"
    ),
    "directory=keycloak with an issuer that is no realm of Keycloak's": lambda s: (
        s.directory == "keycloak" and REALM.fullmatch(s.issuer or "") is None
    ),
    "identity_grace below directory_seconds": lambda s: s.identity_grace < s.directory_seconds,
    "client_id with identity=demo": lambda s: s.identity == "demo" and s.client_id is not None,
    "client_id without client_secret": lambda s: s.client_id is not None and s.client_secret is None,
    "client_secret without client_id": lambda s: s.client_secret is not None and s.client_id is None,
    "public_url without client_id": lambda s: s.public_url is not None and s.client_id is None,
    "a public_url that is not https and a host alone": lambda s: (
        s.public_url is not None and not _is_origin(s.public_url)
    ),
    "client_id without public_url on any host but 127.0.0.1": lambda s: (
        s.client_id is not None and s.public_url is None and s.host != "127.0.0.1"
    ),
    "session_idle_minutes above session_hours": lambda s: s.session_idle_minutes > s.session_hours * 60,
    "egress=policy without door_socket": lambda s: s.egress == "policy" and s.door_socket is None,
    "a setting of the door with egress=absent": lambda s: (
        s.egress == "absent"
        and any(getattr(s, name) != one.default for name, one in Settings.model_fields.items() if "door_" in name)
    ),
    "door_socket in the folder of the door's book": lambda s: (
        s.door_socket is not None and s.door_socket.parent.resolve() == s.door_book_folder.resolve()
    ),
    "door_resolves=proxy without door_proxy": lambda s: s.door_resolves == "proxy" and s.door_proxy is None,
    "size=cluster without store_url": lambda s: s.size == "cluster" and not s.store_url,
    "size=cluster without store_key": lambda s: s.size == "cluster" and s.store_key is None,
    "size=cluster without a PostgreSQL database_url": lambda s: (
        s.size == "cluster" and not s.database.startswith("postgresql")
    ),
    "size=cluster with engine=llama.cpp": lambda s: s.size == "cluster" and s.engine == "llama.cpp",
    "size=cluster without model_url": lambda s: s.size == "cluster" and not s.model_url,
    "size=single with store_url": lambda s: s.size == "single" and s.store_url is not None,
    "size=single with database_url": lambda s: s.size == "single" and s.database_url is not None,
    "size=single with model_url": lambda s: s.size == "single" and s.model_url is not None,
    "store_key without store_url": lambda s: s.store_key is not None and s.store_url is None,
    "model_key without model_url": lambda s: s.model_key is not None and s.model_url is None,
    "notice_smtp, notice_from and notice_to not all together": lambda s: (
        len({s.notice_smtp is None, s.notice_from is None, s.notice_to is None}) > 1
    ),
    "api_port equal to portal_port": lambda s: s.api_port == s.portal_port,
    "ledger_unwitnessed below ledger_checkpoint_entries": lambda s: s.ledger_unwitnessed < s.ledger_checkpoint_entries,
    "answer_tokens above prompt_tokens": lambda s: s.answer_tokens > s.prompt_budget,
}
"""Every combination that must not start, in the words that the operator reads."""


OTHER_VARIABLES = frozenset({"MUNIMENT_CONFIG", "MUNIMENT_API_URL", "MUNIMENT_EVALUATION_DATA"})
"""Variables of ours that are no settings: where the file is, what the portal speaks to, what benchmarks read."""


def _refuse_strangers() -> None:
    """A misspelt variable would leave a default in force that somebody meant to change."""
    known = OTHER_VARIABLES | {f"MUNIMENT_{name.upper()}" for name in Settings.model_fields}
    strange = sorted(name for name in os.environ if name.startswith("MUNIMENT_") and name not in known)
    if strange:
        raise SettingsRefused(
            f"Settings refused: {', '.join(strange)} is no setting.", advice="See the table in deploy/README.md."
        )


def load(**overrides: object) -> Settings:
    """Read, check and return the settings.

    Raises SettingsRefused naming every fault at once; values are not repeated, since they may be secrets.
    """
    _refuse_strangers()
    try:
        settings = Settings(**overrides)  # type: ignore[arg-type]  # pydantic checks each value itself
    except ValidationError as error:
        faults = "; ".join(f"{'.'.join(map(str, e['loc'])) or 'settings'}: {e['msg']}" for e in error.errors())
        raise SettingsRefused(f"Settings refused: {faults}.", advice="See the table in deploy/README.md.") from None
    except (tomllib.TOMLDecodeError, OSError) as error:
        file = os.environ.get("MUNIMENT_CONFIG", "muniment.toml")
        raise SettingsRefused(f"{file} cannot be read: {error}.", advice="Mend the file; it is TOML.") from error
    illegal = [words for words, holds in ILLEGAL.items() if holds(settings)]
    if illegal:
        raise SettingsRefused(
            f"Settings refused: {'; '.join(illegal)}.", advice="These do not fit together; see deploy/README.md."
        )
    return settings
