// The quote behind an [n], shown while it is pointed at or focused; it can be pointed at itself, and Esc hides it.

import { withMarks } from "./article.js";
import { byId, el } from "./dom.js";

const LINGER = 160; // milliseconds, to get from the [n] to the card

export class Card {
  constructor() {
    this.box = byId("card");
    this.box.addEventListener("pointerenter", () => clearTimeout(this.leaving));
    this.box.addEventListener("pointerleave", () => this.leave());
    addEventListener("scroll", () => this.hide(), { capture: true, passive: true });
  }

  attach(citation, link) {
    link.addEventListener("pointerenter", (event) => event.pointerType !== "touch" && this.show(citation, link));
    link.addEventListener("pointerleave", () => this.leave());
    link.addEventListener("focus", () => link.matches(":focus-visible") && this.show(citation, link));
    link.addEventListener("blur", () => this.hide());
  }

  show(citation, link) {
    clearTimeout(this.leaving);
    const characters = Array.from(citation.quote);
    const slice = (start, end) => characters.slice(start - citation.start, end - citation.start).join("");
    this.box.replaceChildren(
      el("blockquote", {}, ...withMarks(citation, citation.highlights ?? [], slice)),
      el("p", {}, `Paragraph ${citation.paragraph} · ${citation.document}`),
    );
    this.box.hidden = false;
    link.setAttribute("aria-describedby", "card");
    this.link = link;
    const at = link.getBoundingClientRect();
    const { width, height } = this.box.getBoundingClientRect();
    const above = at.top - height - 8;
    this.box.style.left = `${Math.max(8, Math.min(at.left + at.width / 2 - width / 2, innerWidth - width - 8))}px`;
    this.box.style.top = `${above >= 8 ? above : Math.min(at.bottom + 8, innerHeight - height - 8)}px`;
  }

  leave() {
    clearTimeout(this.leaving);
    this.leaving = setTimeout(() => this.hide(), LINGER);
  }

  /** Whether there was something to hide. */
  hide() {
    if (this.box.hidden) return false;
    this.box.hidden = true;
    this.link.removeAttribute("aria-describedby");
    return true;
  }
}
