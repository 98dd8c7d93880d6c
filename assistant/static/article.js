// The article beside the chat: sentences that can be shown, marked, and stay faintly marked once cited.

import { byId, el, scrolling } from "./dom.js";
import { getJson } from "./wire.js";

const A_FRAME = 400; // paragraphs that are laid out at a time

/** Offsets count Python characters; a string here counts UTF-16 units. Gives the unit of a character. */
function unitsOf(text) {
  if (!/[\ud800-\udfff]/.test(text)) return (character) => character;
  const units = [0];
  for (const character of text) units.push(units.at(-1) + character.length);
  return (character) => units[character];
}

export class Article {
  constructor() {
    this.body = byId("article-body");
    this.picker = byId("documents");
    this.cited = new Map(); // document -> Map of "start,end" -> citation, of the whole conversation
    this.picker.addEventListener("change", () => this.open(this.picker.value));
  }

  /** Fetch the list and open the first document; gives the example questions of all. */
  async load() {
    const { sources } = await getJson("/api/sources");
    this.picker.replaceChildren(...sources.map(({ name }) => el("option", { value: name }, name)));
    this.picker.hidden = sources.length < 2;
    if (sources.length) await this.open(sources[0].name);
    return sources.flatMap((source) => source.examples);
  }

  async open(name) {
    if (this.name === name) return this.ready;
    this.name = name;
    this.picker.value = name;
    this.ready = this.layOut(name);
    return this.ready;
  }

  /** The document anew: the index may have been built again since. */
  reopen() {
    this.ready = this.layOut(this.name);
    return this.ready;
  }

  /** Whether the text still says what was quoted; a place without a quote is taken as it is. */
  holds({ quote, start, end }) {
    return quote === undefined || this.slice(start, end) === quote;
  }

  async layOut(name) {
    const source = await getJson(`/api/sources/${name.split("/").map(encodeURIComponent).join("/")}`);
    const unit = unitsOf(source.text);
    this.slice = (start, end) => source.text.slice(unit(start), unit(end));
    this.sentences = [];
    this.body.replaceChildren();
    this.body.scrollTop = 0;
    let next = 0;
    for (const [index, paragraph] of source.paragraphs.entries()) {
      if (index && index % A_FRAME === 0) await new Promise(requestAnimationFrame);
      if (this.name !== name) return;
      const made = el("p", { "data-number": paragraph.number });
      let position = paragraph.start;
      while (next < source.sentences.length && source.sentences[next].paragraph === paragraph.number) {
        const { start, end } = source.sentences[next++];
        const span = el("span", { className: "sentence", tabIndex: -1 }, this.slice(start, end));
        made.append(this.slice(position, start), span);
        this.sentences.push({ start, end, span });
        position = end;
      }
      const isHeadline = index === 0 && source.paragraphs.length > 1 && !/[.!?]["”’)]*$/.test(made.textContent) && made.textContent.length < 200;
      if (isHeadline) made.classList.add("headline");
      this.body.append(made);
    }
    this.paint();
  }

  /** The sentences that a citation covers. */
  covered({ start, end }) {
    return this.sentences.filter((sentence) => sentence.start < end && sentence.end > start);
  }

  /** Keep the citations of an answer faintly marked. */
  remember(citations) {
    for (const cited of citations) {
      if (!this.cited.has(cited.document)) this.cited.set(cited.document, new Map());
      this.cited.get(cited.document).set(`${cited.start},${cited.end}`, cited);
    }
    this.paint();
  }

  forget() {
    this.cited.clear();
    this.current = null;
    this.paint();
  }

  /** Bring a cited sentence into view and mark it; the very words that answer are marked more strongly. */
  async show(cited, withFocus = true) {
    await this.open(cited.document);
    if (!this.holds(cited)) await this.reopen();
    this.current = cited;
    this.paint();
    const [first] = this.covered(cited);
    if (!first) return;
    const box = this.body.getBoundingClientRect();
    const at = first.span.getBoundingClientRect();
    this.body.scrollTo({ top: this.body.scrollTop + at.top - box.top - box.height / 3, behavior: scrolling() });
    if (withFocus) first.span.focus({ preventScroll: true });
  }

  paint() {
    if (!this.sentences) return;
    const cited = [...(this.cited.get(this.name)?.values() ?? [])].filter((citation) => this.holds(citation));
    const current = this.current?.document === this.name && this.holds(this.current) ? this.current : null;
    const covers = (citation, sentence) => citation.start < sentence.end && citation.end > sentence.start;
    for (const sentence of this.sentences) {
      const isCurrent = current !== null && covers(current, sentence);
      const isCited = cited.some((citation) => covers(citation, sentence));
      if (sentence.isCurrent === isCurrent && sentence.isCited === isCited && !isCurrent && !sentence.hasWords) continue;
      Object.assign(sentence, { isCurrent, isCited });
      sentence.span.classList.toggle("cited", isCited);
      sentence.span.classList.toggle("current", isCurrent);
      this.markWords(sentence, isCurrent ? (current.highlights ?? []) : []);
    }
  }

  markWords(sentence, highlights) {
    const inside = highlights.filter(([start, end]) => start >= sentence.start && end <= sentence.end);
    sentence.hasWords = inside.length > 0;
    sentence.span.replaceChildren(...withMarks(sentence, inside, this.slice));
  }
}

/** A span of the text as nodes, with `highlights` inside it as <mark>; `slice` cuts the text. */
export function withMarks({ start, end }, highlights, slice) {
  const nodes = [];
  let position = start;
  for (const [from, to] of [...highlights].sort((a, b) => a[0] - b[0])) {
    if (from < position) continue;
    nodes.push(slice(position, from), el("mark", {}, slice(from, to)));
    position = to;
  }
  nodes.push(slice(position, end));
  return nodes;
}
