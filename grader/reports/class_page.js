"use strict";
// The figures of the class, as a table of which only the rows that can be seen exist, each with its
// exercises painted as cells; and above it the whole class as a picture, a line for every learner.
const data = JSON.parse(document.getElementById("data").textContent);
const [NAME, SHOWN, OTHER, POINTS, LETTERS, SECONDS] = [0, 1, 2, 3, 4, 5];
const find = (selector) => document.querySelector(selector);
const nameBox = find("#name"), exerciseBox = find("#exercise"), statusBox = find("#status"), orderBox = find("#order");
const found = find(".found"), pointed = find(".pointed"), rows = find(".rows"), body = find(".rows tbody");
const overview = find(".overview"), picture = find(".overview canvas"), seen = find(".seen");
const columns = data.exercises.length;
const SPARE = 8; // rows beyond either edge, for the keyboard
const collator = new Intl.Collator("en", { numeric: true, sensitivity: "base" });
const everybody = data.learners.map((learner, index) => ({ learner, index, search: `${learner[SHOWN]} ${learner[OTHER]}`.toLowerCase() }));
everybody.sort((a, b) => collator.compare(a.learner[SHOWN], b.learner[SHOWN]) || a.index - b.index);
let shown = everybody;
let first = -1;
const colours = {}, tones = []; // by name, and by letter for the picture
const pool = [];

const make = (tag, properties = {}, ...children) => {
  const element = Object.assign(document.createElement(tag), properties);
  element.append(...children);
  return element;
};
const address = (learner) => `${data.folder}/${encodeURIComponent(learner[NAME])}.html`;
const count = (number) => number.toLocaleString("en");

// Painting.

function readColours() {
  const style = getComputedStyle(document.documentElement);
  for (const name of ["passed", "failed", "todo", "blocked", "error", "line", "card", "rail"]) {
    colours[name] = style.getPropertyValue(`--${name}`).trim();
  }
  tones[0] = pixel(colours.card);
  for (const [letter, status] of Object.entries(data.statuses)) {
    const isOpen = status === "todo" || status === "unavailable";
    tones[letter.charCodeAt(0)] = isOpen ? tones[0] : pixel(colours[status]);
  }
}

/** Where the cells begin and how wide they are, in a row of `width`: a gap between chapters. */
function geometry(width) {
  const gap = width > 400 ? 5 : 2, chapters = data.chapters.length;
  const cell = (width - gap * Math.max(0, chapters - 1)) / Math.max(1, columns);
  return data.exercises.map((exercise, i) => [i * cell + exercise[3] * gap, Math.min(cell, 40)]);
}

/** One verdict: how much of the cell is filled says as much as its colour. */
function paintCell(context, letter, x, width, height) {
  const inner = Math.max(1, width - (width > 5 ? 1.5 : 0.5));
  const fill = (colour, top, part) => {
    context.fillStyle = colours[colour];
    context.fillRect(x, top * height, inner, part * height);
  };
  if (letter === "p") fill("passed", 0, 1);
  else if (letter === "f") { fill("failed", 0, 0.42); fill("failed", 0.58, 0.42); }
  else if (letter === "b") fill("blocked", 0.35, 0.3);
  else if (letter === "e") { fill("error", 0, 0.6); fill("error", 0.75, 0.25); }
  else if (letter === "t") fill("line", 0.44, 0.12);
}

function sized(canvas) {
  const scale = window.devicePixelRatio || 1;
  const width = canvas.clientWidth, height = canvas.clientHeight;
  if (canvas.width !== Math.round(width * scale) || canvas.height !== Math.round(height * scale)) {
    canvas.width = Math.round(width * scale);
    canvas.height = Math.round(height * scale);
  }
  const context = canvas.getContext("2d");
  context.setTransform(scale, 0, 0, scale, 0, 0);
  context.clearRect(0, 0, width, height);
  return [context, width, height];
}

/** A colour as the number that stands for it in an image. */
function pixel(colour) {
  const context = make("canvas", { width: 1, height: 1 }).getContext("2d");
  context.fillStyle = colour;
  context.fillRect(0, 0, 1, 1);
  return new Uint32Array(context.getImageData(0, 0, 1, 1).data.buffer)[0];
}

/** The whole class: a pixel for each verdict, then stretched. */
function paintOverview() {
  const enough = shown.length > 40 && columns > 0;
  overview.hidden = !enough;
  if (!enough) return;
  const image = new ImageData(columns, shown.length), pixels = new Uint32Array(image.data.buffer);
  shown.forEach(({ learner }, y) => {
    const letters = learner[LETTERS];
    for (let x = 0; x < columns; x++) pixels[y * columns + x] = tones[letters.charCodeAt(x)] ?? tones[0];
  });
  const small = make("canvas", { width: columns, height: shown.length });
  small.getContext("2d").putImageData(image, 0, 0);
  const [context, width, height] = sized(picture);
  const lines = make("canvas", { width: columns, height: Math.min(shown.length, picture.height) });
  const squeezed = lines.getContext("2d");
  squeezed.imageSmoothingQuality = "high";
  squeezed.drawImage(small, 0, 0, columns, lines.height);
  context.imageSmoothingEnabled = false;
  let from = 0;
  const places = geometry(width);
  data.chapters.forEach((_, chapter) => {
    const size = data.exercises.filter((exercise) => exercise[3] === chapter).length;
    const [start] = places[from];
    const [end, last] = places[from + size - 1];
    context.drawImage(lines, from, 0, size, lines.height, start, 0, end + last - start, height);
    from += size;
  });
  picture.setAttribute("aria-label", `Verdicts of ${count(shown.length)} learners, a line each, in the order of the table below.`);
}

// The table.

function makeRow() {
  const link = make("a"), name = make("th", { scope: "row", className: "who-is" }, link), points = make("td", { className: "number" });
  const one = make("td", { className: "one" }), canvas = make("canvas"), words = make("span", { className: "visually-hidden" });
  canvas.setAttribute("aria-hidden", "true");
  const row = make("tr", {}, name, points, one, make("td", { className: "cells" }, words, canvas));
  const parts = { row, link, points, one, canvas, words, at: -1 };
  canvas.addEventListener("mousemove", (event) => point(parts, event));
  canvas.addEventListener("mouseleave", () => { pointed.textContent = ""; });
  canvas.addEventListener("click", (event) => {
    const at = column(parts, event);
    if (at >= 0 && parts.link.href) location.href = `${parts.link.href}#${data.exercises[at][0]}`;
  });
  return parts;
}

function column(parts, event) {
  const places = geometry(parts.canvas.clientWidth);
  return places.findLastIndex(([x]) => x <= event.offsetX);
}

function point(parts, event) {
  const at = column(parts, event), { learner } = shown[parts.at];
  const status = data.statuses[learner[LETTERS][at]];
  pointed.textContent = status ? `${learner[SHOWN]}, ${data.exercises[at][0]} (${data.exercises[at][2]}): ${status}` : "";
}

/** A row in words: how many verdicts of each kind, and which exercises have failed. */
function inWords(learner) {
  const said = [];
  for (const [letter, status] of Object.entries(data.statuses)) {
    const which = data.exercises.filter((_, i) => learner[LETTERS][i] === letter).map((exercise) => exercise[1]);
    if (which.length) said.push(`${which.length} ${status}${letter === "f" || letter === "e" ? `: ${which.join(", ")}` : ""}`);
  }
  return said.join("; ") || "not graded";
}

function fillRow(parts, at) {
  const { learner } = shown[at], chosen = exerciseBox.selectedIndex - 1;
  parts.at = at;
  parts.row.setAttribute("aria-rowindex", at + 2);
  parts.link.textContent = learner[SHOWN];
  parts.link.title = learner[OTHER];
  if (learner[POINTS] === null) parts.link.removeAttribute("href");
  else parts.link.href = address(learner);
  parts.points.textContent = learner[POINTS] === null ? "" : learner[POINTS];
  parts.one.hidden = chosen < 0;
  const status = chosen < 0 ? "" : data.statuses[learner[LETTERS][chosen]] || "not graded";
  parts.one.replaceChildren(make("span", { className: `status ${status}`, textContent: status }));
  parts.words.textContent = inWords(learner);
}

function paintRows() {
  if (!pool.length) return;
  const sizes = pool.map((parts) => sized(parts.canvas));
  const places = geometry(sizes[0][1]);
  pool.forEach((parts, i) => {
    if (parts.at < 0) return;
    const letters = shown[parts.at].learner[LETTERS], [context, , height] = sizes[i];
    for (let x = 0; x < letters.length; x++) paintCell(context, letters[x], places[x][0], places[x][1], height);
  });
}

const above = make("tr", { className: "rest" }, make("td"));
const below = make("tr", { className: "rest" }, make("td"));
above.setAttribute("aria-hidden", "true");
below.setAttribute("aria-hidden", "true");

function rowHeight() {
  return pool.length && pool[0].row.isConnected ? pool[0].row.getBoundingClientRect().height : 32;
}

/** Put the rows that can be seen into the table; `again` even if they are there. */
function render(again = false) {
  const height = rowHeight() || 32;
  const wanted = Math.min(shown.length, Math.ceil((rows.clientHeight || 700) / height) + 2 * SPARE);
  const top = Math.max(0, Math.min(shown.length - wanted, Math.floor(rows.scrollTop / height) - SPARE));
  mark(height);
  if (!again && top === first && wanted === pool.length) return;
  const held = pool.find((parts) => parts.row.contains(document.activeElement));
  const who = held && shown[held.at];
  while (pool.length < wanted) pool.push(makeRow());
  pool.length = wanted;
  first = top;
  pool.forEach((parts, i) => fillRow(parts, top + i));
  if (again || body.childElementCount !== wanted + 2) body.replaceChildren(above, ...pool.map((parts) => parts.row), below);
  above.firstChild.colSpan = below.firstChild.colSpan = exerciseBox.selectedIndex > 0 ? 4 : 3;
  above.firstChild.style.height = `${top * height}px`;
  above.hidden = top === 0;
  below.firstChild.style.height = `${(shown.length - top - wanted) * height}px`;
  below.hidden = top + wanted >= shown.length;
  paintRows();
  if (held) {
    const now = pool.find((parts) => shown[parts.at] === who);
    (now ? now.link : rows).focus({ preventScroll: true });
  }
}

/** Which part of the picture the table shows. */
function mark(height) {
  if (overview.hidden) return;
  const whole = shown.length * height, scale = picture.clientHeight / whole;
  seen.style.height = `${Math.max(6, Math.min(whole, rows.clientHeight) * scale)}px`;
  seen.style.transform = `translateY(${Math.min(rows.scrollTop * scale, picture.clientHeight - 6)}px)`;
}

function drawHeadings() {
  const heading = find("thead .cells"), words = heading.firstElementChild;
  const marks = make("span", { className: "marks" });
  marks.setAttribute("aria-hidden", "true");
  words.textContent = `Exercises of ${data.chapters.length} chapters`;
  heading.replaceChildren(words, marks);
  const places = geometry(marks.clientWidth);
  data.chapters.forEach(([name, title], chapter) => {
    const mine = places.filter((_, i) => data.exercises[i][3] === chapter);
    const from = mine[0][0], last = mine[mine.length - 1], width = last[0] + last[1] - from;
    const label = make("span", { textContent: width > 36 ? name.split("_")[0] : name.replace(/^ch0?/, "").split("_")[0], title });
    label.style.left = `${from}px`;
    label.style.width = `${width}px`;
    marks.append(label);
  });
}

// Choosing.

const comparisons = {
  name: () => 0,
  most: (a, b) => (b.learner[POINTS] ?? -1) - (a.learner[POINTS] ?? -1),
  least: (a, b) => (a.learner[POINTS] ?? Infinity) - (b.learner[POINTS] ?? Infinity),
  slow: (a, b) => b.learner[SECONDS] - a.learner[SECONDS],
};

function choose() {
  const wanted = nameBox.value.trim().toLowerCase(), status = statusBox.value, at = exerciseBox.selectedIndex - 1;
  const fits = ({ learner, search }) => {
    if (wanted && !search.includes(wanted)) return false;
    if (status === "none") return learner[POINTS] === null;
    if (!status) return true;
    return at < 0 ? learner[LETTERS].includes(status) : learner[LETTERS][at] === status;
  };
  shown = everybody.filter(fits);
  const order = orderBox.value;
  if (order === "exercise" && at >= 0) {
    const rank = (one) => "fbetup".indexOf(one.learner[LETTERS][at] || "u");
    shown.sort((a, b) => rank(a) - rank(b));
  } else if (comparisons[order]) shown.sort(comparisons[order]);
  const heading = find("thead .one");
  heading.hidden = at < 0;
  heading.textContent = at < 0 ? "" : data.exercises[at][1];
  found.textContent = shown.length === everybody.length ? (shown.length === 1 ? "1 learner" : `All ${count(shown.length)} learners`) : `${count(shown.length)} of ${count(everybody.length)} learners`;
  find(".rows table").setAttribute("aria-rowcount", shown.length + 1);
  rows.scrollTop = 0;
  drawHeadings();
  paintOverview();
  render(true);
}

function repaint() {
  readColours();
  for (const canvas of document.querySelectorAll(".legend canvas")) {
    const [context, width, height] = sized(canvas);
    paintCell(context, canvas.dataset.letter, 0, width, height);
  }
  drawHeadings();
  paintOverview();
  render(true);
}

data.chapters.forEach(([, title], chapter) => {
  const group = make("optgroup", { label: title });
  data.exercises.forEach(([id, name, , of]) => { if (of === chapter) group.append(make("option", { value: id, textContent: name })); });
  exerciseBox.append(group);
});
find(".without").hidden = true;
for (const part of [find(".choose"), rows, find(".legend")]) part.hidden = !data.learners.length;
find(".choose").addEventListener("submit", (event) => event.preventDefault());
for (const box of [nameBox, exerciseBox, statusBox, orderBox]) box.addEventListener("input", choose);
exerciseBox.addEventListener("input", () => {
  if (exerciseBox.selectedIndex > 0 && orderBox.value !== "exercise") { orderBox.value = "exercise"; choose(); }
});
let due = 0;
rows.addEventListener("scroll", () => {
  cancelAnimationFrame(due);
  due = requestAnimationFrame(() => render());
}, { passive: true });
overview.addEventListener("click", (event) => {
  const share = event.offsetY / picture.clientHeight;
  rows.scrollTop = share * shown.length * rowHeight() - rows.clientHeight / 2;
});
matchMedia("(prefers-color-scheme: dark)").addEventListener("change", repaint);
let resized = 0;
addEventListener("resize", () => {
  cancelAnimationFrame(resized);
  resized = requestAnimationFrame(repaint);
});
repaint();
choose();
