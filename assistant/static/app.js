// The page: the field, the turns, and what the keys do.

import { TurnView } from "./answer.js";
import { Article } from "./article.js";
import { Card } from "./card.js";
import { byId, el, icon, isNarrow, scrolling } from "./dom.js";
import { Sheet } from "./sheet.js";
import { Talk, asMarkdown } from "./talk.js";
import { Problem, ask, getJson } from "./wire.js";

const article = new Article();
const card = new Card();
const sheet = new Sheet();
const talk = new Talk();
const views = new Map(); // turn -> TurnView
const field = byId("question");
const sendButton = byId("send");
let underWay = null; // the AbortController of the answer that is coming
let following = true; // whether the newest words are kept in view

// What is shown

const say = (text) => (byId("live").textContent = text);

function refresh() {
  const isEmpty = talk.turns.length === 0;
  byId("start").hidden = !isEmpty;
  byId("save").disabled = !talk.turns.some((turn) => turn.reply);
  byId("anew").disabled = isEmpty;
  sendButton.replaceChildren(icon(underWay ? "stop" : "up"));
  sendButton.setAttribute("aria-label", underWay ? "Stop" : "Ask");
  sendButton.disabled = !underWay && field.value.trim() === "";
  for (const [turn, view] of views) view.mayRetry(!underWay && turn === talk.turns.at(-1));
}

/** Keep the newest words in view, until the reader scrolls away from them; `always` takes them back there. */
function follow(always = false) {
  const box = byId("scroll");
  following ||= always;
  if (following) box.scrollTo({ top: box.scrollHeight, behavior: always ? scrolling() : "instant" });
}

/** After the reader has scrolled. */
function stayOrLeave() {
  requestAnimationFrame(() => {
    const box = byId("scroll");
    following = box.scrollHeight - box.scrollTop - box.clientHeight < 160;
  });
}

function viewOf(turn) {
  const view = new TurnView(turn.question, {
    ask: submit,
    retry: () => answer(turn),
    hover: (citation, link) => card.attach(citation, link),
    cite: (citation, link) => goTo(citation, link),
  });
  views.set(turn, view);
  byId("turns").append(view.root);
  return view;
}

function settle(turn) {
  const view = views.get(turn);
  if (turn.reply) view.reply(turn.reply);
  else view.failed(turn.problem ?? "Stopped.", turn.problem === undefined);
}

function goTo(citation, link) {
  card.hide();
  sheet.open(link);
  article.show(citation).catch((problem) => say(problem.message));
}

/** Beside a new answer the article opens at its first citation, unless the reader is in the article. */
function showFirst({ citations: [first] }) {
  if (first) article.show(first, false).catch((problem) => say(problem.message));
}

// Asking

function submit(question) {
  const asked = question.trim();
  if (!asked || underWay) return;
  byId("toast").hidden = true;
  const turn = talk.add(asked);
  viewOf(turn);
  answer(turn);
}

async function answer(turn) {
  if (underWay) return;
  const view = views.get(turn);
  underWay = new AbortController();
  const { signal } = underWay;
  delete turn.reply;
  delete turn.problem;
  view.foot.replaceChildren();
  refresh();
  let doing = "Searching the text";
  const started = Date.now();
  const shown = () => (Date.now() - started < 3000 ? doing : `${doing}, ${Math.round((Date.now() - started) / 1000)} s`);
  const clock = setInterval(() => view.waiting(shown()), 1000);
  const on = {
    status: (now) => {
      doing = now === "searching" ? "Searching the text" : now[0].toUpperCase() + now.slice(1);
      view.waiting(shown());
    },
    delta: (text) => {
      view.delta(text);
      follow();
    },
  };
  view.waiting(doing);
  say(doing);
  follow(true);
  try {
    turn.reply = await ask(turn.question, talk.history(turn), signal, on);
    article.remember(turn.reply.citations);
    if (!isNarrow() && !byId("article").matches(":hover, :focus-within")) showFirst(turn.reply);
    say(`${turn.reply.status === "answered" ? "Answer" : "Not in the text"}: ${turn.reply.answer}`);
  } catch (error) {
    if (error instanceof Problem) turn.problem = error.message;
    else if (error.name !== "AbortError") throw error;
    say(turn.problem ?? "Stopped.");
    if (error.status === 401) askToken(() => answer(turn));
  } finally {
    clearInterval(clock);
    underWay = null;
    if (views.has(turn)) settle(turn);
    talk.keep();
    refresh();
    follow();
  }
}

// Starting, and starting anew

/** Wait until the server is ready, and lay out the article. */
async function connect() {
  const banner = byId("banner");
  for (;;) {
    try {
      await getJson("/readyz");
      banner.hidden = true;
      showExamples(await article.load());
      openPlace();
      return;
    } catch (problem) {
      if (!(problem instanceof Problem)) throw problem;
      if (problem.status === 401) return askToken(connect);
      banner.hidden = false;
      banner.textContent = problem.status === 503 ? problem.message : `${problem.message} Trying again.`;
      await new Promise((resolve) => setTimeout(resolve, 1000));
    }
  }
}

function showExamples(questions) {
  const chosen = questions.slice(0, 4);
  byId("examples").replaceChildren(...chosen.map((question) => el("li", {}, el("button", { type: "button", className: "example", onclick: () => submit(question) }, question))));
}

/** Open at the place that the address names: #document=NAME&char=START,END. */
function openPlace() {
  const place = new URLSearchParams(location.hash.slice(1));
  const [begin, end] = (place.get("char") ?? "").split(",").map(Number);
  if (!place.get("document") || !(end > begin)) return;
  sheet.open();
  article.show({ document: place.get("document"), start: begin, end }, false).catch((problem) => say(problem.message));
}

function anew() {
  const before = talk.turns;
  underWay?.abort();
  show([]);
  const toast = byId("toast");
  toast.firstElementChild.textContent = "The conversation is gone.";
  toast.hidden = false;
  const leaving = setTimeout(() => (toast.hidden = true), 8000);
  toast.lastElementChild.onclick = () => {
    clearTimeout(leaving);
    toast.hidden = true;
    show(before);
  };
  field.focus();
}

function show(turns) {
  views.clear();
  byId("turns").replaceChildren();
  article.forget();
  talk.replace(turns);
  for (const turn of turns) {
    viewOf(turn);
    settle(turn);
    article.remember(turn.reply?.citations ?? []);
  }
  refresh();
}

function save() {
  const link = el("a", { download: `conversation-${new Date().toISOString().slice(0, 10)}.md` });
  link.href = URL.createObjectURL(new Blob([asMarkdown(talk.turns)], { type: "text/markdown" }));
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 1000);
}

function askToken(then) {
  const dialog = byId("ask-token");
  dialog.onclose = () => {
    if (!byId("token").value) return;
    sessionStorage.setItem("token", byId("token").value);
    byId("token").value = "";
    then();
  };
  if (!dialog.open) dialog.showModal();
}

// The field, the buttons, the keys

function fit() {
  field.style.height = "auto";
  field.style.height = `${Math.min(field.scrollHeight, 200)}px`;
  refresh();
}

function send() {
  if (underWay) return;
  const question = field.value;
  if (!question.trim()) return;
  field.value = "";
  fit();
  submit(question);
}

byId("composer").addEventListener("submit", (event) => {
  event.preventDefault();
  if (underWay) underWay.abort();
  else send();
});
field.addEventListener("input", fit);
field.addEventListener("keydown", (event) => {
  if (event.isComposing) return;
  if (event.key === "Enter" && !event.shiftKey) {
    event.preventDefault();
    send();
  }
  if (event.key === "ArrowUp" && field.value === "" && talk.turns.length) {
    event.preventDefault();
    field.value = talk.turns.at(-1).question;
    fit();
  }
});
addEventListener("keydown", (event) => {
  const isCommand = event.ctrlKey || event.metaKey;
  if (isCommand && event.key === "k") {
    event.preventDefault();
    sheet.set(false);
    field.focus();
  } else if (isCommand && event.key === "j") {
    event.preventDefault();
    if (byId("article").contains(document.activeElement)) sheet.back();
    else {
      sheet.open(document.activeElement);
      byId("article-body").focus({ preventScroll: true });
    }
  } else if (event.key === "Escape" && !document.querySelector("dialog[open]")) {
    if (!card.hide() && !sheet.back()) underWay?.abort();
  }
});
for (const moved of ["wheel", "touchmove", "pointerup", "keyup"]) byId("scroll").addEventListener(moved, stayOrLeave, { passive: true });
byId("save").addEventListener("click", save);
byId("anew").addEventListener("click", anew);
byId("close-article").append(icon("close"));
byId("open-keys").addEventListener("click", () => byId("keys").showModal());
byId("close-keys").addEventListener("click", () => byId("keys").close());
byId("use-token").addEventListener("click", () => byId("ask-token").close());
byId("token").addEventListener("keydown", (event) => event.key === "Enter" && byId("ask-token").close());

new ResizeObserver(() => follow()).observe(byId("turns"));

show(talk.turns);
follow(true);
connect();
