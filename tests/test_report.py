"""The report in a real browser: what it shows, filters, keys, both colour schemes, and that nothing is fetched."""

import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from assistant.reply import Turn
from evals.cases import Case
from evals.evaluation import Evaluation
from evals.floors import check_floors, read_floors
from evals.judge import Agreement, Judged
from evals.metrics import Number
from evals.report import page
from evals.run import Finished
from evals.score import score_all
from evals.table import Column
from tests.made import FACTS, TEXTS, answered, case, places, refused

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

CHROMIUM = shutil.which("chromium")


def finished() -> list[Finished]:
    follow_up = Case("e", "test", "follow_up", "And <b>milk</b>?", ("milk",), history=(Turn("user", "Who sells tea?"), Turn("assistant", "Ann.")))
    many = [answered(case(f"tea{n}", "tea"), 0, confidence=0.8 + n / 100, ranking=places(0, 1, 2)) for n in range(10)]
    none = [refused(case(f"none{n}", kind="off_topic"), 2, confidence=n / 50) for n in range(8)]
    return [
        answered(case("wrong", "tea", kind="casual"), 2, confidence=0.6, ranking=places(2, 0)),
        *many,
        answered(follow_up, 0, 1, confidence=0.9, ranking=places(1, 0)),
        refused(case("held", "milk", kind="casual"), 1, confidence=0.3, ranking=places(1)),
        answered(case("taken", kind="off_topic"), 0, confidence=0.7),
        *none,
    ]


@pytest.fixture(scope="module")
def report(tmp_path_factory: pytest.TempPathFactory) -> Path:
    scored = score_all(finished(), FACTS, TEXTS)
    baseline = score_all([answered(one.case, 2, confidence=0.5 + one.reply.confidence / 3) for one in finished()], FACTS, TEXTS)
    columns = (Column("quotes", "test", tuple(scored), 300.0), Column("similarity", "test", tuple(baseline)))
    judged = Judged("fake", Agreement(0.4, 7, 10, 10), Number(0.5, 0.2, 0.8, 10), {"wrong": "wrong"})
    path = tmp_path_factory.mktemp("report") / "report.html"
    path.write_text(page(FACTS, TEXTS, Evaluation(columns, tuple(scored)), check_floors(read_floors(), scored), judged), encoding="utf-8")
    return path


@pytest.fixture(scope="module")
def browser() -> "Iterator[Browser]":
    if CHROMIUM is None:
        pytest.skip("no chromium: apt-get install -y chromium")
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        opened = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        yield opened
        opened.close()


@pytest.fixture
def shown(browser: "Browser", report: Path) -> "Iterator[Page]":
    """The page, opened; a request, a complaint or an error of it fails the test."""
    opened = browser.new_page(viewport={"width": 1280, "height": 900})
    complaints: list[str] = []
    opened.on("console", lambda message: complaints.append(message.text))
    opened.on("pageerror", lambda error: complaints.append(str(error)))
    opened.on("request", lambda request: complaints.append(request.url) if not request.url.startswith("file:") else None)
    opened.goto(report.as_uri())
    yield opened
    opened.close()
    assert complaints == []


def test_the_page_holds_everything_and_escapes_what_it_shows(report: Path) -> None:
    text = report.read_text(encoding="utf-8")
    assert "http://" not in text
    assert "https://" not in text
    assert "And &lt;b&gt;milk&lt;/b&gt;?" in text
    assert "<b>milk" not in text
    assert text.count('<details class="case"') == len(finished())
    assert "Cohen's kappa" in text.replace("&#x27;", "'")
    assert "$" not in text.split("<script>")[0]


def test_cases_can_be_filtered_by_verdict_kind_and_words(shown: "Page") -> None:
    count, of = shown.locator("#shown"), len(finished())
    assert count.inner_text() == f"{of} of {of} shown"
    shown.get_by_role("combobox", name="Verdict").select_option("right")
    assert count.inner_text() == f"11 of {of} shown"
    shown.get_by_role("combobox", name="Kind").select_option("follow_up")
    assert count.inner_text() == f"1 of {of} shown"
    shown.get_by_role("button", name="Clear").click()
    shown.wait_for_function(f"document.querySelector('#shown').textContent === '{of} of {of} shown'")
    shown.get_by_role("searchbox", name="Words").fill("TEA3")
    assert count.inner_text() == f"1 of {of} shown"
    assert shown.locator(".case:visible").count() == 1


def test_wrong_cases_come_first_and_open_with_the_quote_marked(shown: "Page") -> None:
    verdicts = shown.locator(".case .verdict").all_inner_texts()
    assert verdicts[:3] == ["wrong", "wrongly refused", "wrongly answered"]
    assert set(verdicts[3:]) == {"right", "rightly refused"}
    first = shown.locator(".case").first
    first.locator("summary").focus()
    shown.keyboard.press("Enter")
    assert first.locator("mark").inner_text() == "Bob sells rum."
    assert "Ann sells tea in Rome. She buys milk in Oslo." in first.locator("blockquote").inner_text()
    assert "needless" in first.inner_text()
    assert "judge: wrong" in first.inner_text()


def test_a_refusal_shows_what_it_held_back(shown: "Page") -> None:
    held = shown.locator('.case[data-verdict="wrongly refused"]')
    held.locator("summary").click()
    assert "She buys milk in Oslo." in held.inner_text()


def test_every_control_can_be_reached_by_keyboard(shown: "Page") -> None:
    reached = []
    for _ in range(12):
        shown.keyboard.press("Tab")
        reached.append(shown.evaluate("document.activeElement.name || document.activeElement.className || document.activeElement.localName"))
    assert reached[0] == "skip"
    assert {"verdict", "kind", "split", "words", "button", "scroll"} <= set(reached)


def test_plots_and_tables_are_there(shown: "Page") -> None:
    assert shown.locator("svg[role=img]").count() == 2
    labels = [plot.get_attribute("aria-label") or "" for plot in shown.locator("svg[role=img]").all()]
    assert "quotes: area" in labels[0]
    assert "answerable of" in labels[1]
    confusion = shown.get_by_role("table", name="Questions by what came back, test")
    assert [row.split() for row in confusion.locator("tbody tr").all_inner_texts()] == [["has", "an", "answer", "11", "1", "1"], ["has", "none", "–", "1", "8"]]


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_screenshots_differ_by_scheme_and_nothing_overflows(browser: "Browser", report: Path, tmp_path: Path, scheme: str) -> None:
    opened = browser.new_page(viewport={"width": 390, "height": 844}, color_scheme=scheme)  # type: ignore[arg-type]
    opened.goto(report.as_uri())
    assert opened.evaluate("document.documentElement.scrollWidth") == 390
    shot = opened.screenshot(path=tmp_path / f"{scheme}.png", full_page=True)
    assert len(shot) > 20_000
    red, green, blue = opened.evaluate("getComputedStyle(document.body).backgroundColor.match(/[0-9]+/g).map(Number)")
    assert (red + green + blue > 600) == (scheme == "light")
    opened.close()
