"""Whether a document without a question model answers a question: what is measured of its evidence. Pure.

Likeness alone cannot tell (Rajpurkar, Jia and Liang 2018, "Know What You Don't Know"); what the question says and
the best sentence contradicts or leaves out tells more.
"""

import math

from index.asked_kind import asked_for
from index.contrast import contrasts
from index.questions import last_question
from index.rank import lacks_answer, new_names
from index.reading import closeness, read
from index.search import Evidence
from index.words import stem

_FEW = 5  # sentences whose mean cosine is taken
_MOST_CONTRASTS = 2
_OF_ASKING = frozenset(
    stem(word)
    for word in """name type kind sort term word person people thing year date time day century country city place location group company called known
    form part way reason purpose main used happened number amount percentage role idea title result effect area field subject located considered
    referred described stated given following occurred mean individual item something said according generally typically usually commonly currently
    originally eventually primarily example not never""".split()
)  # stems that ask and that a sentence that answers need not repeat


def features(question: str, evidence: list[Evidence]) -> dict[str, float]:
    """Of the evidence, best first, by name.

    `dense` is the best cosine and `dense_few` the mean of the best five; `bm25` the best raw score. The rest is
    about the last question and the best sentence, 0 or 1 unless it is a count:
    `one_missing`          all of the question's content is there but one word
    `contrasts`, `contrasts_nearby`   words contradicted in the sentence, in its passage (0 to 2)
    `negated`, `negated_alone`   the question negates; it does and the sentence does not
    `number_swapped`, `year_missing`   a number is there in place of the one asked about; a year asked about is not there
    `names`                words of names in the question (count)
    `lacks_answer`         nothing there is of the kind asked for
    `new_names`            names there that the question lacks (log(1 + count))
    """
    best = evidence[0]
    text = last_question(question)
    asked, said = read(text), read(best.sentence.read)
    passage = best.document.passages[best.sentence.passage - 1]
    nearby = read(best.document.text[passage.start : passage.end])
    noun = asked_for(text).noun
    claimed = frozenset(asked.stems) - {noun}
    missing = [stem for stem in asked.content - {noun} - _OF_ASKING if not closeness(stem, said.content)]
    dense = sorted((e.dense for e in evidence), reverse=True)[:_FEW]
    return {
        "dense": dense[0],
        "dense_few": sum(dense) / len(dense),
        "bm25": max(e.bm25 for e in evidence),
        "one_missing": float(len(missing) == 1 and len(asked.content) > 2),
        "contrasts": float(min(_MOST_CONTRASTS, contrasts(claimed, frozenset(said.stems)))),
        "contrasts_nearby": float(min(_MOST_CONTRASTS, contrasts(claimed, frozenset(nearby.stems)))),
        "negated": float(asked.negated),
        "negated_alone": float(asked.negated and not said.negated),
        "number_swapped": float(bool(asked.numbers - said.numbers) and bool(said.numbers - asked.numbers)),
        "year_missing": float(any(len(number) == 4 for number in asked.numbers - said.numbers)),
        "names": float(sum(len(name) for name in asked.names)),
        "lacks_answer": float(lacks_answer(text, best.sentence.read)),
        "new_names": math.log1p(new_names(asked, said)),
    }
