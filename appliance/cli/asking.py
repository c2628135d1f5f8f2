"""`muniment ask` and `muniment search`: a question as one of the demo's personas."""

from typing import Annotated, Any

import typer
from rich.console import Console
from rich.text import Text

from appliance.cli.client import Client
from appliance.errors import BadRequest
from appliance.settings import load

console = Console(highlight=False)
Persona = Annotated[str, typer.Option("--as", help="the persona who asks", metavar="PERSONA")]


Following = Annotated[bool, typer.Option("--continue", help="ask a follow-up in the last conversation")]


def ask(question: str, persona: Persona, *, following: Following = False) -> None:
    """Ask a question; verified sentences appear as they are released, then where they stand."""
    client = Client(load(), persona)
    asked = {"question": question}
    if following:
        last = client.get("/v1/conversations", limit=1)["conversations"]
        if not last:
            raise BadRequest("There is no conversation to continue.", advice="Ask without --continue first.")
        asked["conversation"] = last[0]["id"]
    with console.status("Searching and reading …") as waiting:
        for event, data in client.events("/v1/ask", asked):
            waiting.stop()
            if event == "sentence":
                marks = "".join(f" [{citation['number']}]" for citation in data["citations"])
                console.print(Text(data["text"]) + Text(marks, style="cyan"))
            if data.get("understood"):
                console.print(Text(f"  Understood as: {data['understood']}", style="dim"))
            if event == "answer":
                _sources(data)
            elif event == "refusal":
                _refusal(data)


def search(question: str, persona: Persona, limit: int = 5) -> None:
    """Show the passages that this persona may read and that are nearest to the question."""
    found = Client(load(), persona).post("/v1/search", {"question": question, "limit": limit})
    for number, passage in enumerate(found["passages"], start=1):
        console.print(Text(f"{number}. {_place(passage)}", style="cyan"))
        console.print(Text(f"   {' '.join(passage['text'].split())[:300]}"))
    if not found["passages"]:
        console.print("Nothing that you may read speaks about this.")


def _sources(answer: dict[str, Any]) -> None:
    for citation in answer["citations"]:
        console.print(Text(f"  [{citation['number']}] {_place(citation)}", style="cyan"))
        console.print(Text(f"      “{citation['quote']}”", style="dim"))
    usage = answer["usage"]
    console.print(
        Text(
            f"  {usage['prompt_tokens']} tokens read, {usage['answer_tokens']} written; first sentence after "
            f"{usage['first_sentence_s']:.1f} s, all after {usage['total_s']:.1f} s; {answer['withheld']} withheld",
            style="dim",
        )
    )


def _refusal(refusal: dict[str, Any]) -> None:
    console.print(Text(refusal["reason"], style="yellow"))
    if refusal["looked_for"]:
        console.print(Text(f"  Looked for: {', '.join(refusal['looked_for'])}", style="dim"))


def _place(source: dict[str, Any]) -> str:
    """Title, heading, page and date of a citation or a passage, as far as it has them."""
    dated = f", in force from {source['valid_from']}" if source.get("valid_from") else ""
    title, heading = source["title"], source.get("heading") or ""
    # The path of headings often begins with the document's own title.
    where = heading if heading.startswith(title) else " > ".join(part for part in (title, heading) if part)
    return f"{where}, page {source['page']}{dated}"
