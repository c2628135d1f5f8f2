"""What other people's labelled samples call the kinds that we look for, and which kinds name somebody at once."""

import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from appliance.errors import BadRequest
from appliance.records.privacy import Entity

SHIPPED: Final = Path(__file__).with_name("label_map.toml")
_KIND: Final = re.compile(r"[A-Z][A-Z0-9_]{0,63}")
_OURS: Final = {str(entity): str(entity) for entity in Entity}


@dataclass(frozen=True, slots=True)
class LabelMap:
    """Labels in capitals to kinds of ours, and the kinds by which somebody is known at once."""

    labels: Mapping[str, str]
    direct: frozenset[str]

    def kind(self, label: str) -> str | None:
        """The kind that `label` means; None if this map does not know it."""
        return self.labels.get(label.upper())


def read(site: Path | None = None) -> LabelMap:
    """The shipped map, and over it the lines of a site's own. Raises BadRequest for a file that is no map."""
    shipped = _parsed(SHIPPED)
    own = _parsed(site) if site else {}
    labels = {**_OURS, **_labels(SHIPPED, shipped), **(_labels(site, own) if site else {})}
    direct = own.get("direct", shipped["direct"])
    if not isinstance(direct, list) or not all(isinstance(kind, str) and _KIND.fullmatch(kind) for kind in direct):
        raise BadRequest(f"{(site or SHIPPED).name}: `direct` is a list of kinds in capitals.")
    return LabelMap({**{kind: kind for kind in labels.values()}, **labels}, frozenset(direct))


def _parsed(path: Path) -> dict[str, Any]:
    try:
        raw = tomllib.loads(path.read_text("utf-8"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise BadRequest(f"{path.name} is no map of labels: it cannot be read as TOML.") from error
    unknown = sorted(set(raw) - {"labels", "direct"})
    if unknown:
        raise BadRequest(f"{path.name}: a map of labels has `labels` and `direct` only, not `{unknown[0]}`.")
    return raw


def _labels(path: Path, raw: Mapping[str, Any]) -> dict[str, str]:
    held = raw.get("labels", {})
    if not isinstance(held, dict):
        raise BadRequest(f"{path.name}: `labels` is a table.")
    for label, kind in held.items():
        if not isinstance(kind, str) or not _KIND.fullmatch(kind):
            raise BadRequest(f"{path.name}: label `{label}` must stand for a kind in capitals, like PERSON.")
    return {label.upper(): kind for label, kind in held.items()}
