"""The page in a real browser, against the real server; a few things need a server that is slow or a text that is hostile."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect

from tests.browsing import DESK, PHONE, ask, browser, browser_path, layout_shift, serious_findings
from tests.serving import FakeChain, held_up, served, settings_for

if browser_path() is None:
    pytest.skip("no browser found, so the page is not tested: apt-get install chromium", allow_module_level=True)

SIGNED = "When was the INF Treaty signed?"
CALLED_ON = "What did Putin call on NATO member states to do?"
NOT_STATED = "How many submarines does Norway have?"


@pytest.fixture(scope="module")
def running() -> Iterator[Browser]:
    with browser() as made:
        yield made


@pytest.fixture
def context(running: Browser) -> Iterator[BrowserContext]:
    made = running.new_context(viewport=DESK, permissions=["clipboard-read", "clipboard-write"], reduced_motion="reduce")
    yield made
    made.close()


@pytest.fixture
def page(context: BrowserContext, server: str) -> Iterator[Page]:
    """The page, open; whatever it does, it complains of nothing and asks nobody but its own server."""
    made = context.new_page()
    complaints: list[str] = []
    made.on("console", lambda message: complaints.append(message.text) if message.type in ("error", "warning") else None)
    made.on("pageerror", lambda error: complaints.append(str(error)))
    made.on("request", lambda request: complaints.append(request.url) if not request.url.startswith((server, "blob:")) else None)
    made.goto(server)
    expect(made.locator(".sentence").first).to_be_attached()
    yield made
    assert complaints == []


def test_an_example_is_answered_with_citations_and_nothing_jumps(page: Page) -> None:
    page.locator("#examples button").first.click()
    expect(page.locator(".answered a.cite").first).to_be_visible()
    expect(page.locator("#start")).to_be_hidden()
    assert layout_shift(page) < 0.1


def test_a_citation_shows_its_quote_and_leads_to_its_sentence_and_back(page: Page) -> None:
    ask(page, SIGNED)
    page.locator("a.cite").first.hover()
    expect(page.get_by_role("tooltip")).to_contain_text("signed by the Soviet Union and the United States in 1987")
    page.keyboard.press("Escape")
    expect(page.locator("#card")).to_be_hidden()
    ask(page, CALLED_ON)
    link = page.locator(".turn").nth(1).locator("a.cite").last
    link.click()
    sentence = page.locator(".sentence.current")
    expect(sentence).to_contain_text("declaring a moratorium")
    expect(sentence).to_be_in_viewport()
    expect(sentence).to_be_focused()
    expect(page.locator(".sentence.cited").filter(has_text="1987")).to_have_count(1)
    page.get_by_role("button", name="Back to the answer").click()
    expect(link).to_be_focused()


def test_a_follow_up_leans_on_the_conversation(page: Page) -> None:
    ask(page, SIGNED)
    ask(page, "And by whom?")
    expect(page.locator(".turn").nth(1).locator(".answered")).to_contain_text("Soviet Union")


def test_a_refusal_looks_different_and_cites_nothing(page: Page) -> None:
    ask(page, NOT_STATED)
    expect(page.locator(".refused .label")).to_have_text("Not in the text")
    expect(page.locator(".turn .cite")).to_have_count(0)
    assert page.locator(".refused").evaluate("box => getComputedStyle(box).borderLeftWidth") == "3px"


def test_the_conversation_survives_a_reload_and_can_be_begun_anew(page: Page) -> None:
    ask(page, SIGNED)
    page.reload()
    expect(page.locator(".answered a.cite").first).to_be_visible()
    expect(page.locator(".sentence.cited").first).to_be_attached()
    page.get_by_role("button", name="New", exact=True).click()
    expect(page.locator(".turn")).to_have_count(0)
    expect(page.locator(".sentence.cited")).to_have_count(0)
    page.get_by_role("button", name="Undo").click()
    expect(page.locator(".turn")).to_have_count(1)


def test_copy_and_save_carry_the_citations(page: Page, tmp_path: Path) -> None:
    ask(page, SIGNED)
    page.get_by_role("button", name="Copy").click()
    expect(page.get_by_role("button", name="Copied")).to_be_visible()
    copied = page.evaluate("navigator.clipboard.readText()")
    assert "[1] “In February 2019" in copied
    assert "(putin-inf-treaty-statement.txt, paragraph 7)" in copied
    with page.expect_download() as saving:
        page.get_by_role("button", name="Save").click()
    saving.value.save_as(tmp_path / "saved.md")
    saved = (tmp_path / "saved.md").read_text()
    assert saving.value.suggested_filename.endswith(".md")
    assert saved.startswith(f"# Conversation\n\n**{SIGNED}**\n\n")
    assert "> [1] In February 2019" in saved


def test_on_a_phone_the_article_is_a_sheet(page: Page) -> None:
    page.set_viewport_size(PHONE)
    ask(page, SIGNED)
    assert page.evaluate("document.documentElement.scrollWidth") == 360
    expect(page.locator("#article")).to_be_hidden()
    page.locator("a.cite").first.click()
    expect(page.locator(".sentence.current")).to_be_in_viewport()
    page.get_by_role("button", name="Close the article").click()
    expect(page.locator("#article")).to_be_hidden()
    page.get_by_role("button", name="Article", exact=True).click()
    expect(page.locator("#article")).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.locator("#article")).to_be_hidden()


def test_the_keyboard_alone_is_enough(page: Page) -> None:
    page.keyboard.press("Tab")
    expect(page.get_by_role("link", name="Skip to the question")).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.get_by_label("Your question")).to_be_focused()
    page.keyboard.type(SIGNED)
    page.keyboard.press("Enter")
    link = page.locator("a.cite").last
    expect(link).to_be_visible()
    expect(page.locator("#live")).to_contain_text("Answer: ")
    for _ in range(6):
        page.keyboard.press("Shift+Tab")
        if link.evaluate("link => link === document.activeElement"):
            break
    expect(link).to_be_focused()
    expect(page.get_by_role("tooltip")).to_be_visible()
    page.keyboard.press("Enter")
    expect(page.locator(".sentence.current")).to_be_focused()
    page.keyboard.press("Escape")
    expect(link).to_be_focused()
    page.keyboard.press("Control+j")
    expect(page.locator("#article-body")).to_be_focused()
    page.keyboard.press("Control+k")
    page.keyboard.press("ArrowUp")
    expect(page.get_by_label("Your question")).to_have_value(SIGNED)


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing_serious(page: Page, scheme: str) -> None:
    page.emulate_media(color_scheme=scheme, reduced_motion="reduce")
    page.reload()
    expect(page.locator(".sentence").first).to_be_attached()
    assert serious_findings(page) == []
    ask(page, SIGNED)
    ask(page, NOT_STATED)
    page.locator("a.cite").first.click()
    assert serious_findings(page) == []
    page.get_by_role("button", name="Keyboard shortcuts").click()
    assert serious_findings(page) == []
    page.keyboard.press("Escape")
    page.set_viewport_size(PHONE)
    assert serious_findings(page) == []
    page.locator("a.cite").first.click()
    assert serious_findings(page) == []


def test_a_lost_connection_is_said_and_can_be_tried_again(context: BrowserContext, server: str) -> None:
    page = context.new_page()
    page.goto(server)
    page.route("**/api/chat", lambda route: route.abort())
    page.get_by_label("Your question").fill(SIGNED)
    page.keyboard.press("Enter")
    expect(page.locator(".failed")).to_have_text("The server cannot be reached.")
    page.route("**/api/chat", lambda route: route.fulfill(content_type="text/event-stream", body='event: status\ndata: {"doing": "searching"}\n\n'))
    page.get_by_role("button", name="Ask again").click()
    expect(page.locator(".failed")).to_contain_text("The connection was lost")
    page.unroute("**/api/chat")
    page.get_by_role("button", name="Ask again").click()
    expect(page.locator(".answered a.cite").first).to_be_visible()


def test_stop_ends_the_work_and_a_draft_gives_way_to_the_reply(context: BrowserContext) -> None:
    chain = FakeChain(words=60, pause=0.05, answer="What stands.")
    with served(settings_for(), chain.load) as address:
        page = context.new_page()
        page.goto(address)
        page.get_by_label("Your question").fill("Go on")
        page.keyboard.press("Enter")
        expect(page.locator(".draft")).to_contain_text("word word word")
        page.get_by_role("button", name="Stop").click()
        expect(page.locator(".stopped")).to_have_text("Stopped.")
        said = chain.said
        assert said < 60
        page.wait_for_timeout(400)
        assert chain.said <= said + 3
        chain.pause = 0.0
        page.get_by_role("button", name="Ask again").click()
        expect(page.locator(".answered .text")).to_have_text("What stands.")


def test_text_is_never_markup(context: BrowserContext, own_index: Path, tmp_path: Path) -> None:
    attack = "<img src=x onerror=\"document.title='broken'\"><script>document.title='broken'</script>"
    texts = tmp_path / "texts"
    texts.mkdir()
    (texts / "<b>a.txt").write_text(f"The harbour of Veldmark was dug in 1913 by {attack} and nobody else.\n")
    with served(settings_for(own_index, texts)) as address:
        page = context.new_page()
        page.goto(address)
        expect(page.locator(".sentence").first).to_contain_text(attack)
        ask(page, f"When was the harbour of Veldmark dug? {attack}")
        expect(page.locator(".asked")).to_contain_text(attack)
        ask(page, "When was the harbour of Veldmark dug?")
        expect(page.locator(".turn").nth(1).locator(".answer")).to_contain_text(attack)
        assert page.locator("main img, aside img, aside script").count() == 0
        assert page.title() == "Statement Assistant"


def test_a_token_is_asked_for_once(context: BrowserContext, built_index: Path, sources: Path) -> None:
    with served(settings_for(built_index, sources, token="secret")) as address:
        page = context.new_page()
        page.goto(address)
        page.get_by_label("Token", exact=True).fill("secret")
        page.keyboard.press("Enter")
        expect(page.locator(".sentence").first).to_be_attached()
        page.reload()
        ask(page, SIGNED)


def test_waiting_for_the_index_says_so(context: BrowserContext) -> None:
    load, go_on = held_up(FakeChain())
    with served(settings_for(), load, until_ready=False) as address:
        page = context.new_page()
        page.goto(address)
        expect(page.locator("#banner")).to_contain_text("reading 3 of 10")
        go_on.set()
        expect(page.locator("#banner")).to_be_hidden()


def test_a_refusal_is_whole_in_view_on_a_phone_and_a_reader_who_scrolled_away_is_left_alone(page: Page) -> None:
    page.set_viewport_size(PHONE)
    ask(page, SIGNED)
    ask(page, "How many 9M729 missiles does Russia have?")
    expect(page.get_by_role("button", name="Ask again")).to_be_in_viewport(ratio=1)
    page.locator("#scroll").hover()
    page.mouse.wheel(0, -5_000)
    expect(page.locator(".turn").first).to_be_in_viewport()
    page.wait_for_timeout(300)
    expect(page.locator(".turn").first).to_be_in_viewport()
