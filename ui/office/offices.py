"""The officers' pages, as the portal lists them."""

from typing import Final

from ui.office import ledger, playground, questions, results, rules
from ui.shell.ways import Place
from ui.words.speech import later

PLACES: Final = (
    Place(
        url="office",
        show=questions.show,
        title=later("Who sees what"),
        icon=":material/visibility:",
        group="Office",
        needs="manage-policies",
        wide=True,
    ),
    Place(
        url="ledger",
        show=ledger.show,
        title=later("Ledger"),
        icon=":material/receipt_long:",
        group="Office",
        needs="view-ledger",
        wide=True,
    ),
    Place(
        url="policies",
        show=rules.show,
        title=later("Rules"),
        icon=":material/gavel:",
        group="Office",
        needs="manage-policies",
        wide=True,
    ),
    Place(
        url="playground",
        show=playground.show,
        title=later("Redaction playground"),
        icon=":material/ink_eraser:",
        group="Office",
        needs="manage-policies",
        wide=True,
    ),
    Place(
        url="results",
        show=results.show,
        title=later("Test results"),
        icon=":material/monitoring:",
        group="Office",
        needs="manage-policies",
        wide=True,
    ),
)
"""In the order in which they are linked."""
