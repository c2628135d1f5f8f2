"""Where questions may go, as the pages need it: an officer to whom nothing of his own is shown is told no place."""

from ui.house.client import Person
from ui.house.problem import Problem
from ui.outside import client
from ui.outside.client import Destinations
from ui.shell import signin


def places_of(person: Person) -> Destinations:
    """The places that this person is told of: none in a house without a way out, or for whom nothing may be shown.

    Raises Problem.
    """
    try:
        return signin.signed_in(person.id, lambda who: client.destinations(signin.api(), who))
    except Problem as problem:
        if problem.code in {"not-found", "not-allowed"}:
            return Destinations()
        raise
