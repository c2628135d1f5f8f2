"""The rule itself: may this person read a document with these attributes?

Written on its own, without the clauses of `scope.py`: each hit of a search is decided again here, over the attributes
that the registry holds now, so that one faulty half does not leak alone.
"""

from appliance.records import Access, Principal


def may_read(principal: Principal, access: Access) -> bool:
    """True only if tenant, clearance and groups all agree. Anything empty means no.

    Each of the three lines is a security property; `tests/access/test_scope.py` fails if one is deleted.
    """
    if not principal.tenant or principal.tenant != access.tenant:
        return False
    if principal.clearance < access.level:
        return False
    return not principal.groups.isdisjoint(access.readers)
