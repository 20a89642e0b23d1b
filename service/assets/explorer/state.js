/* What is asked, as it stands in the address. Only what the situation offers can be asked for. */

import { page } from "./page.js";

const NARROWING = ["show", "group", "measure", "date", "level", "origin"];
const MORE = ["place", "inside", "compare", "at", "under"];
const KINDS = ["choropleth", "symbols", "flows", "presence"];

const offers = page.offers.map(([show, group, measure, level, dates, origin]) =>
  ({ show, group, measure, level, dates, origin }));
const unique = (values) => [...new Set(values)];

/* The query that asks the API for the same map. */
export function query(state, more = {}) {
  const asked = new URLSearchParams();
  for (const key of NARROWING) if (state[key] !== undefined && state[key] !== "") asked.set(key, state[key]);
  if (page.lang !== "en") asked.set("lang", page.lang);
  for (const [key, value] of Object.entries(more)) asked.set(key, value);
  const text = asked.toString();
  return text && `?${text}`;
}

/* The part of the page's own address after the path. */
export function address(state, more = {}) {
  const kept = Object.fromEntries(MORE.filter((key) => state[key]).map((key) => [key, state[key]]));
  return query(state, { ...kept, ...more }).replaceAll("%2F", "/");
}

/* The series the map shows: those of the layers as published, or of what was asked instead. */
function series(state) {
  const level = state.level === undefined ? undefined : Number(state.level);
  const own = page.layers.flatMap((layer) => offers.filter((offer) => offer.show === layer.kind
    && (layer.groups.length ? layer.groups.includes(offer.group) : !offer.group)
    && offer.level === (level ?? layer.level)));
  const asked = offers.filter((offer) => (!state.show || offer.show === state.show)
    && (!state.group || offer.group === state.group)
    && (level === undefined || offer.level === level));
  const both = own.filter((offer) => asked.includes(offer));
  return (both.length || (!state.show && !state.group) ? both : asked).filter((offer) =>
    (!state.measure || offer.measure === state.measure) && offer.origin === (state.origin || ""));
}

/* The kinds of layer a state is shown as: the one asked for, else the map's own that have the group. */
function shownAs(state) {
  if (state.show) return [state.show];
  const own = page.layers.map((layer) => layer.kind);
  if (!state.group) return KINDS;
  const has = own.filter((kind) => offers.some((offer) => offer.show === kind && offer.group === state.group));
  return has.length ? has : KINDS;
}

export function choices(state) {
  const shown = offers.filter((offer) => shownAs(state).includes(offer.show));
  const ofGroup = shown.filter((offer) => offer.group === (state.group || offer.group));
  const measured = ofGroup.filter((offer) => !state.measure || offer.measure === state.measure);
  return {
    show: KINDS.filter((kind) => offers.some((offer) => offer.show === kind)),
    group: unique(offers.filter((offer) => !state.show || offer.show === state.show)
      .map((offer) => offer.group)).filter(Boolean),
    measure: state.group ? unique(ofGroup.map((offer) => offer.measure)).filter(Boolean) : [],
    level: state.show === "flows" || state.show === "presence" ? []
      : unique(measured.filter((offer) => offer.show !== "flows").map((offer) => offer.level)).sort(),
    origin: state.group ? unique(measured.map((offer) => offer.origin)).filter(Boolean) : [],
    date: unique(series(state).flatMap((offer) => offer.dates)).sort()
      .filter((date) => state.group || date <= page.as_of),  // a map shows nothing of after its own day
  };
}

/* The state after one change: what no longer goes with it falls back, nearest part last. */
export function changed(state, change) {
  const next = { ...state, ...change };
  for (const key of Object.keys(next)) if (next[key] === "" || next[key] === undefined) delete next[key];
  let there = choices(next);
  if (next.group && !there.group.includes(next.group)) delete next.group;
  if (next.show && next.show !== "presence" && !next.group) {
    const published = page.layers.flatMap((layer) => layer.groups);
    const first = published.find((group) => there.group.includes(group)) || there.group[0];
    if (!page.layers.some((layer) => layer.kind === next.show)) next.group = first;
  }
  there = choices(next);
  if (next.measure && !there.measure.includes(next.measure)) delete next.measure;
  if (next.group && there.measure.length > 1 && !next.measure) {
    next.measure = there.measure.includes("stock") ? "stock" : there.measure[0];
  }
  there = choices(next);
  if (next.level !== undefined && !there.level.includes(Number(next.level))) delete next.level;
  if (next.level === undefined && next.group && there.level.length && !there.level.includes(1)) {
    next.level = there.level[0];
  }
  if (next.origin && !there.origin.includes(next.origin)) delete next.origin;
  there = choices(next);
  if (next.date && !there.date.includes(next.date)) delete next.date;
  // one classification for all days of a series, as soon as a day is chosen or a series alone is shown
  if (!next.date && next.group && there.date.length > 1) next.date = there.date.at(-1);
  if (next.compare && (!there.date.includes(next.compare) || next.compare === next.date)) delete next.compare;
  return next;
}
