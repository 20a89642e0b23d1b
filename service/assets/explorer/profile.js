/* One place: its counts over time, its flows, who works there. */

import { day, el, number, page, svg, word } from "./page.js";

const WIDE = 260;
const HIGH = 74;

const state = (count) => (count.value === null ? "–" : (count.qualifier === "approx" ? "≈ " : "") + number(count.value));

/* A line for what stands on a day, bars for what happened in a period; a gap is a gap. */
function chart(points, stock) {
  const times = points.map((point) => Date.parse(point.date));
  const [first, last] = [Math.min(...times), Math.max(...times)];
  const top = Math.max(...points.map((point) => point.value ?? 0), 1);
  const x = (time) => 8 + ((time - first) / (last - first || 1)) * (WIDE - 16);
  const y = (value) => HIGH - 6 - (value / top) * (HIGH - 18);
  const drawn = [svg("path", { d: `M0 ${HIGH - 6}H${WIDE}`, class: "base" })];
  let path = "";
  points.forEach((point, i) => {
    if (point.value === null) { path += " "; return; }
    const [px, py] = [x(times[i]), y(point.value)];
    if (stock) {
      path += `${!path || path.endsWith(" ") ? "M" : "L"}${px.toFixed(1)} ${py.toFixed(1)}`;
      drawn.push(svg("circle", { cx: px, cy: py, r: 3, class: "point" }));
    } else {
      drawn.push(svg("rect", { x: px - 4, y: py, width: 8, height: HIGH - 6 - py, class: "bar" }));
    }
  });
  if (stock) drawn.push(svg("path", { d: path.trim() || "M0 0", class: "line" }));
  const said = points.map((point) => `${day(point.date)}: ${state(point)}`).join("; ");
  return svg("svg", { viewBox: `0 0 ${WIDE} ${HIGH}`, class: "chart", role: "img", "aria-label": said }, ...drawn);
}

function counts(all) {
  const bySeries = new Map();
  for (const count of all) {
    if (count.origin) continue;
    const key = `${count.group} ${count.measure}`;
    if (!bySeries.has(key)) bySeries.set(key, []);
    bySeries.get(key).push(count);
  }
  return [...bySeries.values()].map((points) => {
    points.sort((a, b) => (a.date < b.date ? -1 : 1));
    const { group, measure } = points[0];
    return el("div", { class: "series" },
      el("h4", {}, page.names[group] ?? group, " ", el("span", {}, word(`measure.${measure}`))),
      points.length > 1 ? chart(points, measure === "stock") : null,
      el("ul", {}, points.slice(-6).reverse().map((point) =>
        el("li", {}, el("span", {}, day(point.date)), el("b", {}, state(point))))));
  });
}

function flows(title, rows, end) {
  if (!rows.length) return null;
  const listed = [...rows].sort((a, b) => (b.value ?? 0) - (a.value ?? 0)).slice(0, 12);
  return el("div", {}, el("h4", {}, title), el("ul", {}, listed.map((flow) =>
    el("li", {}, el("span", {}, `${flow[end]}, ${page.names[flow.group] ?? flow.group}`,
      el("small", {}, `${word(`measure.${flow.measure}`)}, ${day(flow.date)}`)), el("b", {}, state(flow))))));
}

export function profile(unit, { close, go, inside, outside }) {
  const link = (brief) => el("button", { type: "button", class: "place", onclick: () => go(brief) }, brief.name);
  const way = unit.parents.flatMap((parent) => [link(parent), " › "]);
  const parts = [
    ...counts(unit.counts),
    flows(word("flows.in"), unit.flows_in, "origin_name"),
    flows(word("flows.out"), unit.flows_out, "destination_name"),
    unit.partners.length ? el("div", {}, el("h4", {}, word("partners")), el("ul", {}, unit.partners.map((partner) =>
      el("li", {}, el("span", {}, `${partner.org}${partner.basis === "inferred" ? "°" : ""}`,
        el("small", {}, partner.sectors.join("; "))))))) : null,
    unit.children.length ? el("div", {}, el("h4", {}, word("contains")),
      el("p", { class: "places" }, unit.children.flatMap((child, i) => (i ? [", ", link(child)] : [link(child)])))) : null,
  ].filter(Boolean);
  return [
    el("div", { class: "head" },
      el("div", {}, way.length ? el("p", { class: "way" }, way) : null, el("h2", { tabindex: -1 }, unit.name, " ", el("span", {}, unit.pcode))),
      el("button", { type: "button", class: "plain", "aria-label": word("close"), onclick: close }, "×")),
    inside ? el("p", {}, el("button", { type: "button", onclick: inside }, word("inside"))) : null,
    outside ? el("p", {}, el("button", { type: "button", onclick: outside }, word("outside"))) : null,
    ...(parts.length ? parts : [el("p", {}, word("nothing"))]),
    ...unit.notes.map((note) => el("p", { class: "note" }, note)),
  ].filter(Boolean);
}
