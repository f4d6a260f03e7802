"use strict";
// What a word went through, for the step that is pointed at or has the focus.
const box = document.getElementById("history");
const steps = new Map();
for (const cell of document.querySelectorAll("td[data-word]")) {
  const word = cell.dataset.word;
  if (!steps.has(word)) steps.set(word, []);
  steps.get(word).push(cell);
}
let shown = null;
function show(cell) {
  if (cell === shown) return;
  if (shown) for (const other of steps.get(shown.dataset.word)) other.classList.remove("hit");
  shown = cell;
  box.hidden = !cell;
  if (!cell) return;
  const word = cell.dataset.word;
  const head = document.createElement("h2");
  head.textContent = word;
  const lines = steps.get(word).map((other) => {
    other.classList.add("hit");
    const row = other.parentElement;
    const m = [...row.children].indexOf(other) - 1;
    const line = document.createElement("div");
    const text = other.firstChild.textContent.replace(" " + word, "");
    line.textContent = row.id.slice(1).padStart(5) + "  M" + m + "  " + text;
    if (/^(load|get|spin)\b/.test(text)) line.className = "looks";
    if (other === cell) line.className = "here";
    return line;
  });
  box.replaceChildren(head, ...lines);
  box.querySelector(".here").scrollIntoView({ block: "nearest" });
}
const cellOf = (event) => event.target.closest("td[data-word]");
document.addEventListener("mouseover", (event) => {
  if (!box.contains(event.target)) show(cellOf(event));
});
document.addEventListener("focusin", (event) => show(cellOf(event)));
document.addEventListener("keydown", (event) => { if (event.key === "Escape") show(null); });
