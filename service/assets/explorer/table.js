/* The figures as tables: what stands here is what tooltips and announcements say. */

import { el, number, word } from "./page.js";
import { symbolCell } from "./facts.js";

const FIRST = 200;  // rows before "show all": a page of thousands of rows is slow to make and to read

/* Columns of the areas and the circles; each cell a function of the unit. */
function parts(values, level) {
  const { areas, symbols } = values;
  const found = [];
  if (areas && !areas.texts && areas.level === level && areas.columns.length) {
    found.push({
      caption: areas.title, note: areas.subtitle, more: areas.more,
      columns: [...areas.columns],
      has: (unit) => areas.key[unit] !== null,
      cells: (unit) => [number(areas.count[unit] ?? ""), areas.shown[unit] || areas.keys[areas.key[unit]][1]],
    });
  }
  if (areas?.texts && areas.level === level) {
    found.push({
      caption: values.title, note: "", more: [], columns: [values.title],
      has: (unit) => areas.key[unit] !== null, cells: (unit) => [areas.texts[unit]],
    });
  }
  if (symbols?.level === level) {
    found.push({
      caption: symbols.title, note: "", more: symbols.more,
      columns: symbols.groups.map((group) => group.label),
      has: (unit) => symbols.groups.some((group) => group.value[unit] !== null || group.said[unit] !== undefined),
      cells: (unit) => symbols.groups.map((group) => symbolCell(group, unit)),
    });
  }
  return found;
}

function row(units, unit, cells, pick) {
  const name = el("button", { type: "button", class: "place", onclick: () => pick(unit) }, units.name[unit]);
  return el("tr", {}, el("th", { scope: "row" }, name), el("td", { class: "code" }, units.pcode[unit]),
    cells.map((cell) => el("td", { class: "number" }, cell)));
}

/* Tables of a map, or of two days of it side by side; `inside` keeps the units of one place. */
export function tables(shown, units, { inside, pick }) {
  const level = units.level;
  const both = shown.map((values) => parts(values, level));
  const made = both[0].map((part, i) => {
    const days = both.map((all, k) => ({ part: all[i], values: shown[k] })).filter((each) => each.part);
    const rows = units.pcode.map((_, unit) => unit).filter((unit) =>
      days.some((each) => each.part.has(unit)) && (!inside || inside(unit)));
    const body = el("tbody");
    const fill = (some) => body.append(...some.map((unit) => row(units, unit, days.flatMap((each) =>
      (each.part.has(unit) ? each.part.cells(unit) : each.part.columns.map(() => "–"))), pick)));
    fill(rows.slice(0, FIRST));
    const last = (each) => el("tr", { class: "more" }, el("th", { scope: "row" }, each[0]), el("td"),
      each.slice(1).map((cell) => el("td", { class: "number" }, cell)));
    if (days.length === 1 && !inside) body.append(...part.more.map(last));
    const heads = days.flatMap((each) => each.part.columns.map((column) =>
      el("th", { scope: "col", class: "number" }, days.length > 1 ? `${column}, ${each.values.as_of}` : column)));
    const table = el("table", {}, el("caption", {}, part.caption, part.note && el("span", {}, part.note)),
      el("thead", {}, el("tr", {}, el("th", { scope: "col" }, word("table.place")),
        el("th", { scope: "col" }, word("table.code")), heads)), body);
    const scroll = el("div", { class: "scroll", tabindex: 0, role: "region", "aria-label": part.caption }, table);
    if (rows.length <= FIRST) return scroll;
    const all = el("button", { type: "button", onclick: () => { fill(rows.slice(FIRST)); all.remove(); } },
      word("table.all", { count: number(rows.length) }));
    return el("div", {}, scroll, all);
  });
  return [...made, ...shown.flatMap((values) => values.tables.map(ready))];
}

/* A table that came ready made: flows, organisations. */
function ready({ caption, columns, rows }) {
  const table = el("table", {}, el("caption", {}, caption),
    el("thead", {}, el("tr", {}, columns.map((column) => el("th", { scope: "col" }, column)))),
    el("tbody", {}, rows.map(([first, ...rest]) =>
      el("tr", {}, el("th", { scope: "row" }, first), rest.map((cell) => el("td", {}, cell))))));
  return el("div", { class: "scroll", tabindex: 0, role: "region", "aria-label": caption }, table);
}
