"""What this room asks of a policy set before it is believed: what its own tables and examples say comes out."""

from appliance.access.policy_set import PolicySet
from appliance.privacy.detecting import parts as detectors
from appliance.privacy.labelling import label_tables


def examined(found: PolicySet) -> None:
    """Raises PolicyRefused for what is wrong with the set's labels, or with what it says of personal data."""
    label_tables.examine(found)
    detectors.examine(found)
