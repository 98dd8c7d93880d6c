"use strict";
const form = document.getElementById("filters");
const cases = [...document.querySelectorAll(".case")];
const texts = cases.map((item) => item.textContent.toLowerCase());

function filter() {
  const wanted = new FormData(form);
  const words = wanted.get("words").toLowerCase().split(/\s+/).filter(Boolean);
  let shown = 0;
  cases.forEach((item, number) => {
    const fits = ["verdict", "kind", "split"].every((name) => !wanted.get(name) || item.dataset[name] === wanted.get(name));
    item.hidden = !(fits && words.every((word) => texts[number].includes(word)));
    shown += !item.hidden;
  });
  document.getElementById("shown").textContent = `${shown} of ${cases.length} shown`;
}

form.addEventListener("input", filter);
form.addEventListener("reset", () => setTimeout(filter));
form.addEventListener("submit", (event) => event.preventDefault());
filter();
