"use strict";
// Beside the table: all words as they were after the step that is pointed at or has the focus, and
// what its word went through.
const cells = [...document.querySelectorAll("td.step")];
const rows = document.querySelector(".run > div");
const [state, when, whose, history_] = ["state", "when", "whose", "history"].map((id) => document.getElementById(id));
const steps = new Map();
for (const cell of cells) {
  const word = cell.dataset.word;
  if (word === undefined) continue;
  if (!steps.has(word)) steps.set(word, []);
  steps.get(word).push(cell);
}
const number = (cell) => Number(cell.parentElement.id.slice(1));
const looks = /^(load|get|spin)\b/;
let shown = null;

function values(last) {
  const now = new Map();
  for (const cell of cells) {
    if (number(cell) > last) break;
    if (cell.dataset.now) now.set(cell.dataset.word, cell.dataset.now);
  }
  return now;
}
function show(cell) {
  if (cell === shown && cell) return;
  if (shown) {
    shown.classList.remove("here");
    for (const other of steps.get(shown.dataset.word) || []) other.classList.remove("hit");
  }
  shown = cell;
  const word = cell && cell.dataset.word;
  const now = values(cell ? number(cell) : Infinity);
  when.textContent = cell ? "Words after step " + number(cell) : "Words after the last step";
  const changes = cell && !looks.test(cell.textContent);
  state.tBodies[0].replaceChildren(...[...steps.keys()].filter((name) => now.has(name)).map((name) => {
    const row = document.createElement("tr");
    for (const text of [name, now.get(name)]) row.insertCell().textContent = text;
    if (name === word && changes) row.className = "changed";
    return row;
  }));
  whose.hidden = !word;
  history_.replaceChildren();
  if (cell) cell.classList.add("here");
  if (!word) return;
  whose.textContent = "What " + word + " went through";
  for (const other of steps.get(word)) {
    other.classList.add("hit");
    const line = document.createElement("div");
    const text = other.firstChild.textContent.replace(" " + word, "");
    const m = [...other.parentElement.children].indexOf(other) - 1;
    line.textContent = String(number(other)).padStart(5) + "  M" + m + "  " + text;
    if (looks.test(text)) line.className = "looks";
    if (other === cell) line.className = "here";
    history_.append(line);
  }
  history_.querySelector(".here").scrollIntoView({ block: "nearest" });
}
const cellOf = (event) => event.target.closest && event.target.closest("td.step");
rows.addEventListener("mouseover", (event) => { if (cellOf(event)) show(cellOf(event)); });
document.addEventListener("focusin", (event) => { if (cellOf(event)) show(cellOf(event)); });
document.addEventListener("keydown", (event) => {
  if (event.key === "Escape") {
    if (document.activeElement) document.activeElement.blur();
    show(null);
  }
  const step = { ArrowUp: -1, ArrowDown: 1 }[event.key];
  if (!step || !(document.activeElement === document.body || cellOf({ target: document.activeElement }))) return;
  const seen = cells.filter((cell) => cell.offsetParent);
  const next = seen[shown ? seen.indexOf(shown) + step : 0];
  if (!next) return;
  event.preventDefault();
  next.focus();
});
for (const button of document.querySelectorAll(".fold button")) {
  button.addEventListener("click", () => button.closest("tbody").classList.add("open"));
}
document.getElementById("unfold").addEventListener("click", (event) => {
  const all = rows.classList.toggle("all");
  event.target.setAttribute("aria-pressed", all);
});
// A link to a step shows it, folded or not.
const asked = document.getElementById(location.hash.slice(1));
const step = asked && asked.querySelector("td.step");
if (step) {
  const fold = step.closest("tbody.dull");
  if (fold) fold.previousElementSibling.classList.add("open");
}
document.documentElement.dataset.ready = "yes";
document.getElementById("end").dataset.steps = cells.length;
show(step || null);
if (step) step.focus();
