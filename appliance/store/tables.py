"""The tables of what must last, for SQLite and PostgreSQL alike. Migrations create them; nothing else does."""

from datetime import date, datetime
from typing import Any

from sqlalchemy import (
    JSON,
    BigInteger,
    Boolean,
    Date,
    DateTime,
    ForeignKey,
    ForeignKeyConstraint,
    Index,
    Integer,
    LargeBinary,
    String,
    Text,
)
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

_Uri = Text().with_variant(Text(collation="C"), "postgresql")
"""Ordered by code points, as Python and SQLite order texts, whatever the server's language."""


class Base(DeclarativeBase):
    """The one set of tables."""


class FileRow(Base):
    """A file of a source and what became of it. `id` is the document's id, stable over versions.

    A quarantined file keeps its row, with the reason and without access attributes: nobody can read it. `listed` is
    who would read it by its list; nothing else looks there.
    """

    __tablename__ = "files"
    __table_args__ = (
        Index("files_by_uri", "tenant", "uri", unique=True),
        Index("files_held_back", "tenant", "outcome", "updated"),
        Index("files_superseded", "superseded_by"),
    )

    id: Mapped[str] = mapped_column(String(36), primary_key=True)
    tenant: Mapped[str] = mapped_column(String(63))
    uri: Mapped[str] = mapped_column(_Uri)
    version: Mapped[str] = mapped_column(String(64))
    outcome: Mapped[str] = mapped_column(String(16))
    reason: Mapped[str] = mapped_column(Text, default="")
    title: Mapped[str] = mapped_column(Text, default="")
    media_type: Mapped[str] = mapped_column(String(127), default="")
    language: Mapped[str] = mapped_column(String(8), default="")
    page_count: Mapped[int] = mapped_column(Integer, default=0)
    access: Mapped[dict[str, Any] | None] = mapped_column(JSON(none_as_null=True))
    listed: Mapped[dict[str, Any] | None] = mapped_column(JSON(none_as_null=True))
    valid_from: Mapped[date | None] = mapped_column(Date)
    superseded_by: Mapped[str | None] = mapped_column(Text)
    updated: Mapped[datetime] = mapped_column(DateTime(timezone=True))


class PageRow(Base):
    """One page of a registered document: the text that citations point into, and its picture's digest."""

    __tablename__ = "pages"

    document: Mapped[str] = mapped_column(ForeignKey("files.id", ondelete="CASCADE"), primary_key=True)
    number: Mapped[int] = mapped_column(Integer, primary_key=True)
    text: Mapped[str] = mapped_column(Text)
    picture: Mapped[str] = mapped_column(String(64), default="")


class LabelsRow(Base):
    """What was said of a registered document's text, by what, and of each stretch of it; nothing of the text itself."""

    __tablename__ = "document_labels"

    document: Mapped[str] = mapped_column(ForeignKey("files.id", ondelete="CASCADE"), primary_key=True)
    version: Mapped[str] = mapped_column(String(64))
    made_by: Mapped[str] = mapped_column(String(64))
    listed: Mapped[dict[str, Any]] = mapped_column(JSON)
    level: Mapped[int] = mapped_column(Integer)
    labels: Mapped[list[str]] = mapped_column(JSON)
    retention: Mapped[str] = mapped_column(String(64))
    passages: Mapped[list[list[Any]]] = mapped_column(JSON)


class UploadRow(Base):
    """A file that a person gave through the API, and how far it has come. `id` is the document's id.

    `ticket` names this version of the upload: a job that holds another ticket is out of date.
    """

    __tablename__ = "uploads"
    __table_args__ = (Index("uploads_by_person", "tenant", "person"),)

    id: Mapped[str] = mapped_column(String(36), primary_key=True)
    tenant: Mapped[str] = mapped_column(String(63))
    person: Mapped[str] = mapped_column(Text)
    uri: Mapped[str] = mapped_column(_Uri)
    name: Mapped[str] = mapped_column(Text)
    ticket: Mapped[str] = mapped_column(String(36))
    digest: Mapped[str] = mapped_column(String(64))
    size: Mapped[int] = mapped_column(BigInteger)
    access: Mapped[dict[str, Any]] = mapped_column(JSON)
    state: Mapped[str] = mapped_column(String(16))
    reason: Mapped[str] = mapped_column(Text, default="")
    attempts: Mapped[int] = mapped_column(Integer, default=0)
    received: Mapped[datetime] = mapped_column(DateTime(timezone=True))
    updated: Mapped[datetime] = mapped_column(DateTime(timezone=True))


class ConversationRow(Base):
    """A person's conversation. Whatever anyone said stands in columns named `sealed`, here and in the tables below."""

    __tablename__ = "conversations"
    __table_args__ = (Index("conversations_by_person", "tenant", "person", "updated"),)

    id: Mapped[str] = mapped_column(String(36), primary_key=True)
    tenant: Mapped[str] = mapped_column(String(63))
    person: Mapped[str] = mapped_column(Text)
    sealed: Mapped[bytes] = mapped_column(LargeBinary)
    created: Mapped[datetime] = mapped_column(DateTime(timezone=True))
    updated: Mapped[datetime] = mapped_column(DateTime(timezone=True))


class TurnRow(Base):
    """A question of a conversation and how it ended. `id` is the answer's id; `released` counts its sentences."""

    __tablename__ = "turns"
    __table_args__ = (Index("turns_in_order", "conversation", "number", unique=True),)

    id: Mapped[str] = mapped_column(String(36), primary_key=True)
    conversation: Mapped[str] = mapped_column(ForeignKey("conversations.id", ondelete="CASCADE"))
    number: Mapped[int] = mapped_column(Integer)
    outcome: Mapped[str] = mapped_column(String(16))
    released: Mapped[int] = mapped_column(Integer)
    sealed: Mapped[bytes] = mapped_column(LargeBinary)
    at: Mapped[datetime] = mapped_column(DateTime(timezone=True))


class TurnSentenceRow(Base):
    """A released sentence of a turn, counted from 1; 0 is the question as it was understood, if it was rewritten."""

    __tablename__ = "turn_sentences"

    turn: Mapped[str] = mapped_column(ForeignKey("turns.id", ondelete="CASCADE"), primary_key=True)
    number: Mapped[int] = mapped_column(Integer, primary_key=True)
    sealed: Mapped[bytes] = mapped_column(LargeBinary)


class TurnSourceRow(Base):
    """A document whose text may be in a sentence of a turn, and the version that it had then."""

    __tablename__ = "turn_sources"
    __table_args__ = (
        ForeignKeyConstraint(
            ["turn", "number"], ["turn_sentences.turn", "turn_sentences.number"], ondelete="CASCADE"
        ),
        Index("turn_sources_by_document", "document"),
    )  # fmt: skip

    turn: Mapped[str] = mapped_column(String(36), primary_key=True)
    number: Mapped[int] = mapped_column(Integer, primary_key=True)
    document: Mapped[str] = mapped_column(String(36), primary_key=True)
    version: Mapped[str] = mapped_column(String(64))


class FeedbackRow(Base):
    """What a person thinks of an answer that he got: once, the last word counts."""

    __tablename__ = "feedback"

    answer: Mapped[str] = mapped_column(ForeignKey("turns.id", ondelete="CASCADE"), primary_key=True)
    verdict: Mapped[str] = mapped_column(String(8))
    reason: Mapped[str] = mapped_column(String(32))
    sealed: Mapped[bytes] = mapped_column(LargeBinary)
    at: Mapped[datetime] = mapped_column(DateTime(timezone=True))


class SessionRow(Base):
    """A browser that is signed in. `id` is the digest of its cookie; person, times and tokens are in `sealed`.

    `ends` is there for cleaning up, `renewing` says until when one process alone renews the token, `at_issuer` is the
    digest of the issuer's own session, by which he ends this one.
    """

    __tablename__ = "sessions"
    __table_args__ = (Index("sessions_by_end", "ends"), Index("sessions_at_issuer", "at_issuer"))

    id: Mapped[str] = mapped_column(String(64), primary_key=True)
    sealed: Mapped[bytes] = mapped_column(LargeBinary)
    ends: Mapped[datetime] = mapped_column(DateTime(timezone=True))
    renewing: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
    at_issuer: Mapped[str | None] = mapped_column(String(64))


class LedgerRow(Base):
    """One entry of the ledger. `hash` covers the row and the hash before it; rows are never changed or removed."""

    __tablename__ = "ledger"

    number: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=False)
    body: Mapped[str] = mapped_column(Text)
    hash: Mapped[str] = mapped_column(String(64))


class CheckpointRow(Base):
    """A signed statement of how far the ledger went. `witnessed`: it also stands in the second place."""

    __tablename__ = "checkpoints"
    __table_args__ = (
        Index("checkpoints_by_entry", "entry"),
        Index("checkpoints_witnessed", "witnessed", "number"),
    )  # fmt: skip

    number: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=False)
    entry: Mapped[int] = mapped_column(Integer)
    body: Mapped[str] = mapped_column(Text)
    signature: Mapped[str] = mapped_column(String(128))
    witnessed: Mapped[bool] = mapped_column(Boolean)


class EmergencyRow(Base):
    """A time box that a person opened in an emergency. `verdict` is "" until it is reviewed, once."""

    __tablename__ = "emergencies"
    __table_args__ = (
        Index("emergencies_by_person", "tenant", "person", "ended"),
        Index("emergencies_by_verdict", "tenant", "verdict"),
    )

    id: Mapped[str] = mapped_column(String(36), primary_key=True)
    tenant: Mapped[str] = mapped_column(String(63))
    person: Mapped[str] = mapped_column(Text)
    name: Mapped[str] = mapped_column(Text)
    client: Mapped[str] = mapped_column(Text)
    purpose: Mapped[str] = mapped_column(Text)
    reason: Mapped[str] = mapped_column(Text)
    opened: Mapped[datetime] = mapped_column(DateTime(timezone=True))
    until: Mapped[datetime] = mapped_column(DateTime(timezone=True))
    ended: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
    verdict: Mapped[str] = mapped_column(String(16), default="")
    note: Mapped[str] = mapped_column(Text, default="")
    reviewer: Mapped[str] = mapped_column(Text, default="")
    reviewed: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
    lifted_by: Mapped[str] = mapped_column(Text, default="")
    mailed: Mapped[str] = mapped_column(String(8), default="none")


class EmergencyUseRow(Base):
    """A question or a document of an emergency, as a digest under its random id: counted once, named nowhere."""

    __tablename__ = "emergency_uses"

    emergency: Mapped[str] = mapped_column(ForeignKey("emergencies.id", ondelete="CASCADE"), primary_key=True)
    kind: Mapped[str] = mapped_column(String(8), primary_key=True)
    digest: Mapped[str] = mapped_column(String(64), primary_key=True)


class VaultRow(Base):
    """What a thread's vault opens with: its key, wrapped. Without this row the entries say nothing to anybody."""

    __tablename__ = "vaults"
    __table_args__ = (Index("vaults_by_end", "ends"),)

    thread: Mapped[str] = mapped_column(String(64), primary_key=True)
    sealed: Mapped[bytes] = mapped_column(LargeBinary)
    ends: Mapped[datetime] = mapped_column(DateTime(timezone=True))


class VaultEntryRow(Base):
    """What a token of a thread stands for, sealed with the thread's key."""

    __tablename__ = "vault_entries"

    thread: Mapped[str] = mapped_column(ForeignKey("vaults.thread", ondelete="CASCADE"), primary_key=True)
    number: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=False)
    token: Mapped[str] = mapped_column(String(32))
    sealed: Mapped[bytes] = mapped_column(LargeBinary)
