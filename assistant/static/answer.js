// One turn of the conversation: the question, and whatever became of it.

import { el, icon } from "./dom.js";
import { asText } from "./talk.js";

const MARKER = /\[(\d+)\]/g;
let made = 0;

/** A turn on the page. `hands` holds what its links and buttons do: cite(citation, link), ask(question), retry(). */
export class TurnView {
  constructor(question, hands) {
    this.hands = hands;
    const id = `turn-${++made}`;
    this.body = el("div", { className: "answer" });
    this.foot = el("div", { className: "foot" });
    this.root = el("li", { className: "turn", "aria-labelledby": id }, el("h3", { className: "asked", id }, question), this.body, this.foot);
    this.draft = "";
  }

  /** Work is under way; `doing` says what. */
  waiting(doing) {
    if (this.draft) return;
    this.body.className = "answer waiting";
    const dots = el("span", { className: "dots", "aria-hidden": "true" }, el("i"), el("i"), el("i"));
    this.body.replaceChildren(el("p", { className: "text" }, dots, doing));
  }

  /** A piece of a draft; the Reply takes its place. */
  delta(text) {
    this.draft += text;
    this.body.className = "answer draft";
    this.body.replaceChildren(el("p", { className: "text" }, ...pieces(this.draft).map(({ text, number }) => (number ? el("span", { className: "cite" }, number) : text))));
  }

  reply(reply) {
    this.draft = "";
    const isHello = reply.status !== "answered" && reply.suggestions.length > 0;
    const isRefused = reply.status !== "answered" && !isHello;
    this.body.className = `answer ${isHello ? "hello" : reply.status === "answered" ? "answered" : "refused"}`;
    this.body.replaceChildren(
      ...[
        isRefused && el("p", { className: "label" }, "Not in the text"),
        el("p", { className: "text" }, ...this.answer(reply)),
        reply.near && this.near(reply.near),
        reply.suggestions.length > 0 && suggestions(reply.suggestions, this.hands.ask),
        reply.dropped.length > 0 && dropped(reply.dropped),
        reply.notice && el("p", { className: "notice" }, reply.notice),
      ].filter(Boolean),
    );
    this.foot.replaceChildren(this.copy(reply), el("span", { className: "meta" }, reply.status === "answered" ? `${Math.min(99, Math.round(100 * reply.confidence))}% sure` : ""));
  }

  /** No reply: a problem, or the reader stopped it. */
  failed(sentence, isStopped) {
    this.draft = "";
    this.body.className = `answer ${isStopped ? "stopped" : "failed"}`;
    this.body.replaceChildren(el("p", { className: "text" }, sentence));
    this.foot.replaceChildren();
  }

  /** The last turn, and only it, can be asked again. */
  mayRetry(may) {
    this.foot.querySelector(".retry")?.remove();
    if (may) this.foot.prepend(el("button", { type: "button", className: "quiet retry", onclick: this.hands.retry }, icon("retry"), "Ask again"));
  }

  answer(reply) {
    const cited = new Map(reply.citations.map((citation) => [citation.number, citation]));
    let said = "";
    const nodes = [];
    for (const { text, number } of pieces(reply.answer)) {
      const citation = cited.get(Number(number));
      if (!number) said = text;
      else if (citation) nodes.push(...stressed(joined(said), reply.answerer === "quotes" ? citation : null), this.cite(citation));
      else nodes.push(said, `[${number}]`);
      if (number) said = "";
    }
    return [...nodes, said];
  }

  cite(citation) {
    const link = el("a", { className: "cite", href: placeLink(citation), "aria-label": `Citation ${citation.number}, paragraph ${citation.paragraph}` }, String(citation.number));
    link.addEventListener("click", (event) => {
      if (event.metaKey || event.ctrlKey || event.shiftKey) return;
      event.preventDefault();
      this.hands.cite(citation, link);
    });
    this.hands.hover(citation, link);
    return link;
  }

  near(near) {
    const link = el("a", { href: placeLink(near) }, near.quote);
    link.addEventListener("click", (event) => {
      event.preventDefault();
      this.hands.cite(near, link);
    });
    return el("div", { className: "near" }, el("p", { className: "near-label" }, "Nearest to it, paragraph ", String(near.paragraph)), el("blockquote", {}, link));
  }

  copy(reply) {
    const button = el("button", { type: "button", className: "quiet copy" }, icon("copy"), "Copy");
    button.addEventListener("click", async () => {
      await write(asText(reply));
      button.replaceChildren(icon("check"), "Copied");
      setTimeout(() => button.replaceChildren(icon("copy"), "Copy"), 1600);
    });
    return button;
  }
}

/** A link that opens the page at a place of a document. */
export const placeLink = ({ document, start, end }) => `#document=${encodeURIComponent(document.toWellFormed?.() ?? document)}&char=${start},${end}`;

/** The answer cut at its markers: {text} and {number} in turn. */
function pieces(answer) {
  const found = [];
  let position = 0;
  for (const marker of answer.matchAll(MARKER)) {
    found.push({ text: answer.slice(position, marker.index) }, { number: marker[1] });
    position = marker.index + marker[0].length;
  }
  return [...found, { text: answer.slice(position) }];
}

/** Text that no line break parts from the marker after it. */
const joined = (text) => (text.trim() ? `${text.trimEnd()}\u2060` : text);

/** A quoted sentence with the words that answer in bold, where each stands in it exactly once. */
function stressed(said, citation) {
  let parts = [said];
  const characters = citation ? Array.from(citation.quote) : [];
  for (const [start, end] of citation?.highlights ?? []) {
    const words = characters.slice(start - citation.start, end - citation.start).join("");
    if (!words || said.split(words).length !== 2) continue;
    parts = parts.flatMap((part) => {
      if (typeof part !== "string" || !part.includes(words)) return [part];
      const [before, after] = part.split(words);
      return [before, el("strong", {}, words), after];
    });
  }
  return parts;
}

function suggestions(questions, ask) {
  return el("ul", { className: "examples" }, ...questions.map((question) => el("li", {}, el("button", { type: "button", className: "example", onclick: () => ask(question) }, question))));
}

function dropped(gone) {
  const items = gone.map(({ claim, reason }) => el("li", {}, el("span", { className: "claim" }, claim), el("span", { className: "reason" }, reason)));
  return el("details", { className: "dropped" }, el("summary", {}, gone.length === 1 ? "1 claim was left out" : `${gone.length} claims were left out`), el("ul", {}, ...items));
}

async function write(text) {
  if (navigator.clipboard) return navigator.clipboard.writeText(text);
  const field = el("textarea", { value: text, className: "unseen" });
  document.body.append(field);
  field.select();
  document.execCommand("copy"); // the only way on a page without https
  field.remove();
}
