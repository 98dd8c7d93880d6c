"""The report of a run: its JSON, and one HTML page that holds everything it needs."""

from collections.abc import Iterable, Mapping, Sequence
from html import escape
from pathlib import Path
from string import Template

from assistant.reply import Citation
from evals import plots, table
from evals.cases import HERE, Fact
from evals.evaluation import Evaluation, Subject
from evals.floors import Checked
from evals.judge import Judged
from evals.record import record, write_record, write_text
from evals.score import GOOD, VERDICTS, Scored
from evals.show import agreed
from evals.texts import Text

PAGE = HERE / "page"


def write_reports(out: Path, name: str, subject: Subject, found: Evaluation, checked: Sequence[Checked], judged: Judged | None) -> Path:
    """Write `<name>.json` and `<name>.html` into the folder `out`; the page's path. Raises CaseError."""
    write_record(out / f"{name}.json", record(found.columns, found.scored, subject.facts, judged))
    write_text(out / f"{name}.html", page(subject.facts, subject.texts, found, checked, judged))
    return out / f"{name}.html"


def page(facts: Mapping[str, Fact], texts: Mapping[str, Text], found: Evaluation, checked: Sequence[Checked], judged: Judged | None) -> str:
    """The page: no request leaves it, and it can be read without scripts."""
    first = found.columns[0]
    same = [column for column in found.columns if column.what == first.what]
    ordered = sorted(found.scored, key=lambda one: one.verdict in GOOD)
    kinds = dict.fromkeys(one.case.kind for one in found.scored)
    splits = dict.fromkeys(one.case.split for one in found.scored)
    verdicts = judged.verdicts if judged else {}
    return Template((PAGE / "page.html").read_text(encoding="utf-8")).substitute(
        style=(PAGE / "page.css").read_text(encoding="utf-8"),
        script=(PAGE / "page.js").read_text(encoding="utf-8"),
        answerer=escape(first.answerer),
        what=escape(first.what),
        count=len(found.scored),
        documents=escape(", ".join(texts)),
        floors=_floors(checked),
        judge=_judge(judged),
        overall=_table(table.overall(found.columns), "Every number, with its 95 % bootstrap interval; – is unmeasured"),
        risk_coverage=plots.risk_coverage_plot(same),
        reliability=plots.reliability_plot(first),
        confusion=_confusion(first),
        kinds=_table(table.of_kinds(first), f"By kind of question, {first.answerer}, {first.what}"),
        kind_options=_options(kinds),
        verdict_options=_options(verdict for verdict in VERDICTS if any(one.verdict == verdict for one in found.scored)),
        split_options=_options(splits),
        cases="\n".join(_case(one, facts, texts, verdicts.get(one.case.id)) for one in ordered),
    )


def _table(shown: table.Table, caption: str) -> str:
    head = "".join(f'<th scope="col">{escape(cell)}</th>' for cell in shown.head)
    rows = "".join(f'<tr><th scope="row">{escape(row[0])}</th>{"".join(_cell(cell) for cell in row[1:])}</tr>' for row in shown.rows)
    scroll = f'<div class="scroll" tabindex="0" role="region" aria-label="{escape(caption, quote=True)}">'
    return f"{scroll}<table><caption>{escape(caption)}</caption><thead><tr>{head}</tr></thead><tbody>{rows}</tbody></table></div>"


def _cell(cell: str) -> str:
    value, _, interval = cell.partition(" (")
    return f"<td>{escape(value)}{f' <small>({escape(interval)}</small>' if interval else ''}</td>"


def _floors(checked: Sequence[Checked]) -> str:
    if not checked:
        return ""
    items = "".join(_floor(one) for one in checked)
    return f'<section aria-labelledby="floors"><h2 id="floors">Floors</h2><ul class="floors">{items}</ul></section>'


def _floor(one: Checked) -> str:
    value = table.UNMEASURED if one.value is None else f"{one.value:.4f}"
    told = "kept" if one.holds else "below"
    return f'<li class="{told}"><b>{value}</b> <span>{escape(one.floor.title)}</span> <small>{told}: {escape(str(one.floor))}</small></li>'


def _judge(judged: Judged | None) -> str:
    if judged is None:
        return ""
    told = f"{judged.model} finds {table.cell(judged.right)} of the answers right; {agreed(judged.agreement)}."
    return f'<section aria-labelledby="judge"><h2 id="judge">Judge</h2><p>{escape(told)}</p></section>'


def _confusion(column: table.Column) -> str:
    def count(answerable: bool, *verdicts: str) -> str:
        return str(sum(one.case.answerable == answerable and one.verdict in verdicts for one in column.scored))

    rows = (
        ("has an answer", count(True, "right"), count(True, "wrong"), count(True, "wrongly refused")),
        ("has none", table.UNMEASURED, count(False, "wrongly answered"), count(False, "rightly refused")),
    )
    return _table(table.Table(("the question", "answered rightly", "answered wrongly", "refused"), rows), f"Questions by what came back, {column.what}")


def _options(values: Iterable[str]) -> str:
    return "".join(f'<option value="{escape(value, quote=True)}">{escape(value.replace("_", " "))}</option>' for value in values)


def _case(one: Scored, facts: Mapping[str, Fact], texts: Mapping[str, Text], judged: str | None) -> str:
    case, reply = one.case, one.finished.reply
    history = "".join(f'<p class="turn"><b>{turn.role}</b> {escape(turn.content)}</p>' for turn in case.history)
    held = f'<h4>Held back</h4><p class="told">{escape(one.finished.instead[0])}</p>' if one.finished.instead and one.finished.instead[0] else ""
    cited = "".join(_citation(c, supports, texts) for c, supports in zip(reply.citations, one.supports, strict=True))
    gold = "".join(f"<li>{escape(facts[name].text)}</li>" for name in case.facts) or "<li>the text does not say</li>"
    short = f"<p>To be said: {escape(' / '.join(case.short))}</p>" if case.short else ""
    tags = f'data-kind="{escape(case.kind, quote=True)}" data-verdict="{one.verdict}" data-split="{case.split}"'
    told = [f"{case.id}", case.kind.replace("_", " "), f"confidence {reply.confidence:.2f}", f"{one.finished.milliseconds:.1f} ms"]
    told += [f"reciprocal rank {one.reciprocal_rank:.2f}"] if one.reciprocal_rank is not None else []
    told += [f"judge: {judged}"] if judged else []
    return (
        f'<details class="case" {tags}><summary><span class="verdict {"good" if one.good else "bad"}">{one.verdict}</span> '
        f'<span class="question">{escape(case.question)}</span></summary><div class="inside">{history}'
        f'<h4>Answer</h4><p class="answer">{escape(reply.answer)}</p>{cited}{held}<h4>Should hold</h4><ul>{gold}</ul>{short}'
        f'<p class="told">{escape(" · ".join(told))}</p></div></details>'
    )


def _citation(citation: Citation, supports: bool, texts: Mapping[str, Text]) -> str:
    text = texts.get(citation.document)
    if text is None:
        return f"<blockquote>{escape(citation.quote)}</blockquote>"
    passage = text.passage_at(citation.start)
    before, after = text.text[passage.start : citation.start], text.text[citation.end : max(passage.end, citation.end)]
    told = "supports the answer" if supports else "needless"
    return (
        f'<blockquote>{escape(before)}<mark>{escape(citation.quote)}</mark>{escape(after)}<footer class="{"good" if supports else "bad"}">'
        f"[{citation.number}] {escape(citation.document)}, paragraph {citation.paragraph}: {told}</footer></blockquote>"
    )
