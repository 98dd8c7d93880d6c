// The conversation: kept in the browser's own storage, and written out as text.

const KEY = "conversation";
const MOST_SENT = 20; // messages of history that go with a question

/** Turns, oldest first: {question, reply} or {question, problem} or {question, stopped: true}. */
export class Talk {
  constructor() {
    this.turns = read();
  }

  add(question) {
    const turn = { question };
    this.turns.push(turn);
    this.keep();
    return turn;
  }

  replace(turns) {
    this.turns = turns;
    this.keep();
  }

  keep() {
    try {
      localStorage.setItem(KEY, JSON.stringify(this.turns));
    } catch {
      // Full, or forbidden: the conversation goes on, it only does not outlive the page.
    }
  }

  /** What came before `turn`, as the server takes it. */
  history(turn) {
    const before = this.turns.slice(0, this.turns.indexOf(turn)).filter((earlier) => earlier.reply);
    const messages = before.flatMap(({ question, reply }) => [
      { role: "user", content: question },
      { role: "assistant", content: reply.answer },
    ]);
    return messages.slice(-MOST_SENT);
  }
}

function read() {
  try {
    const kept = JSON.parse(localStorage.getItem(KEY) ?? "[]");
    return Array.isArray(kept) ? kept.filter((turn) => typeof turn?.question === "string" && (!turn.reply || Array.isArray(turn.reply.citations))) : [];
  } catch {
    return [];
  }
}

const oneLine = (text) => text.replace(/\s+/g, " ").trim();
const escaped = (text) => oneLine(text).replace(/[\\`*_<>#|]/g, "\\$&");
const place = ({ document, paragraph }) => `${document}, paragraph ${paragraph}`;

/** The conversation as Markdown, with citations. */
export function asMarkdown(turns) {
  const lines = ["# Conversation", ""];
  for (const { question, reply } of turns.filter((turn) => turn.reply)) {
    lines.push(`**${escaped(question)}**`, "", escaped(reply.answer), "");
    for (const cited of reply.citations) {
      lines.push(`> [${cited.number}] ${escaped(cited.quote)} (${escaped(place(cited))}, characters ${cited.start} to ${cited.end})`, "");
    }
    if (reply.near) lines.push(`Nearest to it: ${escaped(reply.near.quote)} (${escaped(place(reply.near))})`, "");
  }
  return `${lines.join("\n").trimEnd()}\n`;
}

/** One answer as plain text, with citations. */
export function asText({ answer, citations }) {
  const quotes = citations.map((cited) => `[${cited.number}] “${oneLine(cited.quote)}” (${place(cited)})`);
  return [answer, ...quotes].join("\n\n");
}
