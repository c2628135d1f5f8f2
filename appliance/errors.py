"""Every error that Muniment raises on purpose, grouped by who is at fault.

::

    MunimentError
    ├── CallerError                the request is wrong; asking again unchanged will not help
    │   ├── BadRequest             400  malformed, empty, too long, control characters
    │   ├── NotSupported           400  a parameter that means something this appliance does not do
    │   ├── NoSuchModel            404  a model's name that is not ours
    │   ├── TooLarge               413  a body over the limit; it is not read to its end
    │   ├── TooSlow                408  a body that did not come in time
    │   ├── NotAuthenticated       401  no identity, or one that does not check out
    │   │   └── SignInRefused      401  a sign-in that was begun does not end in a session
    │   ├── VaultClosed            410  a thread is over, and what its tokens stood for is destroyed
    │   ├── Conflict               409  what is asked for was decided before, or cannot be while something else stands
    │   └── NotFound               404  no such thing, or none that this person may see: the same words for both
    ├── PolicyError                the rules say no
    │   ├── NotAllowed             403  this person may do nothing of the kind
    │   └── NotScannable           403  a text in which personal data cannot be looked for, so that it may not leave
    ├── LoadError                  more is asked at once than there is room for; nothing was begun or recorded
    │   ├── QueueFull              429  nobody else may wait now, or not this person
    │   ├── WaitedTooLong          503  no place came free in time
    │   └── TooManyConnections     503  more requests at once than the process takes
    ├── DependencyError            a part of the appliance is broken; nothing was answered from half the evidence
    │   ├── StoreUnavailable       503  the vector store does not answer, or answers nonsense
    │   ├── ModelUnavailable       503  the chat model's engine does not answer, or stopped in the middle
    │   ├── EmbedderUnavailable    503  the embedding model cannot be used
    │   ├── DetectorUnavailable    503  a detector of personal data failed, was late, or answered nonsense
    │   ├── RegistryUnavailable    503  the database or the archive cannot be used
    │   ├── WorkerUnavailable      503  no worker lives; what was uploaded waits
    │   ├── IssuerUnavailable      503  the OpenID issuer does not answer, or answers nonsense
    │   ├── DirectoryUnavailable   503  the directory does not answer, or only by half
    │   ├── LedgerUnavailable      503  an entry could not be made durable
    │   ├── PolicyUnavailable      503  no signed policy set can be believed, or it could not decide
    │   ├── DoorUnavailable        503  the door to the outside does not answer; nothing is known to have left
    │   └── ApiUnavailable         503  the command line or the portal cannot reach the API
    └── OperatorError              the installation is wrong; the operator must act
        ├── SettingsRefused        a value out of bounds, or an illegal combination
        ├── PolicyRefused          a policy set that is broken, not signed by two officers, or not what its tables say
        ├── KeycloakRefused        Keycloak does not do what the administrator tells it
        ├── ModelMissing           a model of the manifest is not on disk
        ├── ModelDamaged           a model's digest is not the one in the manifest
        ├── FetchFailed            a model could not be brought
        ├── IndexMismatch          the index was made with another embedding model
        ├── AlreadyRunning         `up` while the stack runs
        └── NotRunning             a command needs the stack and it is not up

A refusal to answer is no error: it is a value (`appliance.records.Refusal`).
Messages never carry document text, document names or questions: they may be logged.
"""


class MunimentError(Exception):
    """Base of all. `str(error)` says what happened; `advice` says what was not lost and what to do."""

    status = 500
    code = "internal"
    advice = ""

    def __init__(self, message: str, *, advice: str | None = None) -> None:
        super().__init__(message)
        if advice is not None:
            self.advice = advice


class CallerError(MunimentError):
    """The request is wrong."""

    status = 400
    code = "bad-request"


class BadRequest(CallerError):
    """Malformed, empty, too long, or holding characters that no text has."""


class NotSupported(CallerError):
    """A parameter that means something this appliance does not do. `parameter` is its name, one that we know."""

    code = "not-supported"

    def __init__(self, message: str, *, parameter: str, advice: str | None = None) -> None:
        super().__init__(message, advice=advice)
        self.parameter = parameter


class NoSuchModel(CallerError):
    """A model's name that is not ours. The code is the one that OpenAI's clients know."""

    status = 404
    code = "model_not_found"
    advice = "GET /v1/models lists the names."


class TooLarge(CallerError):
    """The body of a request is over the limit; it was not read to its end."""

    status = 413
    code = "too-large"


class TooSlow(CallerError):
    """The body of a request did not come in time; what came of it was dropped."""

    status = 408
    code = "too-slow"
    advice = "Nothing was begun. Send the request again, whole."


class NotAuthenticated(CallerError):
    """No credentials, or some that do not check out. The message never says which part failed."""

    status = 401
    code = "not-authenticated"
    advice = "Sign in again."


class SignInRefused(NotAuthenticated):
    """A sign-in that was begun does not end in a session: the issuer said no, or what it said does not check out."""

    code = "sign-in-refused"


class Conflict(CallerError):
    """It was decided before, or cannot be while something else stands; nothing was changed."""

    status = 409
    code = "conflict"
    advice = "Nothing was changed. Look at it as it is now."


class VaultClosed(CallerError):
    """A thread is over, or lasted its day: what its tokens stood for is destroyed, and nothing brings it back."""

    status = 410
    code = "vault-closed"

    def __init__(self) -> None:
        super().__init__("This thread is over; what its tokens stood for is destroyed.")


class NotFound(CallerError):
    """No such thing, or none that this person may see: status and words are the same for both."""

    status = 404
    code = "not-found"

    def __init__(self) -> None:
        super().__init__("There is nothing here that you may see.")


class PolicyError(MunimentError):
    """The rules say no."""

    status = 403
    code = "not-allowed"


class NotAllowed(PolicyError):
    """This person may do nothing of the kind asked for."""

    advice = "Ask the security officers which group grants it."


class NotScannable(PolicyError):
    """A text in which personal data cannot be looked for: too long a line, no text at all, too much to find."""

    code = "not-scannable"


class LoadError(MunimentError):
    """More is asked at once than there is room for. Nothing was begun; `retry_after` says when to ask again (s)."""

    status = 503
    code = "busy"
    retry_after = 5


class QueueFull(LoadError):
    """Nobody else may wait now, or this person has as many questions waiting as one person may."""

    status = 429
    code = "queue-full"
    advice = "Nothing was begun. Wait for an answer that is under way, or ask again in a moment."


class WaitedTooLong(LoadError):
    """No place came free in the time that a question may wait."""

    code = "waited-too-long"
    advice = "Nothing was begun. Ask again when fewer people are asking."
    retry_after = 30


class TooManyConnections(LoadError):
    """The process serves as many requests at once as it may."""

    code = "too-many-connections"
    advice = "Nothing was begun. Ask again in a moment."


class DependencyError(MunimentError):
    """A part of the appliance is broken. Never turned into an empty result."""

    status = 503
    code = "unavailable"
    advice = "Nothing was lost. Try again in a minute; if it stays, the operator runs `muniment status`."


class StoreUnavailable(DependencyError):
    """The vector store does not answer, or answers nonsense."""

    code = "store-unavailable"


class ModelUnavailable(DependencyError):
    """The chat model's engine does not answer, or stopped in the middle of an answer."""

    code = "model-unavailable"


class EmbedderUnavailable(DependencyError):
    """The embedding model cannot be used."""

    code = "embedder-unavailable"


class DetectorUnavailable(DependencyError):
    """A detector of personal data failed, was late, or answered nonsense: nothing it was shown counts as clean."""

    code = "detector-unavailable"


class RegistryUnavailable(DependencyError):
    """The database or the archive of originals cannot be used."""

    code = "registry-unavailable"


class WorkerUnavailable(DependencyError):
    """No worker lives: what was uploaded is kept, and waits."""

    code = "worker-unavailable"


class IssuerUnavailable(DependencyError):
    """The OpenID issuer does not answer, or answers nonsense. Whoever has a token that still holds goes on with it."""

    code = "issuer-unavailable"


class DirectoryUnavailable(DependencyError):
    """The directory does not answer, or not wholly. Nobody is told so: what is public is still served."""

    code = "directory-unavailable"


class LedgerUnavailable(DependencyError):
    """An entry could not be made durable, so what it records must not happen."""

    code = "ledger-unavailable"


class PolicyUnavailable(DependencyError):
    """No policy set is in force that can be believed, or it could not decide; nothing is allowed then."""

    code = "policy-unavailable"
    advice = "Nothing was answered and nothing was lost. The operator runs `muniment policy status`."


class DoorUnavailable(DependencyError):
    """The door to the outside does not answer. What was handed to it is asked after once it is back."""

    code = "door-unavailable"


class ApiUnavailable(DependencyError):
    """The command line or the portal cannot reach the API."""

    code = "api-unavailable"


class OperatorError(MunimentError):
    """The installation is wrong and the operator must act."""

    code = "operator"


class SettingsRefused(OperatorError):
    """A value out of bounds, or an illegal combination of switches."""

    code = "settings-refused"


class PolicyRefused(OperatorError):
    """A policy set that is broken, not signed by two officers, or that does not say what its tables say.

    It never comes into force. The message names rules by their ids, and files; never a person or a document. `faults`
    tell whoever checks the policies what is wrong with each, its id first; they may quote a policy.
    """

    code = "policy-refused"
    advice = "Nothing has changed: the last good policy set stays in force. `muniment policy check` shows every fault."

    def __init__(self, message: str, *, advice: str | None = None, faults: tuple[str, ...] = ()) -> None:
        super().__init__(message, advice=advice)
        self.faults = faults


class KeycloakRefused(OperatorError):
    """Keycloak does not do what the administrator tells it: a wrong password, a missing right, another version."""

    code = "keycloak-refused"
    advice = "What was done before stays and is found again. Check the account's rights (manage-realm, manage-clients)."


class ModelMissing(OperatorError):
    """A model of the manifest is not on disk."""

    code = "model-missing"
    advice = "Run `muniment models fetch`, or `muniment models fetch --from FOLDER` without a network."


class ModelDamaged(OperatorError):
    """A model's digest is not the one in the manifest; it is never loaded."""

    code = "model-damaged"
    advice = "Delete the file named above and run `muniment models fetch`."


class FetchFailed(OperatorError):
    """A model could not be brought from its source."""

    code = "fetch-failed"


class IndexMismatch(OperatorError):
    """The index was made with another embedding model; the two are never mixed."""

    code = "index-mismatch"
    advice = (
        "The documents and their index are as they were. Ingest them into a new data folder (MUNIMENT_DATA); in the "
        "demo, `make clean` and `make demo` do that."
    )


class AlreadyRunning(OperatorError):
    """`up` while the stack runs."""

    code = "already-running"
    advice = "`muniment status` shows it; `muniment down` stops it."


class NotRunning(OperatorError):
    """A command needs the stack and it is not up."""

    code = "not-running"
    advice = "Start it with `muniment up`."
