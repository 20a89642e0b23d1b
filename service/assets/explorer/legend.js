/* The legend: the map's words and colours, each sample at the map's own scale. */

import { el, svg, word } from "./page.js";

const DASHES = { agreed: null, disputed: "5 3", line_of_control: "5 3 1 3", undetermined: "1.5 3" };

const APART = 14;  // CSS pixels between the figures beside nested circles

const sample = (width, height, ...parts) =>
  svg("svg", { width, height, viewBox: `0 0 ${width} ${height}`, "aria-hidden": "true" }, ...parts);
const swatch = (colour) => sample(26, 15,
  svg("rect", { x: 0.5, y: 0.5, width: 25, height: 14, fill: colour, stroke: "#999", "stroke-width": 0.6 }));
const dot = (colour) => sample(15, 15, svg("circle", { cx: 7.5, cy: 7.5, r: 6.5, fill: colour }));
const items = (pairs) => el("ul", {}, pairs.map(([mark, label]) => el("li", {}, mark, el("span", {}, label))));

function block(title, subtitle, ...parts) {
  return el("section", { class: "key" }, title && el("h3", {}, title), subtitle && el("p", {}, subtitle), ...parts);
}

function nested(sizes, radius) {
  const widest = radius * Math.sqrt(sizes[0]?.[0] ?? 0);
  const height = Math.max(2 * widest + 2, APART * sizes.length);
  let above = -APART;
  const parts = sizes.flatMap(([value, label], row) => {
    const r = radius * Math.sqrt(value);
    const top = height - 1 - 2 * r;
    const lowest = height - 5 - APART * (sizes.length - 1 - row);  // what is left needs room too
    const y = above = Math.min(Math.max(top, above + APART, 6), lowest);
    return [
      svg("circle", { cx: widest + 1, cy: height - 1 - r, r, fill: "none", stroke: "#4d4d4d" }),
      svg("path", { d: `M${widest + 1} ${top}L${2 * widest + 10} ${y}`, stroke: "#999", "stroke-width": 0.6 }),
      svg("text", { x: 2 * widest + 13, y: y + 4 }, label),
    ];
  });
  const drawn = sample(2 * widest + 110, height + 4, ...parts);
  drawn.setAttribute("class", "nested");
  return drawn;
}

export function legend(values, { radius, picture, alt, under }) {
  const { areas, symbols, flows, presence } = values;
  const blocks = [];
  if (values.figures.length) {
    blocks.push(el("section", { class: "key figures" }, el("ul", {}, values.figures.map(
      ([colour, value, label, note]) => el("li", {}, dot(colour), el("b", {}, value),
        el("span", { class: "what" }, label), el("span", { class: "note" }, note))))));
  }
  if (areas?.texts) blocks.push(el("section", { class: "key" }, el("img", { src: picture, alt })));
  else if (areas) {
    const shades = block(areas.title, areas.subtitle, items(areas.keys.map(([colour, label]) => [swatch(colour), label])));
    shades.classList.add("areas");
    blocks.push(shades);
  }
  if (under) {
    const shades = items(under.steps.map(([colour, label]) => [swatch(colour), label]));
    const grid = block(word("grid"), `${under.unit}. ${under.said}`, shades, el("p", {}, word("grid.pale")));
    grid.classList.add("grid");
    blocks.push(grid);
  }
  if (symbols) {
    blocks.push(block(symbols.title, symbols.subtitle, nested(symbols.sizes, radius),
      items(symbols.groups.map(({ colour, label }) => [dot(colour), label]))));
  }
  if (flows) {
    const bands = flows.sizes.map(([width, label]) => [
      sample(44, 24, svg("rect", { x: 0, y: 12 - width / 2, width: 44, height: width, fill: "#666" })), label]);
    blocks.push(block(flows.title, flows.subtitle, items(bands), items(flows.keys.map(([c, label]) => [dot(c), label]))));
  }
  if (values.dots) {
    blocks.push(block(values.dots.title, values.dots.subtitle, items(values.dots.keys.map(([c, label]) => [dot(c), label]))));
  }
  if (presence) {
    blocks.push(block(presence.title, presence.subtitle, items(presence.keys.map(([colour, label]) =>
      [sample(16, 16, svg("rect", { width: 16, height: 16, rx: 4, fill: colour })), label]))));
  }
  if (values.lines.length) {
    blocks.push(block("", "", items(values.lines.map(([status, label]) => [sample(30, 10, svg("path", {
      d: "M0 5H30", stroke: "#a8aaad", "stroke-width": 1.6, "stroke-dasharray": DASHES[status],
    })), label]))));
  }
  return blocks;
}
