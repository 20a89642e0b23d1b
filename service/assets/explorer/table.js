/* The figures as tables: what stands here is what tooltips and announcements say. */

import { el, number, word } from "./page.js";
import { symbolCell } from "./facts.js";
import { isLoaded } from "./parts.js";

const FIRST = 200;  // rows before "show all": a page of thousands of rows is slow to make and to read

/* Columns of the areas and the circles; each cell a function of the unit. */
function parts(values, level) {
  const { areas, symbols } = values;
  const found = [];
  if (areas && !areas.texts && areas.level === level && areas.columns.length) {
    found.push({
      caption: areas.title, note: areas.subtitle, more: areas.more,
      columns: [...areas.columns],
      has: (unit) => isLoaded(values, unit) && areas.key[unit] !== null,
      cells: (unit) => [number(areas.count[unit] ?? ""), areas.shown[unit] || areas.keys[areas.key[unit]][1]],
    });
  }
  if (areas?.texts && areas.level === level) {
    found.push({
      caption: values.title, note: "", more: [], columns: [values.title],
      has: (unit) => isLoaded(values, unit) && areas.key[unit] !== null, cells: (unit) => [areas.texts[unit]],
    });
  }
  if (symbols?.level === level) {
    found.push({
      caption: symbols.title, note: "", more: symbols.more,
      columns: symbols.groups.map((group) => group.label),
      has: (unit) => isLoaded(values, unit) && symbols.groups.some((group) => group.value[unit] !== null || group.said[unit] !== undefined),
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
  const made = started(shown, units, pick).map(({ scroll, days, end, fill }) => {
    const rows = units.pcode.map((_, unit) => unit).filter((unit) =>
      days.some((each) => each.part.has(unit)) && (!inside || inside(unit)));
    fill(rows.slice(0, FIRST));
    if (!inside) end();
    if (rows.length <= FIRST) return scroll;
    const all = el("button", { type: "button", onclick: () => { fill(rows.slice(FIRST)); all.remove(); } },
      word("table.all", { count: number(rows.length) }));
    return el("div", {}, scroll, all);
  });
  return [...made, ...shown.flatMap((values) => values.tables.map(ready))];
}

/* The same of a level whose figures come in parts: of one place, else as far as they are asked for. */
export async function longTables(shown, units, { inside, pick }) {
  const all = (asked) => Promise.all(shown.map((values) => asked(values.parts)));
  const made = await Promise.all(started(shown, units, pick).map(async ({ scroll, days, end, fill }) => {
    const speaks = (unit) => days.some((each) => each.part.has(unit));
    if (inside) {
      await all((parts) => parts.inside(inside));
      fill(units.pcode.map((_, unit) => unit).filter((unit) => within(units, unit, inside) && speaks(unit)));
      return scroll;
    }
    let slice = 0;
    const further = async () => {
      for (let count = 0, [there] = await all((parts) => parts.slice(slice)); there.length;
        [there] = await all((parts) => parts.slice(slice))) {
        slice += 1;
        const rows = there.filter(speaks);
        fill(rows);
        count += rows.length;
        if (count >= FIRST) return true;
      }
      return false;
    };
    const isMore = await further();
    end();
    if (!isMore) return scroll;
    const more = el("button", { type: "button", onclick: async () => {
      more.disabled = true;
      const goes = await further().catch(() => true);  // what failed can be asked for again
      more.disabled = false;
      if (!goes) more.remove();
    } }, word("table.more"));
    return el("div", {}, scroll, more);
  }));
  return [...made, ...shown.flatMap((values) => values.tables.map(ready))];
}

const within = (units, unit, code) => units.parent[unit] === code || units.pcode[unit] === code;

/* Tables with heads and no rows: `fill` adds units, `end` what is said of no unit. */
function started(shown, units, pick) {
  const both = shown.map((values) => parts(values, units.level));
  return both[0].map((part, i) => {
    const days = both.map((all, k) => ({ part: all[i], values: shown[k] })).filter((each) => each.part);
    const body = el("tbody");
    const foot = el("tbody");
    const fill = (some) => body.append(...some.map((unit) => row(units, unit, days.flatMap((each) =>
      (each.part.has(unit) ? each.part.cells(unit) : each.part.columns.map(() => "–"))), pick)));
    const last = (each) => el("tr", { class: "more" }, el("th", { scope: "row" }, each[0]), el("td"),
      each.slice(1).map((cell) => el("td", { class: "number" }, cell)));
    const end = () => { if (days.length === 1) foot.append(...part.more.map(last)); };
    const heads = days.flatMap((each) => each.part.columns.map((column) =>
      el("th", { scope: "col", class: "number" }, days.length > 1 ? `${column}, ${each.values.as_of}` : column)));
    const table = el("table", {}, el("caption", {}, part.caption, part.note && el("span", {}, part.note)),
      el("thead", {}, el("tr", {}, el("th", { scope: "col" }, word("table.place")),
        el("th", { scope: "col" }, word("table.code")), heads)), body, foot);
    const scroll = el("div", { class: "scroll", tabindex: 0, role: "region", "aria-label": part.caption }, table);
    return { scroll, days, end, fill };
  });
}

/* A table that came ready made: flows, organisations. */
function ready({ caption, columns, rows }) {
  const table = el("table", {}, el("caption", {}, caption),
    el("thead", {}, el("tr", {}, columns.map((column) => el("th", { scope: "col" }, column)))),
    el("tbody", {}, rows.map(([first, ...rest]) =>
      el("tr", {}, el("th", { scope: "row" }, first), rest.map((cell) => el("td", {}, cell))))));
  return el("div", { class: "scroll", tabindex: 0, role: "region", "aria-label": caption }, table);
}
