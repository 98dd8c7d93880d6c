"""A real browser for the page: Debian's Chromium, or whichever is installed."""

import shutil
from collections.abc import Iterator
from contextlib import contextmanager

from playwright.sync_api import Browser, Page, sync_playwright

DESK = {"width": 1440, "height": 900}
PHONE = {"width": 360, "height": 740}


def browser_path() -> str | None:
    """The browser's program, if there is one."""
    found = (shutil.which(name) for name in ("chromium", "chromium-browser", "google-chrome"))
    return next((path for path in found if path), None)


@contextmanager
def browser() -> Iterator[Browser]:
    """A running browser without a window. Its sandbox needs a user namespace, which containers rarely have."""
    with sync_playwright() as playwright:
        running = playwright.chromium.launch(executable_path=browser_path(), args=["--no-sandbox", "--disable-dev-shm-usage"])
        yield running
        running.close()


def ask(page: Page, question: str) -> None:
    """Ask by keyboard and wait until the answer is whole."""
    turns = page.locator(".turn").count()
    page.get_by_label("Your question").fill(question)
    page.keyboard.press("Enter")
    page.locator(".turn").nth(turns).get_by_role("button", name="Copy").wait_for()


def layout_shift(page: Page) -> float:
    """The sum of what moved without the reader's doing (https://web.dev/articles/cls); under 0.1 is good."""
    return float(
        page.evaluate("""new Promise(done => {
            let sum = 0;
            new PerformanceObserver(list => list.getEntries().forEach(entry => sum += entry.hadRecentInput ? 0 : entry.value))
                .observe({type: 'layout-shift', buffered: true});
            setTimeout(() => done(sum), 300);
        })""")
    )


def serious_findings(page: Page) -> list[str]:
    """What axe-core calls serious or critical."""
    from axe_playwright_python.sync_playwright import Axe

    found = Axe().run(page).response["violations"]
    return [f"{one['id']}: {one['nodes'][0]['html']}" for one in found if one["impact"] in ("serious", "critical")]
