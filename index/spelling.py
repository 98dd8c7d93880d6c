"""A misspelt word close to one of the text's own is read as that word. Pure."""

from collections.abc import Callable, Collection

from rapidfuzz import process
from rapidfuzz.distance import OSA

from index.words import QUESTION_WORDS, STOP, pieces, stem, words

_SHORTEST = 4  # characters; shorter words are too easily turned into one another
_PREFIXES = ("un", "in", "im", "dis", "non", "mis", "re")  # what they make of a word is another word, not a misspelling


class Spelling:
    """Corrects towards `vocabulary` (lower-case words) whatever `is_word` does not hold for a word of the language."""

    def __init__(self, vocabulary: Collection[str], is_word: Callable[[str], bool]) -> None:
        self.known = frozenset(vocabulary) | STOP | QUESTION_WORDS
        self.stems = frozenset(map(stem, self.known))
        self.targets = sorted(w for w in self.known if len(w) >= _SHORTEST and w.isalpha())
        self.is_word = is_word

    def correct(self, question: str) -> str:
        """The question with its misspelt words put right, everything else as it was."""
        out = []
        for gap, word in pieces(question):
            out += [gap, self._corrected(word) if word else ""]
        return "".join(out)

    def _corrected(self, word: str) -> str:
        plain = words(word)
        if len(plain) != 1 or len(plain[0]) < _SHORTEST or not plain[0].isalpha():
            return word
        lower = plain[0]
        if lower in self.known or stem(lower) in self.stems or (lower.endswith("s") and lower[:-1] in self.known) or self.is_word(lower):
            return word
        allowed = 1 if len(lower) < 7 else 2
        found = process.extractOne(lower, self.targets, scorer=OSA.distance, score_cutoff=allowed)
        if found is None:
            return word
        target = str(found[0])
        if lower in (prefix + target for prefix in _PREFIXES):
            return word
        return target.capitalize() if word[0].isupper() else target
