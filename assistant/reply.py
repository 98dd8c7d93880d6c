"""What goes in and comes out: Turn and Ask, Citation and Reply, and the events of a streamed answer. All frozen."""

from dataclasses import dataclass, field
from typing import Literal, TypeAlias

Role = Literal["user", "assistant"]
Status = Literal["answered", "not_stated"]


@dataclass(frozen=True, slots=True)
class Turn:
    """One message of the conversation so far."""

    role: Role
    content: str


@dataclass(frozen=True, slots=True)
class Ask:
    """A question and the conversation before it, oldest first."""

    question: str
    history: tuple[Turn, ...] = ()


@dataclass(frozen=True, slots=True)
class Citation:
    """A pointer into a document: `quote` is `text[start:end]` of the file, in Python characters, half-open.

    `paragraph` counts from 1. `highlights` are the spans, as offsets in the same file and inside the quote, of
    the very words that answer, where that is certain.
    """

    number: int
    document: str
    paragraph: int
    start: int
    end: int
    quote: str
    highlights: tuple[tuple[int, int], ...] = ()


@dataclass(frozen=True, slots=True)
class Near:
    """The closest thing that a document does say, beside a refusal; it does not answer the question."""

    document: str
    paragraph: int
    start: int
    end: int
    quote: str


@dataclass(frozen=True, slots=True)
class Dropped:
    """A claim that had to go from a written answer, and why."""

    claim: str
    reason: str


@dataclass(frozen=True, slots=True)
class Milliseconds:
    """Wall time of the parts of an answer."""

    search: float = 0.0
    answer: float = 0.0
    total: float = 0.0


@dataclass(frozen=True, slots=True)
class Reply:
    """The answer. `not_stated` has no citations; `confidence` is the probability, 0 to 1, that the text answers.

    `answer` carries a marker [n] for every citation. `suggestions` are questions that work, for someone who
    greets or asks what can be asked. `notice` is one line on anything that did not go as set.
    """

    question: str
    standalone_question: str
    status: Status
    answer: str
    confidence: float
    answerer: str
    citations: tuple[Citation, ...] = ()
    dropped: tuple[Dropped, ...] = ()
    near: Near | None = None
    suggestions: tuple[str, ...] = ()
    notice: str = ""
    milliseconds: Milliseconds = field(default_factory=Milliseconds)


@dataclass(frozen=True, slots=True)
class Progress:
    """What the chain is doing now, e.g. "reading"; nothing of it stays in the answer."""

    doing: str

    def __add__(self, later: "Event") -> "Event":
        return later


@dataclass(frozen=True, slots=True)
class Delta:
    """A piece of the answer as it is drafted; what stands is in the Reply."""

    text: str

    def __add__(self, later: "Event") -> "Event":
        return Delta(self.text + later.text) if isinstance(later, Delta) else later


Event: TypeAlias = Progress | Delta | Reply
