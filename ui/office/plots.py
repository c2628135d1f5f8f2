"""What every plot of the officers' pages is made on."""

from collections.abc import Mapping, Sequence

import altair as alt


def chart(rows: Sequence[Mapping[str, object]]) -> alt.Chart:
    """A plot of these rows, which travel inside the page."""
    return alt.Chart(alt.Data(values=list(rows)))  # type: ignore[no-untyped-call]  # altair's own
