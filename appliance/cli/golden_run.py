"""One run over a set of golden questions: asked in their order, each kept as soon as it is answered."""

import fcntl
import hashlib
import json
import time
from collections.abc import Callable, Sequence
from contextlib import ExitStack, closing
from importlib.metadata import version
from pathlib import Path
from typing import IO, Any, Final

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from appliance.answering import prompts
from appliance.cli.client import Client
from appliance.errors import BadRequest, MunimentError, QueueFull, TooManyConnections, WaitedTooLong
from appliance.models import manifest
from appliance.settings import Settings
from appliance.workshop.evaluation import Case, Golden, from_line, score, to_line
from appliance.workshop.figures import DEEPEST

TRIES: Final = 12
"""How often a question is asked while the appliance says that there is no room for it."""
WAITS: Final[dict[str, int]] = {kind.code: kind.retry_after for kind in (QueueFull, WaitedTooLong, TooManyConnections)}

Readable = Callable[[Golden], set[str]]
Post = Callable[[str, dict[str, Any]], dict[str, Any]]


class GoldenRun:
    """The run called `name`. Its file holds what answered in its first line, then a case a line."""

    def __init__(self, settings: Settings, name: str, who: dict[str, str]) -> None:
        self._settings = settings
        self._who = who
        self._folder = settings.data / "evaluations"
        self._file = self._folder / f"{name}.jsonl"
        self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)

    def forget(self) -> None:
        """Ask everything anew."""
        self._file.unlink(missing_ok=True)

    def ask(self, questions: Sequence[Golden], console: Console) -> list[Case]:
        """The cases of `questions`, in their order; those that are kept already are not asked again.

        Raises BadRequest if the run was begun with another model or other settings, and whatever the API raises.
        """
        done = self._kept()
        left = [question for question in questions if _key(question) not in done]
        if left:
            readable = readable_by(self._settings)
            clients: dict[str, Client] = {}
            with self._file.open("a", encoding="utf-8") as lines, ExitStack() as held, _progress(console) as progress:
                _alone(lines)
                task = progress.add_task("Asking", total=len(questions), completed=len(questions) - len(left))
                for question in left:
                    if question.persona not in clients:
                        client = held.enter_context(closing(Client(self._settings, question.persona)))
                        clients[question.persona] = client
                    case = self._case(question, clients[question.persona].post, readable)
                    done[_key(question)] = case
                    lines.write(to_line(case) + "\n")
                    lines.flush()
                    progress.advance(task)
        return [done[_key(question)] for question in questions]

    def _case(self, question: Golden, post: Post, readable: Readable) -> Case:
        try:
            asked = {"question": question.question}
            found = patiently(post, "/v1/search", asked | {"limit": DEEPEST})
            told = patiently(post, "/v1/ask", asked)
        except MunimentError as error:
            error.advice += f" What was asked is kept: the same command with --run {self._run()} goes on from there."
            raise
        return score(question, told, found["passages"], readable=readable(question))

    def _run(self) -> str:
        return self._file.stem.rsplit("-", 1)[0]

    def _kept(self) -> dict[tuple[str, str], Case]:
        """The cases that are kept, by id and digest; begins the file if there is none. A torn last line is dropped."""
        if not self._file.exists():
            self._file.touch(mode=0o600)
            self._file.write_text(json.dumps({"identity": self._who}) + "\n", "utf-8")
            return {}
        first, *lines = self._file.read_text("utf-8").splitlines(keepends=True)
        if _identity(first) != self._who:
            raise BadRequest(
                "This run was begun with another model, prompt or settings, or by an older version.",
                advice="Give another --run, or --again to forget what it has asked.",
            )
        whole = [line for line in lines if line.endswith("\n")]
        if len(whole) < len(lines):
            self._file.write_text(first + "".join(whole), "utf-8")
        cases = [from_line(line) for line in whole]
        return {(case.id, case.digest): case for case in cases}


def _alone(lines: IO[str]) -> None:
    """Keep the file to this process until it is closed: two that ask the same run would count each question twice."""
    try:
        fcntl.flock(lines, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError as error:
        raise BadRequest(
            "This run is being asked by another process; nothing was changed.",
            advice="Wait for it, or give another --run.",
        ) from error


def _key(question: Golden) -> tuple[str, str]:
    return question.id, question.digest


def _identity(line: str) -> object:
    try:
        return json.loads(line).get("identity")
    except (ValueError, AttributeError):
        return None


def _progress(console: Console) -> Progress:
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    return Progress(*columns, console=console, transient=True)


def patiently(
    post: Post, path: str, body: dict[str, Any], *, sleep: Callable[[float], None] = time.sleep
) -> dict[str, Any]:
    """What the API answers; asked again, a bounded number of times, while there is no room for the question."""
    for _ in range(TRIES - 1):
        try:
            return post(path, body)
        except MunimentError as error:
            if error.code not in WAITS:
                raise
            sleep(WAITS[error.code])
    return post(path, body)


def identity(settings: Settings, questions: Path) -> dict[str, str]:
    """What answers and what is asked, each with a digest: two runs with the same identity should say the same."""
    chat = manifest.chat(settings.engine, settings.manifest)
    embedding = manifest.entry("embedding")
    weighed = {
        "engine": settings.engine,
        "prompt tokens": settings.prompt_budget,
        "answer tokens": settings.answer_tokens,
        "passages": settings.passages,
        "reranker": settings.reranker.name if settings.reranker else "none",
    }
    return {
        "Muniment": version("muniment"),
        "chat model": f"{chat.name} ({_short([file.sha256 for file in chat.files])})",
        "embedder": f"{embedding.name} ({_short([file.sha256 for file in embedding.files])})",
        "answering": _short([file.read_text("utf-8") for file in sorted(Path(prompts.__file__).parent.glob("*.py"))]),
        "settings": ", ".join(f"{name} {value}" for name, value in weighed.items()),
        "questions": f"{questions.name} ({_short([questions.read_text('utf-8')])})",
    }


def _short(texts: Sequence[str]) -> str:
    return hashlib.sha256(json.dumps(texts).encode()).hexdigest()[:12]


def readable_by(settings: Settings) -> Readable:
    """For a question's persona, the uris of the documents that the registry lets that person read."""
    from appliance import wiring
    from appliance.store.database import open_database
    from appliance.store.registry import Registry

    people = wiring.personas(settings)
    documents = Registry(open_database(settings.database)).documents()
    rules = wiring.rules(settings)

    def uris(question: Golden) -> set[str]:
        principal = people.principal(f"Bearer {people.token(question.persona)}")
        readable = rules.readable(principal, {document.id: document.access for document in documents})
        return {document.uri for document in documents if document.id in readable}

    return uris
