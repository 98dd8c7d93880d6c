"""Relative dates in a sentence, read with the sentence before it: "In August of the same year" -> "August 2019"."""

import re
from dataclasses import dataclass

MONTHS = (
    "January", "February", "March", "April", "May", "June",
    "July", "August", "September", "October", "November", "December",
)  # fmt: skip
_MONTH = "|".join(MONTHS)
_YEAR = re.compile(r"\b(1[5-9]\d\d|20\d\d)\b")
_RELATIVE = re.compile(
    rf"(?:\b(?P<month>{_MONTH})\b\s*,?\s*(?:(?:of|in)\s+)?)?"
    r"\b(?P<which>the same|that same|that|the following|the next|the previous)\s+year\b"
)
_STEP = {"the following": 1, "the next": 1, "the previous": -1}


@dataclass(frozen=True, slots=True)
class DateReading:
    """What the words `start:end` (offsets in the source) mean once read in context, e.g. "August 2019"."""

    start: int
    end: int
    meaning: str


def read_dates(text: str, start: int, before: str) -> tuple[DateReading, ...]:
    """The relative dates of the sentence `text`, which begins at `start`, after the sentence `before`.

    The year is the one that `before` is about: the year of its opening words ("In February 2019, ..."),
    else the last year that it names. Without one, nothing is read.
    """
    years = list(_YEAR.finditer(before))
    if not years:
        return ()
    opening = [year for year in years if year.start() < 30]
    year = int((opening[0] if opening else years[-1]).group())
    readings = []
    for found in _RELATIVE.finditer(text):
        meant = str(year + _STEP.get(found["which"], 0))
        readings.append(DateReading(start + found.start(), start + found.end(), f"{found['month']} {meant}" if found["month"] else meant))
    return tuple(readings)
