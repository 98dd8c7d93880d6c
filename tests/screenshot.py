"""The picture of the page in the README: `make screenshot` writes .github/page.png from the real server and a real browser."""

from pathlib import Path

from assistant.settings import load_settings
from tests.browsing import ask, browser
from tests.serving import served

PICTURE = Path(__file__).resolve().parent.parent / ".github" / "page.png"
QUESTIONS = ("When was the INF Treaty signed?", "How many submarines does Norway have?")


def main() -> None:
    """Ask two questions, open a citation, and keep what is seen."""
    PICTURE.parent.mkdir(exist_ok=True)
    with served(load_settings()) as address, browser() as running:
        page = running.new_page(viewport={"width": 1120, "height": 666}, reduced_motion="reduce")
        page.goto(address)
        page.locator(".sentence").first.wait_for()
        for question in QUESTIONS:
            ask(page, question)
        page.locator("a.cite").last.click()
        page.get_by_label("Your question").focus()
        page.locator(".scroll").evaluate("box => box.scrollTo(0, box.scrollHeight)")
        page.wait_for_timeout(500)
        page.screenshot(path=PICTURE)


if __name__ == "__main__":
    main()
