"""The report's two plots, as SVG that takes its colours from the page. Pure."""

import math
from collections.abc import Sequence
from html import escape

from evals.curves import Bin, reliability, risk_coverage
from evals.table import Column

_WIDTH, _HEIGHT = 520, 360
_LEFT, _TOP, _RIGHT, _BOTTOM = 56, 30, 14, 48  # margins around the axes
_TICKS = 5


def _x(share: float) -> float:
    return round(_LEFT + share * (_WIDTH - _LEFT - _RIGHT), 1)


def _y(share: float, top: float = 1.0) -> float:
    return round(_HEIGHT - _BOTTOM - share / top * (_HEIGHT - _TOP - _BOTTOM), 1)


def risk_coverage_plot(columns: Sequence[Column]) -> str:
    """A line an answerer: of the share answered, what share is wrong; a dot marks where it works today."""
    curves = [risk_coverage([s.finished.reply.confidence for s in c.scored], [s.right_if_answered for s in c.scored]) for c in columns]
    top = max(0.25, *(math.ceil(4 * max(curve.risk)) / 4 for curve in curves))
    parts, legend = [], []
    for number, (column, curve) in enumerate(zip(columns, curves, strict=True)):
        points = " ".join(f"{_x(coverage)},{_y(risk, top)}" for coverage, risk in zip(curve.coverage, curve.risk, strict=True))
        parts.append(f'<polyline class="line series-{number}" points="{points}"/>')
        answered = [s for s in column.scored if not s.refused]
        if answered:
            coverage, risk = len(answered) / len(column.scored), sum(s.verdict != "right" for s in answered) / len(answered)
            told = f"{column.answerer} today: answers {coverage:.0%} of the questions, {risk:.1%} of those wrongly"
            parts.append(f'<circle class="dot series-{number}" cx="{_x(coverage)}" cy="{_y(risk, top)}" r="5"><title>{escape(told)}</title></circle>')
        x = _LEFT + number * (_WIDTH - _LEFT) // len(columns)
        key = f'<line class="line series-{number}" x1="{x}" y1="9" x2="{x + 24}" y2="9"/>'
        legend.append(f'{key}<text x="{x + 30}" y="13">{escape(column.answerer)} {curve.area:.3f}</text>')
    label = "Risk against coverage. " + "; ".join(f"{c.answerer}: area {curve.area:.3f}" for c, curve in zip(columns, curves, strict=True))
    return _framed("".join(parts + legend), label, "share of questions answered", "share of those wrong", top)


def reliability_plot(column: Column) -> str:
    """A dot a bin, as large as its cases are many: stated confidence against the share that the text answers."""
    bins = reliability([s.finished.reply.confidence for s in column.scored], [s.case.answerable for s in column.scored])
    most = max(found.count for found in bins)
    line = " ".join(f"{_x(found.confidence)},{_y(found.outcome)}" for found in bins)
    diagonal = f'<line class="even" x1="{_x(0)}" y1="{_y(0)}" x2="{_x(1)}" y2="{_y(1)}"/>'
    dots = "".join(_bin(found, most) for found in bins)
    label = "Reliability. " + "; ".join(f"confidence {b.confidence:.2f}: {b.outcome:.2f} answerable of {b.count}" for b in bins)
    return _framed(f'{diagonal}<polyline class="line series-0" points="{line}"/>{dots}', label, "confidence stated", "share with an answer", 1.0)


def _bin(found: Bin, most: int) -> str:
    told = f"{found.count} questions: confidence {found.confidence:.2f}, {found.outcome:.2f} have an answer"
    radius = 3 + 5 * (found.count / most) ** 0.5
    return f'<circle class="dot series-0" cx="{_x(found.confidence)}" cy="{_y(found.outcome)}" r="{radius:.1f}"><title>{told}</title></circle>'


def _framed(inside: str, label: str, across: str, up: str, top: float) -> str:
    ticks = [number / _TICKS for number in range(_TICKS + 1)]
    grid = "".join(f'<line class="grid" x1="{_x(0)}" y1="{_y(t)}" x2="{_x(1)}" y2="{_y(t)}"/>' for t in ticks)
    below = "".join(f'<text class="tick" x="{_x(t)}" y="{_y(0) + 18}" text-anchor="middle">{t:.1f}</text>' for t in ticks)
    beside = "".join(f'<text class="tick" x="{_LEFT - 8}" y="{_y(t) + 4}" text-anchor="end">{t * top:.2f}</text>' for t in ticks)
    names = (
        f'<text class="axis" x="{_x(0.5)}" y="{_HEIGHT - 8}" text-anchor="middle">{across}</text>'
        f'<text class="axis" transform="translate(14 {_y(0.5)}) rotate(-90)" text-anchor="middle">{up}</text>'
    )
    return f'<svg viewBox="0 0 {_WIDTH} {_HEIGHT}" role="img" aria-label="{escape(label, quote=True)}">{grid}{below}{beside}{names}{inside}</svg>'
