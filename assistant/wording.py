"""Words that a check of a drafted sentence must know: synonyms, reporting words, negations, what tells a plan from a deed.

General English of news and statements, nothing of one document. Every word stands for all its inflections.
"""

import re

from index.words import QUESTION_WORDS, STOP, stem


def _set(text: str) -> frozenset[str]:
    return frozenset(text.split())


def _stems(text: str) -> frozenset[str]:
    return frozenset(stem(word) for word in text.split())


PHRASES = tuple(
    (re.compile(pattern), name)
    for pattern, name in (
        (r"\bUnited States(?: of America)?\b|\bUSA?\b|\bU\.S\.(?:A\.)?|\bU\.S\b|\bAmericans?(?:-made)?\b|\bAmerica\b", "USA"),
        (r"\bSoviet Union\b|\bUSSR\b|\bSoviets?\b", "Soviet"),
        (r"\bRussian [Ff]ederation\b|\bRussians?(?: side)?\b", "Russia"),
        (r"\bEuropeans?\b", "Europe"),
        (r"\b(?:[Gg]iv(?:e|es|ing|en)|[Gg]ave) up\b", "renounce"),
        (r"\b(?:[Pp]ull(?:s|ed|ing)?) out\b", "withdraw"),
        (r"\b([Cc]all(?:s|ed|ing)?) (?:up)?on\b", r"urged"),
        (
            r"\b(?:[Cc]ompl(?:y|ies|ied)|[Cc]onform(?:s|ed)?|compliant|compatible|consistent) with\b|\bin (?:full )?(?:compliance|accordance) with\b",
            "in line with",
        ),
        (r"\b(?:do|does|did) not (?:breach|violate|contravene|infringe)\b", "is in line with"),
        (r"\bin the event (?:that|of)\b|\bprovided that\b|\bon condition that\b", "if"),
        (r"\bno longer\b", "not"),
        (r"\bcannot\b", "can not"),
        (r"n['’]t\b", " not"),
    )
)

_GROUPS = """
withdraw withdrew withdrawn withdrawal leave left exit quit departure
begin began begun start started launch launched initiate
mistake error
grave serious severe
increase raise raises raised heighten grow
reduce lower ease decrease lessen
risk danger threat
end ends ended lapse lapses expire cessation cease ceases termination terminate stop stopped halt
mean means meant aim aims aimed intend intended purpose goal want wants seek seeks sought designed
cover covers covered concern concerns apply applies stipulate stipulates
ban bans banned prohibit prohibits prohibited forbid forbids forbidden outlaw outlaws bar bars barred rule
retain keep keeps keeping kept possess hold
produce production manufacture make
test tests testing tested
weapon weapons weaponry arms missile
treaty agreement pact accord
verify verification check checks checking inspect inspection inspections monitor
propose proposal proposals proposed suggest suggests suggestion
urge urged ask asks asked appeal request invite invited encourage
willing ready prepared
commit commitment committed pledge pledged promise promises promised undertake
renounce abandon forgo waive
deploy deployment station stationed place placed locate located
site sites base bases facility facilities installation
country countries state states nation nations member members
measure measures step steps
additional extra further more
unilateral unilaterally alone one-sided
dispute disputed disagree contested contentious disagreement
prevent prevents avert avoid avoids
stability stable
include includes including example
such same similar similarly like likewise
special important particular
race buildup
role part
solution solutions way ways
find look search seek
range ranges distance
reciprocal mutual mutually each other another
continue continues still remain
cause caused lead leads led result results resulted
call calls called describe described consider
additional series number
condition conditions unless if provided
present exist exists available
official officially formal formally
breach breaches violate violates violation
armed army military forces force
issue issued release released publish published
news report reported
land ground
possible possibility could can may might
uncontrollable uncontrolled
under per
president leader
party parties side sides
fully entirely completely full
allow allowed permit permitted
"""

_LIGHT = """
also additional such thing way case regard regarding concerning related respect according accordance article text document statement headline
source answer question yes however therefore thus moreover furthermore example instance following specifically namely itself themselves may might
must shall should will would could can both between among within upon towards toward amid due because since if whether unless not no never
get got go put set use used make made take taken come became become currently now already yet still ever always well even else there
here mention mentioned specific various certain side relevant fact own part
day meant mean way position view opinion words dated
"""

REPORTING = _stems("""say says said saying state stated states' stress stressed stresses believe believes believed claim claims claimed maintain maintains
maintained confirm confirms confirmed argue argues argued warn warns warned call calls called describe describes described view views viewed consider
considers considered regard regarded insist insists insisted hold held assert asserted declare declared think thinks thought express expressed note
noted add added emphasize emphasise emphasised emphasized underline underlined tell told announce announced suggest suggests propose proposes urge urged see
sees explain explained mention reiterate reiterated position opinion according report reported quoted characterize characterise""")
OPINION_NOUNS = frozenset({"view", "opinion", "position", "eyes", "word", "belief", "claim", "assert", "warn", "statement"})
NEGATORS = frozenset({"not", "no", "never", "without", "nor", "neither", "none"})
NEGATIVE = _stems("""refrain avoid ban bans prohibit prohibited forbid forbidden outlaw renounce stop cease cessation prevent end free
absence absent lack moratorium abandon forgo unless""")
HEDGES = _stems("consider considers considering considered contemplate discuss explore examine study think ponder")
PLANS = _stems("""consider urge urged suggest suggests suggestion propose proposed proposal would could should may might can willing ready prepared
possible possibility process commit commitment committed pledge pledged promise promised intend intended plan planned want wants wish offer offered ask asked
seek seeks sought begin began begun start started aim aims if unless invite appeal recommend encourage hope purpose goal meant
condition must mutual will""")
AUXILIARIES = _set("is are was were be been being has have had will would could can may might must should do does did not never also always")
BE = _set("is are was were be been being")
IRREGULAR = _set("began begun withdrew withdrawn left said made took gave sought led told saw met went came kept held wrote chose broke fell grew")
_ORDER = ("zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve")
NOT_VERBS = _set("armed limited advanced concerned involved")
NUMBERS = {word: str(n) for n, word in enumerate(_ORDER)} | {
    "both": "2",
    "dozen": "12",
    "hundred": "100",
    "thousand": "1000",
}
MONTHS = _set("january february march april may june july august september october november december")
LIGHT = STOP | QUESTION_WORDS | _set(_LIGHT)

_ids: dict[str, set[str]] = {}
for _number, _line in enumerate(_GROUPS.split("\n")):
    for _word in _line.split():
        _ids.setdefault(stem(_word), set()).add(f"~{_number}")
SYNONYMS = {word: frozenset(ids) for word, ids in _ids.items()}
