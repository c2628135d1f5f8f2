"""What the API tells, as pydantic models: with what it is asked (`asked.py`), the OpenAPI document is made of these."""

from collections.abc import Sequence
from datetime import date
from typing import Annotated, Literal, Self

from pydantic import BaseModel, ConfigDict, Field

from appliance import records
from appliance.answering.reading import CitedPage


class _View(BaseModel):
    model_config = ConfigDict(frozen=True)


class CitationView(_View):
    """Where a sentence stands. `number` is its mark in the answer; open it at `/v1/passages/{passage}`."""

    number: int = Field(examples=[1])
    passage: str = Field(examples=["5b1f6f0e-3c42-5d0e-9a55-0d9f6c1b7e21"])
    document: str = Field(examples=["b3a1c2"])
    title: str = Field(examples=["Giving blood"])
    uri: str = Field(examples=["nursing/transfusion.html"])
    heading: str = Field(examples=["Time limits"])
    page: int = Field(examples=[1])
    quote: str = Field(examples=["Red cells must have run through within four hours."])
    valid_from: date | None = Field(examples=["2026-03-01"])

    @classmethod
    def of(cls, citation: records.Citation) -> Self:
        """The view of a citation."""
        return cls(
            number=citation.number,
            passage=citation.passage,
            document=citation.document,
            title=citation.title,
            uri=citation.uri,
            heading=citation.heading,
            page=citation.page,
            quote=citation.quote,
            valid_from=citation.valid_from,
        )


class SentenceView(_View):
    """One sentence that checked out against the passages it cites. The data of the event `sentence`."""

    text: str = Field(examples=["A bag of red cells must have run through within four hours."])
    citations: list[CitationView]

    @classmethod
    def of(cls, sentence: records.Sentence) -> Self:
        """The view of a released sentence."""
        return cls(text=sentence.text, citations=[CitationView.of(citation) for citation in sentence.citations])


class UsageView(_View):
    """What it cost: tokens read and written by the model; seconds to the first released sentence, and in all."""

    prompt_tokens: int = Field(examples=[744])
    answer_tokens: int = Field(examples=[41])
    first_sentence_s: float = Field(examples=[3.1])
    total_s: float = Field(examples=[3.4])

    @classmethod
    def of(cls, usage: records.Usage) -> Self:
        """The view of a usage."""
        return cls(
            prompt_tokens=usage.prompt_tokens,
            answer_tokens=usage.answer_tokens,
            first_sentence_s=usage.first_sentence_s,
            total_s=usage.total_s,
        )


class _Ended(_View):
    conversation: str | None = Field(None, description="Where it is kept, for follow-ups.", examples=["6f0d1a52-7c1e"])
    understood: str | None = Field(None, description="The question as a follow-up was understood.", examples=[None])
    policy: str = Field(description="The version of the rules under which it was found.", examples=["5d41402abc4b"])
    narrowed: bool = Field(
        default=False,
        description="Only what is public was looked at, because the directory of the house was silent.",
    )


class AnswerView(_Ended):
    """A whole answer: only sentences that checked out. `withheld` counts those that did not. Event `answer`."""

    kind: Literal["answer"] = "answer"
    id: str = Field(examples=["01K9Z3"])
    text: str = Field(examples=["A bag of red cells must have run through within four hours. [1]"])
    sentences: list[SentenceView]
    citations: list[CitationView]
    origin: str = Field(description="Which model wrote it.", examples=["local"])
    withheld: int = Field(examples=[0])
    emergency: str | None = Field(
        None, description="The emergency of yours because of which it was given.", examples=[None]
    )
    usage: UsageView

    @classmethod
    def of(cls, answer: records.Answer) -> Self:
        """The view of an answer."""
        return cls(
            id=answer.id,
            text=answer.text,
            sentences=[SentenceView.of(sentence) for sentence in answer.sentences],
            citations=[CitationView.of(citation) for citation in answer.citations],
            origin=answer.origin,
            withheld=answer.withheld,
            usage=UsageView.of(answer.usage),
            conversation=answer.conversation or None,
            understood=answer.understood or None,
            policy=answer.policy,
            emergency=answer.emergency or None,
        )


class RefusalView(_Ended):
    """An honest no, with status 200: why, and the question's own words that were looked for. Event `refusal`."""

    kind: Literal["refusal"] = "refusal"
    id: str = Field(examples=["01K9Z4"])
    reason: str = Field(examples=[records.Reason.NO_EVIDENCE.value])
    code: Literal["NO_EVIDENCE", "NOT_ANSWERED", "NOT_VERIFIED", "WITHDRAWN"] = Field(examples=["NO_EVIDENCE"])
    looked_for: list[str] = Field(examples=[["helicopter", "parking"]])
    usage: UsageView

    @classmethod
    def of(cls, refusal: records.Refusal) -> Self:
        """The view of a refusal."""
        return cls(
            id=refusal.id,
            reason=refusal.reason.value,
            code=refusal.reason.name,
            looked_for=list(refusal.looked_for),
            usage=UsageView.of(refusal.usage),
            conversation=refusal.conversation or None,
            understood=refusal.understood or None,
            policy=refusal.policy,
        )


Told = Annotated[AnswerView | RefusalView, Field(discriminator="kind")]


class PassageView(_View):
    """A passage that a search found. `score` ranks within one search; `similarity` is the cosine to the question."""

    passage: str
    document: str
    title: str
    uri: str
    heading: str
    text: str
    page: int
    language: str
    level: str = Field(examples=["internal"])
    valid_from: date | None
    superseded: bool
    department: str = Field(description="Which department keeps its document.", examples=["nursing"])
    score: float
    similarity: float

    @classmethod
    def of(cls, passage: records.Passage) -> Self:
        """The view of a found passage."""
        return cls(
            passage=passage.id,
            document=passage.document,
            title=passage.title,
            uri=passage.uri,
            heading=passage.heading,
            text=passage.text,
            page=passage.page,
            language=passage.language,
            level=passage.access.level.name.lower(),
            valid_from=passage.valid_from,
            superseded=passage.superseded,
            department=passage.access.department,
            score=passage.score,
            similarity=passage.similarity,
        )


class Found(_View):
    """The passages that a search found, best first."""

    passages: list[PassageView]


class BoxView(_View):
    """A rectangle on the page, in fractions of its width and height, origin at the top left."""

    left: float
    top: float
    right: float
    bottom: float


class CitedPageView(_View):
    """A cited page. `start` and `end` are character offsets of the passage in `text`; `picture` is a path or null."""

    passage: str
    document: str
    title: str
    uri: str
    heading: str
    language: str
    level: str = Field(examples=["internal"])
    valid_from: date | None
    superseded: bool
    page: int
    pages: int
    text: str
    start: int
    end: int
    boxes: list[BoxView]
    picture: str | None = Field(examples=["/v1/passages/5b1f6f0e-3c42-5d0e-9a55-0d9f6c1b7e21/pages/3/picture"])
    takeable: bool = Field(description="You may download the original, too; no emergency opens that.", examples=[True])

    @classmethod
    def of(cls, cited: CitedPage) -> Self:
        """The view of a cited page."""
        return cls(
            passage=cited.passage,
            document=cited.document,
            title=cited.title,
            uri=cited.uri,
            heading=cited.heading,
            language=cited.language,
            level=cited.level.name.lower(),
            valid_from=cited.valid_from,
            superseded=cited.superseded,
            page=cited.page,
            pages=cited.pages,
            text=cited.text,
            start=cited.start,
            end=cited.end,
            boxes=[BoxView(left=box.left, top=box.top, right=box.right, bottom=box.bottom) for box in cited.boxes],
            picture=f"/v1/passages/{cited.passage}/pages/{cited.page}/picture" if cited.picture else None,
            takeable=cited.takeable,
        )


class PersonView(_View):
    """Who you are to the appliance, and what that opens."""

    id: str = Field(examples=["mara"])
    name: str
    tenant: str
    department: str
    groups: list[str]
    clearance: str = Field(examples=["internal"])
    language: str
    narrowed: bool = Field(
        default=False,
        description="The directory has been silent for too long: until it answers you are served what is public.",
    )
    may: list[str] = Field(
        default=[], description="What the rules let you do in this house, as its policies name it.", examples=[["ask"]]
    )

    @classmethod
    def of(cls, principal: records.Principal, may: Sequence[str] = ()) -> Self:
        """The view of a principal, who may do `may`."""
        return cls(
            id=principal.id,
            name=principal.name,
            tenant=principal.tenant,
            department=principal.department,
            groups=sorted(principal.groups),
            clearance=principal.clearance.name.lower(),
            language=principal.language,
            narrowed=principal.narrowed,
            may=list(may),
        )


class PersonaView(_View):
    """A persona of the demonstration, to choose from."""

    id: str
    name: str
    title: str
    department: str
    language: str


class TokenView(_View):
    """A bearer token for `Authorization: Bearer …`."""

    access_token: str
    token_type: Literal["bearer"] = "bearer"  # noqa: S105  # the kind of token, not a token


class Ready(_View):
    """Which parts work. Any other word than `ok` is the code of what is wrong."""

    ready: bool
    parts: dict[str, str] = Field(examples=[{"store": "ok", "model": "model-unavailable", "registry": "ok"}])


class Problem(_View):
    """What went wrong (RFC 9457), what to do about it, and the request's id for whoever looks into the log."""

    type: str = Field(examples=["urn:muniment:problem:store-unavailable"])
    title: str = Field(examples=["Service Unavailable"])
    status: int = Field(examples=[503])
    detail: str
    code: str = Field(examples=["store-unavailable"])
    advice: str
    request_id: str


class OpenAIErrorView(_View):
    """What went wrong, as OpenAI's clients read it. `param` names a parameter at fault, if one is."""

    message: str = Field(examples=["The parameter tools is not supported here with this value."])
    type: str = Field(examples=["invalid_request_error"])
    param: str | None = Field(examples=["tools"])
    code: str = Field(examples=["not-supported"])


class OpenAIProblem(_View):
    """An error on the routes of OpenAI's wire format."""

    error: OpenAIErrorView
