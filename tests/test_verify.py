from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assistant.support import Cited
from assistant.verify import Claim, claims, verify
from evals.check_claims import numbered, read_claims, score
from index.source import read_source

HARBOUR = [
    Cited("Mayor Ana Lopez said that the harbour is a disgrace."),
    Cited("In March 2011, Norway unilaterally closed the harbour, which was opened by Sweden and Norway in 1954."),
    Cited("She called on Sweden to consider paying 40 million crowns.", "Mayor Ana Lopez said that the harbour is a disgrace."),
    Cited("Ships do not carry oil in the strait."),
]


@pytest.fixture(scope="module")
def article(sources: Path) -> list[Cited]:
    return numbered(read_source(sources / "putin-inf-treaty-statement.txt", sources, 1_000_000))


@pytest.mark.parametrize(
    "draft",
    [
        "Ana Lopez said the harbour is a disgrace [1].",
        "The harbour was opened in 1954 by Sweden and Norway. [2]",
        "Norway closed it in March 2011. [2]",
        "Lopez urged Sweden to consider paying 40 million crowns. [3]",
        "In the strait, ships do not carry oil. [4]",
    ],
)
def test_what_the_text_says_stands(draft: str) -> None:
    checked = verify(draft, HARBOUR)
    assert len(checked.claims) == 1
    assert checked.dropped == ()


@pytest.mark.parametrize(
    ("draft", "reason"),
    [
        ("The harbour is a disgrace. [1]", "fact"),
        ("Norway closed it in 2012. [2]", "number"),
        ("Norway closed it in 1954. [2]", "belongs"),
        ("Sweden closed the harbour in March 2011. [2]", "Sweden"),
        ("Denmark closed the harbour. [2]", "Denmark"),
        ("Sweden called on Lopez to consider paying. [3]", "Lopez"),
        ("Sweden considered paying 40 million crowns. [3]", "planned"),
        ("Ships carry oil in the strait. [4]", "not"),
        ("Norway did not close the harbour. [2]", "not"),
        ("Norway closed the harbour after a storm. [2]", "storm"),
        ("Norway closed the harbour. [4]", "not in what it cites"),
        ("Norway closed the harbour.", "cites nothing"),
        ("Norway closed the harbour. [9]", "not given"),
        ("Norway closed the harbour. [0]", "not given"),
        ("Norway must close the harbour. [2]", "must"),
        ("Norway closed the harbour, which was opened by. [2]", "breaks off"),
        ("Norway closed the harbour in March 2011,. [2]", "breaks off"),
    ],
)
def test_what_the_text_does_not_say_goes(draft: str, reason: str) -> None:
    checked = verify(draft, HARBOUR)
    assert checked.claims == ()
    assert [reason in gone.reason for gone in checked.dropped] == [True]


def test_sentences_and_their_markers() -> None:
    draft = "**One** is here [1]. Two is there. [2, 3]\n- Mr. Four, at 5.30 p.m. [4][1]\n\n[2]\nNo marker"
    assert claims(draft) == [
        Claim("One is here.", (1,)),
        Claim("Two is there.", (2, 3)),
        Claim("Mr. Four, at 5.30 p.m.", (4, 1)),
        Claim("No marker", ()),
    ]


def test_one_sentence_may_stand_while_its_neighbour_goes() -> None:
    checked = verify("Norway closed the harbour in March 2011. [2] Norway closed it in May 2011. [2] Norway closed the harbour in March 2011. [2]", HARBOUR)
    assert [claim.text for claim in checked.claims] == ["Norway closed the harbour in March 2011."]
    assert [gone.claim for gone in checked.dropped] == ["Norway closed it in May 2011."]


def test_an_invented_number_beside_a_given_one_is_left_out() -> None:
    assert verify("Norway closed the harbour. [2][77]", HARBOUR).claims == (Claim("Norway closed the harbour.", (2,)),)


@pytest.mark.parametrize("half", ["dev", "test"])
def test_precision_and_recall_on_the_labelled_sentences(half: str, article: list[Cited]) -> None:
    labelled = read_claims(half)
    found, _ = score(labelled, article)
    assert len(labelled) >= 100
    assert min(found.kept_precision, found.kept_recall, found.dropped_precision, found.dropped_recall) >= 0.90


def test_every_sentence_of_the_article_follows_from_itself(article: list[Cited]) -> None:
    draft = " ".join(f"{cited.text} [{number}]" for number, cited in enumerate(article, start=1) if number > 1)
    checked = verify(draft, article)
    assert checked.dropped == ()
    assert len(checked.claims) == len(article) - 1


@given(st.text(max_size=300))
def test_any_text_can_be_checked(draft: str) -> None:
    checked = verify(draft, HARBOUR)
    assert len(checked.claims) + len(checked.dropped) <= len(claims(draft))


def test_a_marker_may_stand_before_its_sentences() -> None:
    assert claims("[2] One is here. It is small. [3] Two is there.") == [
        Claim("One is here.", (2,)),
        Claim("It is small.", (2,)),
        Claim("Two is there.", (3,)),
    ]


def test_a_number_of_the_sentence_before_needs_its_own_marker() -> None:
    signed = "The treaty was signed in 1987."
    left = Cited("In August they left it.", signed)
    assert verify("The treaty was signed in 1987. [2]", [Cited(signed), left]).claims == ()
    assert len(verify("The treaty was signed in 1987. [1]", [Cited(signed), left]).claims) == 1


def test_what_is_marked_must_be_said_and_some_of_what_is_pointed_at() -> None:
    marked = [Cited(HARBOUR[1].text, marked="March 2011"), Cited(HARBOUR[3].text, pointed="do not carry oil")]
    assert verify("Norway closed the harbour. [1]", marked).dropped[0].reason == "it leaves out what was asked for: March 2011"
    assert len(verify("Norway closed the harbour in March 2011. [1]", marked).claims) == 1
    assert len(verify("Norway closed the harbour. [1] It closed it in March 2011. [1]", marked).claims) == 2
    assert "carry oil" in verify("Ships are in the strait. [2]", marked).dropped[0].reason
    assert len(verify("Ships do not carry oil. [2]", marked).claims) == 1


def test_what_is_only_to_be_considered_is_not_told_as_asked_for() -> None:
    called = [Cited("He called on the council to consider similarly declaring a holiday.")]
    assert "considered" in verify("He called on the council to declare a holiday. [1]", called).dropped[0].reason
    assert len(verify("He called on the council to consider declaring a holiday. [1]", called).claims) == 1


def test_a_date_is_not_given_to_what_the_sentence_before_dates_otherwise() -> None:
    began = "In March 2011, Norway began to close the harbour."
    closed = [Cited("In June of the same year (June 2011), Norway closed the harbour.", began)]
    assert "belongs" in verify("Norway began to close the harbour in June 2011. [1]", closed).dropped[0].reason
    assert len(verify("Norway closed the harbour in June 2011. [1]", closed).claims) == 1
