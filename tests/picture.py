"""The README's picture of the page: python -m tests.picture, on the real page with real answers."""

from pathlib import Path

from tests.browsing import ask, browser
from tests.serving import served, settings_for

ROOT = Path(__file__).resolve().parent.parent
PICTURE = ROOT / ".github" / "page.png"
SIZE = {"width": 1120, "height": 700}


def main() -> None:
    """Ask three questions and write the picture."""
    PICTURE.parent.mkdir(exist_ok=True)
    with served(settings_for(ROOT / ".index", ROOT / "source_docs")) as address, browser() as running:
        page = running.new_page(viewport=SIZE, color_scheme="light")
        page.goto(address)
        ask(page, "When did the US begin to withdraw from the INF Treaty?")
        ask(page, "And when did they formally leave?")
        ask(page, "How many 9M729 missiles does Russia have?")
        page.wait_for_timeout(800)
        page.screenshot(path=PICTURE)


if __name__ == "__main__":
    main()
