"use strict";
const grid = document.getElementById("grid");
const body = grid.tBodies[0];
const rows = Array.from(body.rows);
const filter = document.getElementById("filter");
const group = document.getElementById("group");
const chips = Array.from(document.querySelectorAll(".chip"));
const texts = new Map(rows.map((row) => [
  row,
  [row.cells[0], row.cells[1], row.cells[2], row.cells[3]].map((cell) => cell.textContent)
    .concat(row.dataset.cause, row.dataset.tags).join(" ").toLowerCase(),
]));
let order = rows.slice();

function matches(row) {
  const on = chips.filter((chip) => chip.getAttribute("aria-pressed") === "true");
  const words = filter.value.toLowerCase().split(/\s+/).filter(Boolean);
  const word = row.dataset.word;
  const chosen = !on.length || on.some((chip) => chip.dataset.word === word
    || (chip.dataset.word === "unverified" && word === "missing"));
  return chosen && words.every((part) => texts.get(row).includes(part));
}

function keyOf(row) {
  const by = group.value;
  if (by === "verdict") return row.dataset.word;
  if (!by.startsWith("tag ")) return row.dataset[by] || "none";
  const key = by.slice(4);
  const found = row.dataset.tags.split("|").filter((tag) => tag === key || tag.startsWith(key + ":"));
  return found.join(", ") || "none";
}

function head(name, members) {
  const row = document.createElement("tr");
  const cell = document.createElement("th");
  row.className = "group";
  cell.colSpan = grid.tHead.rows[0].cells.length;
  const green = members.filter((member) => member.dataset.word === "green").length;
  cell.textContent = `${name}: ${members.length} targets, ${green} green`;
  row.append(cell);
  return row;
}

function show() {
  const shown = order.filter(matches);
  const groups = new Map();
  for (const row of shown) {
    const key = group.value ? keyOf(row) : "";
    if (!groups.has(key)) groups.set(key, []);
    groups.get(key).push(row);
  }
  const made = [];
  for (const [name, members] of groups) {
    if (group.value) made.push(head(name, members));
    made.push(...members);
  }
  body.replaceChildren(...made);
  document.getElementById("none").hidden = shown.length > 0;
  document.getElementById("count").textContent =
    shown.length === rows.length ? "" : `${shown.length} of ${rows.length}`;
}

function value(row, at) {
  const text = row.cells[at].textContent;
  const parts = /^(\d+)\/(\d+)$/.exec(text);
  if (at > 3) return parts ? Number(parts[1]) / Number(parts[2]) : 2;
  return text;
}

function sort(cell) {
  const at = cell.cellIndex;
  const down = cell.getAttribute("aria-sort") === "ascending";
  for (const other of grid.tHead.rows[0].cells) other.removeAttribute("aria-sort");
  cell.setAttribute("aria-sort", down ? "descending" : "ascending");
  const sign = down ? -1 : 1;
  order = rows.slice().sort((a, b) => {
    const [x, y] = [value(a, at), value(b, at)];
    return sign * (at > 3 ? x - y : x.localeCompare(y, undefined, { numeric: true }));
  });
  show();
}

for (const cell of grid.tHead.rows[0].cells) {
  cell.querySelector("button").addEventListener("click", () => sort(cell));
}
for (const chip of chips) {
  chip.addEventListener("click", () => {
    chip.setAttribute("aria-pressed", String(chip.getAttribute("aria-pressed") !== "true"));
    show();
  });
}
filter.addEventListener("input", show);
group.addEventListener("change", show);
document.addEventListener("keydown", (event) => {
  if (event.key === "/" && document.activeElement !== filter) {
    event.preventDefault();
    filter.focus();
  }
});
