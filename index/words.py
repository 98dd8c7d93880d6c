"""Text -> words and stems, the one way that BM25, the question index and the gate count words. Pure."""

import functools
import re

import Stemmer

_WORD = re.compile(r"[^\W_]+(?:[-'’.][^\W_]+)*")
_STEMMER = Stemmer.Stemmer("english")

# Function words, after the Snowball project's English list; question words are kept, since they tell what is asked.
STOP = frozenset(
    "a an the and or but if of at by for with about to from in on off over under again then once here there all any both each few more "
    "most other some such no nor only own same so than too very s t can will just don should now i me my we our ours you your he him his "
    "she her it its they them their this that these those am is are was were be been being have has had having do does did doing would "
    "could ought as until while into through during before after above below up down out further please".split()
)


def words(text: str) -> list[str]:
    """Lower-case words in order: "The U.S. 9M729's MK-41" -> the, us, 9m729, mk-41."""
    found = []
    for word in _WORD.findall(text.lower().replace("’", "'")):
        word = word.removesuffix("'s").replace("'", "")
        if "." in word and all(len(part) == 1 for part in word.split(".")):
            word = word.replace(".", "")
        found.append(word)
    return found


def pieces(text: str) -> list[tuple[str, str]]:
    """(what stands before a word, the word as written), in order; the last word is empty."""
    found, end = [], 0
    for match in _WORD.finditer(text):
        found.append((text[end : match.start()], match.group()))
        end = match.end()
    return [*found, (text[end:], "")]


@functools.lru_cache(maxsize=100_000)
def stem(word: str) -> str:
    """The Snowball stem of a lower-case word; words with digits stay as they are."""
    return word if any(c.isdigit() for c in word) else str(_STEMMER.stemWord(word))


def stems(text: str) -> list[str]:
    """The stems of all words of `text`, in order."""
    return [stem(word) for word in words(text)]


def content_stems(text: str) -> list[str]:
    """The stems of the words that carry meaning: without function words and question words."""
    return [stem(word) for word in words(text) if word not in STOP and word not in QUESTION_WORDS]


QUESTION_WORDS = frozenset("who whom whose what when where which why how".split())
