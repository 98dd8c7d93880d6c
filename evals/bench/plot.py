"""Cost against size, as one SVG of three panels that stands on white and on dark. Pure."""

import math
from collections.abc import Sequence
from html import escape

_WIDTH, _HEIGHT, _LEFT, _TOP, _BOTTOM, _GAP = 250, 190, 44, 34, 40, 16
_INK, _GRID, _LINE = "#7a7a7a", "#7a7a7a40", "#2f7ed8"

Points = Sequence[tuple[float, float]]


def panels(drawn: Sequence[tuple[str, str, Points]]) -> str:
    """A panel each of (title, what goes across, its points); across in powers, up from 0."""
    width = len(drawn) * (_WIDTH + _GAP)
    parts = "".join(f'<g transform="translate({number * (_WIDTH + _GAP)} 0)">{_panel(*one)}</g>' for number, one in enumerate(drawn))
    label = escape("; ".join(f"{title}: {', '.join(f'{x:g} {y:.3g}' for x, y in points)}" for title, _, points in drawn), quote=True)
    style = f'font-family="sans-serif" font-size="11" fill="{_INK}"'
    return f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {_HEIGHT}" width="{width}" role="img" aria-label="{label}" {style}>{parts}</svg>\n'


def _panel(title: str, across: str, points: Points) -> str:
    top = _ceiling(max(y for _, y in points))
    low, high = (math.log(pick(x for x, _ in points)) for pick in (min, max))
    places = [(_LEFT + (math.log(x) - low) / ((high - low) or 1) * (_WIDTH - _LEFT - 12), _y(y / top)) for x, y in points]
    grid = "".join(
        f'<path d="M{_LEFT} {_y(s)}H{_WIDTH}" stroke="{_GRID}"/><text x="{_LEFT - 6}" y="{_y(s) + 4}" text-anchor="end">{s * top:g}</text>' for s in (0, 0.5, 1)
    )
    line = f'<polyline fill="none" stroke="{_LINE}" stroke-width="2" points="{" ".join(f"{x:.1f},{y:.1f}" for x, y in places)}"/>'
    dots = "".join(f'<circle cx="{x:.1f}" cy="{y:.1f}" r="3.5" fill="{_LINE}"/>' for x, y in places)
    ticks = "".join(
        f'<text x="{x:.1f}" y="{_HEIGHT - _BOTTOM + 16}" text-anchor="middle">{_short(value)}</text>' for (x, _), (value, _) in zip(places, points, strict=True)
    )
    names = (
        f'<text x="{_LEFT}" y="16" font-weight="bold">{escape(title)}</text>'
        f'<text x="{(_LEFT + _WIDTH) / 2}" y="{_HEIGHT - 6}" text-anchor="middle">{escape(across)}</text>'
    )
    return grid + line + dots + ticks + names


def _y(share: float) -> float:
    return round(_HEIGHT - _BOTTOM - share * (_HEIGHT - _TOP - _BOTTOM), 1)


def _ceiling(value: float) -> float:
    """The next of 1, 2, 4, 6, 10 times a power of ten."""
    power = 10 ** math.floor(math.log10(value))
    return float(next(step * power for step in (1, 2, 4, 6, 10) if step * power >= value))


def _short(value: float) -> str:
    return f"{value / 1000:g}k" if value >= 1000 else f"{value:g}"
