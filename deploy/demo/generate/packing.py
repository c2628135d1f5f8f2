"""Repacks an Office file so that the same text gives the same bytes on every machine."""

from __future__ import annotations

import re
import zipfile
from collections.abc import Collection
from datetime import datetime
from io import BytesIO

_EPOCH = (1980, 1, 1, 0, 0, 0)
_MODIFIED = re.compile(rb"(<dcterms:modified[^>]*>)[^<]*(</dcterms:modified>)")


def settle(packed: bytes, *, moment: datetime, drop: Collection[str] = ()) -> bytes:
    """Return `packed` with one date on every part, without compression, and last changed at `moment`.

    Without compression, because another release of the compression library would give other bytes. The parts whose
    names are in `drop` are left out; nothing may refer to them any more.
    """
    stamp = moment.strftime("%Y-%m-%dT%H:%M:%SZ").encode()
    sink = BytesIO()
    with zipfile.ZipFile(BytesIO(packed)) as old, zipfile.ZipFile(sink, "w", zipfile.ZIP_STORED) as new:
        for name in sorted(set(old.namelist()) - set(drop), key=lambda name: (name != "[Content_Types].xml", name)):
            content = old.read(name)
            if name == "docProps/core.xml":
                content = _MODIFIED.sub(rb"\g<1>" + stamp + rb"\g<2>", content)
            entry = zipfile.ZipInfo(name, date_time=_EPOCH)
            entry.create_system = 3
            entry.external_attr = 0o644 << 16
            new.writestr(entry, content)
    return sink.getvalue()
