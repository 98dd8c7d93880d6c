// The article on a phone: a sheet over the chat, opened by its button or by a citation; beside the chat it is always there.

import { byId, isNarrow } from "./dom.js";

export class Sheet {
  constructor() {
    this.aside = byId("article");
    this.opener = byId("open-article");
    this.returnButton = byId("back");
    this.opener.addEventListener("click", () => this.toggle());
    byId("close-article").addEventListener("click", () => this.back());
    this.returnButton.addEventListener("click", () => this.back());
    byId("scrim").addEventListener("click", () => this.back());
    matchMedia("(max-width: 899px)").addEventListener("change", () => this.set(false));
  }

  get isOpen() {
    return this.aside.classList.contains("open");
  }

  set(isOpen) {
    this.aside.classList.toggle("open", isOpen);
    byId("scrim").classList.toggle("open", isOpen);
    this.opener.setAttribute("aria-expanded", String(isOpen));
  }

  /** Open for the reader who came from `from`, where `back` leads again. */
  open(from) {
    this.from = from;
    this.returnButton.hidden = from === undefined;
    if (isNarrow()) this.set(true);
  }

  toggle() {
    if (this.isOpen) return this.back();
    this.open();
    byId("article-body").focus({ preventScroll: true });
  }

  /** Close, and go back to where the reader came from; whether there was anything to do. */
  back() {
    const isInside = this.aside.contains(document.activeElement);
    if (!this.isOpen && !isInside) return false;
    this.set(false);
    this.returnButton.hidden = true;
    const target = this.from?.isConnected ? this.from : isNarrow() ? this.opener : byId("question");
    target.focus();
    return true;
  }
}
