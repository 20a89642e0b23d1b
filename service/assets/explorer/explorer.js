/* The explorer: one state, in the address; figures from the service; maps, legend, tables and words that show it. */

import { el, find, moment, page, word } from "./page.js";
import { address, changed, choices, query } from "./state.js";
import { Refused, ask, keepForLater, unitsOf } from "./server.js";
import { listen, showControls } from "./controls.js";
import { legend } from "./legend.js";
import { Parts } from "./parts.js";
import { profile } from "./profile.js";
import { longTables, tables } from "./table.js";

const at = `/api/situations/${page.situation}`;
let state = page.state;
let shown = [];          // the values on screen, one per pane
let units = null;
let panes = [];
let placed = null;       // when the names and bands are there too
let library = null;      // MapLibre, where the browser can draw with it
let turn = 0;            // which request is the latest; older answers are dropped
const SHEET = [676, 500];  // CSS pixels: the map on A4 or Letter within their margins
const scales = new Map();  // pixels per root of a person, by series: circles keep their scale over days

const say = (text) => { find("#said").textContent = text; };

function notice(key, text) {
  const list = find("#notices");
  list.querySelector(`[data-key="${key}"]`)?.remove();
  if (text) list.append(el("p", { "data-key": key }, text));
}

/* --- what the state asks for --------------------------------------------------------------------------- */

const valuesAt = (date, asked) => `${at}/values/${page.map}${query(date ? { ...state, date } : state, asked)}`;
const marksAt = (date) => `${at}/values/${page.map}/marks${query(date ? { ...state, date } : state)}`;

async function refresh() {
  const mine = ++turn;
  find("main").setAttribute("aria-busy", "true");
  try {
    const dates = state.compare ? [state.date, state.compare] : [undefined];
    const all = (form) => Promise.all(dates.map((date) => ask(valuesAt(date, { form }))));
    let answers = await all(page.large.length ? "head" : "columns");
    const level = answers[0].body.layers.find((layer) => layer.kind !== "flows")?.level ?? 1;
    const { areas, symbols } = answers[0].body;
    const large = page.large.includes(level) && [areas, symbols].some((each) => each?.level === level);
    if (page.large.length && !large && mine === turn) answers = await all("columns");
    const there = await unitsOf(page.situation, level, page.lang);
    if (mine !== turn) return false;
    units = there;
    for (const before of shown) before.parts?.close();
    shown = answers.map((answer) => answer.body);
    if (large) shown.forEach((values, i) => inParts(values, dates[i]));
    const kept = answers.map((answer) => answer.kept).find(Boolean);
    notice("silent", kept && word("notice.offline", { when: moment(kept) }));
    notice("none", "");
    await draw(dates);
    return true;
  } catch (error) {
    if (mine !== turn) return false;
    if (error instanceof Refused) notice("none", word("notice.nothing"));
    else if (error instanceof TypeError) {
      notice("silent", word("notice.lost", { what: shown[0] ? `${shown[0].title}, ${shown[0].as_of}` : page.title }));
    } else throw error;
    return false;
  } finally {
    if (mine === turn) find("main").removeAttribute("aria-busy");
  }
}

/* Have a large level's figures come as they are looked at. */
function inParts(values, date) {
  const asked = { ...state };  // what the map was asked as: the state may move on before a part comes
  const narrowed = date ? { ...asked, date } : asked;
  const pane = () => panes[shown.indexOf(values)];
  let drawn = 0;
  return new Parts(values, {
    level: units.level,
    length: units.pcode.length,
    address: (part) => `${at}/values/${page.map}${query(narrowed, { form: "columns", ...part })}`,
    came: () => {
      cancelAnimationFrame(drawn);  // parts that come together are drawn together
      drawn = requestAnimationFrame(() => { if (shown.includes(values)) pane()?.show(values, sizes()); });
    },
    busy: (busy) => pane()?.loading(busy),
    failed: (error) => {
      if (error instanceof TypeError) notice("silent", word("notice.lost", { what: `${values.title}, ${values.as_of}` }));
    },
    stale: () => { if (shown.includes(values)) refresh(); },
  });
}

function look(pane) {
  shown[panes.indexOf(pane)]?.parts?.look(...pane.view());
}

/* --- what is shown ------------------------------------------------------------------------------------- */

function scale() {
  const radii = shown.map((values) => values.symbols?.radius).filter(Boolean);
  if (!radii.length) return 0;
  const { show, group, measure, level, origin } = state;
  const series = JSON.stringify([show, group, measure, level, origin]);
  const least = Math.min(...radii, state.date ? scales.get(series) ?? Infinity : Infinity);
  if (state.date) scales.set(series, least);
  return least;
}

function sizes() {
  const shrink = Math.min(1, ...panes.map((pane) => pane.shrink()));
  return { radius: scale() * shrink, shrink };
}

async function draw(dates) {
  performance.mark("sitmap-values");
  await havePanes(shown.length);
  const { radius, shrink } = sizes();
  panes.forEach((pane, i) => {
    pane.useLevel(units, query(state));
    pane.show(shown[i], { radius, shrink });
    pane.loading(Boolean(shown[i].parts));
    look(pane);
    pane.caption.hidden = shown.length < 2;
    pane.caption.textContent = shown[i].as_of;
    pane.map.once("render", () => performance.measure("sitmap-switch", "sitmap-values"));
  });
  if (!panes.length) showPicture();
  const [values] = shown;
  find("#title").textContent = values.title;
  find("#as-of").textContent = shown.map((each) => each.as_of).join(" · ");
  document.title = `${values.title} (${values.as_of})`;
  find("#alt").textContent = values.alt;
  const under = (panes.length && page.underlays.find(({ name }) => name === state.under)) || null;
  panes.forEach((pane) => pane.under(under?.name ?? ""));
  document.documentElement.classList.toggle("underlaid", Boolean(under));
  find("#legend").replaceChildren(...legend(values, {
    radius, under, alt: word("legend"), picture: `/maps/${page.situation}/${page.map}/legend.svg${query(state)}`,
  }));
  find("#tables")?.setAttribute("aria-busy", "true");
  const drawn = shown;
  later(async () => {
    const { inside } = state;
    const made = shown[0].parts ? longTables(shown, units, { inside, pick })
      : tables(shown, units, { inside: inside && insideOf(inside), pick });
    const ready = await Promise.resolve(made).catch(() => []);  // parts that fail say so themselves
    if (drawn !== shown) return;  // of other figures by now, which bring their own
    find("#tables")?.replaceChildren(...ready);
    for (const [id, texts] of [["notes", values.notes], ["sources", values.sources]]) {
      find(`#${id}`)?.replaceChildren(...texts.map((text) => el("li", {}, text)));
    }
    downloads(values);
    suggestions();
    find("#tables")?.removeAttribute("aria-busy");
  });
  const mine = turn;
  placed = Promise.all(panes.map(async (pane, i) => {
    const { body } = await ask(marksAt(dates[i])).catch(() => ({ body: null }));
    if (body && mine === turn) pane.showMarks(body);
  }));
  const place = units.number.get(state.place) ?? -1;
  panes.forEach((pane) => pane.place(place));
}

const later = (work) => (window.requestIdleCallback ?? setTimeout)(work, { timeout: 300 });

const insideOf = (code) => (unit) => units.parent[unit] === code;

async function havePanes(wanted) {
  if (!library) return;
  const [values] = shown;
  while (panes.length > wanted) panes.pop().close();
  while (panes.length < wanted) {
    const { Pane } = await import("./pane.js");
    const first = panes[0];
    const pane = new Pane(library, {
      bbox: values.bbox, at: first ? viewOf(first) : state.at, lines: query(state), pick, spoke: say, moved: () => moved(pane),
    });
    panes.push(pane);
    find("#panes").append(pane.element);
    await pane.open();
    pane.map.on("move", () => follow(pane));
  }
  const before = Number(find("#panes").dataset.panes ?? panes.length);
  find("#panes").dataset.panes = panes.length;
  const opened = before === panes.length && wanted > 1 && !page.state.at && turn === 1;
  if (before !== panes.length || opened) panes.forEach((pane) => pane.map.resize());
  if (before !== panes.length || opened) panes[0].fit(values.bbox, 12, false);
}

let leading = null;

/* Two days side by side look at the same place. */
function follow(pane) {
  if (leading && leading !== pane) return;
  leading = pane;
  for (const other of panes) {
    if (other !== pane) other.map.jumpTo({ center: pane.map.getCenter(), zoom: pane.map.getZoom() });
  }
  leading = null;
}

function viewOf(pane) {
  const { lng, lat } = pane.map.getCenter();
  return `${pane.map.getZoom().toFixed(2)}/${lat.toFixed(3)}/${lng.toFixed(3)}`;
}

function moved(pane) {
  look(pane);
  if (pane !== panes[0] || !shown.length) return;
  state = { ...state, at: viewOf(pane) };
  // a change that is on its way writes the address itself: until then it is the place to go back to
  if (!find("main").hasAttribute("aria-busy")) tell(true);
}

function showPicture() {
  const picture = `/maps/${page.situation}/${page.map}.png${query(state, { width: 1400 })}`;
  find("#panes").replaceChildren(el("a", { href: picture.replace("width=1400", "width=3000") },
    el("img", { class: "picture", src: picture, alt: shown[0].alt })));
  document.documentElement.classList.add("pictured");
  notice("picture", word("notice.picture"));
}

function downloads(values) {
  const list = find("#downloads");
  if (!list) return;
  const forms = ["pdf", "png", "svg", "html"].map((form) =>
    el("a", { href: `/maps/${page.situation}/${page.map}.${form}${query(state)}`, download: form !== "html" }, written(form)));
  const series = new Map();
  for (const layer of values.layers) {
    for (const group of layer.kind === "flows" || layer.kind === "presence" ? [] : layer.groups) {
      series.set(group, { group, ...seriesOf(layer), lang: page.lang });
    }
  }
  const rows = [...series.values()].map((asked) => {
    const words = new URLSearchParams(Object.entries(asked).filter(([, value]) => value !== null && value !== ""));
    if (state.inside) words.set("parent", state.inside);
    return el("p", {}, `${page.groups[asked.group] ?? asked.group}: `, ["csv", "xlsx", "geojson", "json"].map((form) =>
      el("a", { href: `${at}/counts?${words}&format=${form}`, download: true }, written(form))));
  });
  const flows = values.flows ? [el("p", {}, `${word("show.flows")}: `, el("a", { href: `${at}/flows?lang=${page.lang}` }, "JSON"))] : [];
  list.replaceChildren(el("p", {}, `${word("download.map")}: `, forms), ...rows, ...flows);
}

const written = (form) => (form === "geojson" ? "GeoJSON" : form.toUpperCase());

const seriesOf = ({ level, measure, date, origin }) => ({ level, measure, date, origin });

function suggestions() {
  find("#names")?.replaceChildren(...units.name.slice(0, 5000).map((name, i) => el("option", { value: name }, units.pcode[i])));
}

/* --- one place ----------------------------------------------------------------------------------------- */

function pick(unit) {
  if (page.embedded && !find("#profile")) return;
  go({ pcode: units.pcode[unit], level: units.level });
}

async function go({ pcode }, quietly = false) {
  const box = find("#profile");
  if (!box) return;
  try {
    const { body } = await ask(`${at}/units/${pcode}?lang=${page.lang}`);
    state = { ...state, place: pcode };
    const number = units.number.get(pcode) ?? -1;
    panes.forEach((pane) => { pane.place(number); if (number >= 0) pane.see(number); });
    const deeper = page.offers.some(([, , , level]) => level === body.level + 1) && body.children.length > 0;
    box.replaceChildren(...profile(body, {
      close, go,
      inside: deeper ? () => drill(body) : null,
      outside: state.inside ? outside : null,
    }));
    box.hidden = false;
    box.querySelector("h2").focus({ preventScroll: innerWidth > 820 });
    tell(quietly);
  } catch {
    say(word("notice.nothing"));
  }
}

function close() {
  find("#profile").hidden = true;
  state = { ...state };
  delete state.place;
  panes.forEach((pane) => { pane.place(-1); pane.element.focus(); });
  tell();
}

async function drill(unit) {
  await change({ level: unit.level + 1, inside: unit.pcode, place: "" });
  find("#profile").hidden = true;
  panes.forEach((pane) => pane.fit(unit.bbox));
}

async function outside() {
  find("#profile").hidden = true;
  await change({ level: "", inside: "", place: "", at: "" });
  panes.forEach((pane) => pane.fit(shown[0].bbox, 12));
}

/* --- the address --------------------------------------------------------------------------------------- */

function tell(quietly = false) {
  const now = `${location.pathname}${address(state)}`;
  if (quietly) history.replaceState(state, "", now);
  else history.pushState(state, "", now);
  for (const link of document.querySelectorAll("a[data-lang]")) {
    const words = new URLSearchParams(address(state).slice(1));
    words.set("lang", link.dataset.lang);
    link.href = `${location.pathname}?${words}`;
  }
  for (const link of document.querySelectorAll("a[data-view]")) {
    link.href = `/view/${page.situation}/${page.map}${address(state)}`;
  }
  const snippet = find("#snippet");
  if (snippet) snippet.value = snippet.dataset.lines.replaceAll("__QUERY__", address(state, {}).replaceAll("&", "&amp;"));
}

async function change(part) {
  const before = state;
  state = changed(state, part);
  showControls(state);
  if (await refresh()) {
    tell();
    say(`${shown[0].title}, ${shown[0].as_of}`);
  } else if (find("#notices [data-key='none']") || find("#notices [data-key='silent']")) {
    state = before;  // what is on screen is what the controls must say
    showControls(state);
  }
}

function tools() {
  find("#share")?.addEventListener("click", async ({ currentTarget }) => {
    await navigator.clipboard.writeText(location.href).catch(() => {});
    say(word("copied"));
    const text = currentTarget.textContent;
    currentTarget.textContent = word("copied");
    setTimeout(() => { currentTarget.textContent = text; }, 1500);
  });
  find("#embedding")?.addEventListener("click", () => find("#embed").showModal());
  find("#copy")?.addEventListener("click", async () => {
    find("#snippet").select();
    await navigator.clipboard.writeText(find("#snippet").value).catch(() => {});
    say(word("copied"));
  });
  for (const [id, work] of [["#closer", (map) => map.zoomIn()], ["#farther", (map) => map.zoomOut()]]) {
    find(id)?.addEventListener("click", () => panes[0] && work(panes[0].map));
  }
  find("#whole")?.addEventListener("click", () => panes.forEach((pane) => pane.fit(shown[0].bbox, 12)));
  find("#find")?.addEventListener("change", ({ target }) => {
    const wanted = target.value.trim().toLocaleLowerCase(page.lang);
    const unit = units.name.findIndex((name, i) => name.toLocaleLowerCase(page.lang) === wanted || units.pcode[i].toLowerCase() === wanted);
    if (unit >= 0) { target.value = ""; pick(unit); } else if (wanted) say(word("place.unknown"));
  });
}

/* A sheet is narrower than a window: the map as it is drawn is made smaller, not drawn anew. */
function onPaper(printing) {
  const section = find("section.map");
  const { width, height } = section.getBoundingClientRect();
  const part = Math.min(1, SHEET[0] / width, SHEET[1] / height);
  document.documentElement.classList.toggle("printing", printing);
  Object.assign(section.style, printing && panes.length ? {
    width: `${width}px`, height: `${height}px`, transform: `scale(${part})`,
    marginBlockEnd: `${(part - 1) * height}px`, marginInlineEnd: `${(part - 1) * width}px`,
  } : { width: "", height: "", transform: "", marginBlockEnd: "", marginInlineEnd: "" });
}

function canDraw() {
  try {
    return Boolean(document.createElement("canvas").getContext("webgl2"));
  } catch {
    return false;
  }
}

async function start() {
  document.documentElement.classList.add("live");
  keepForLater();
  if (page.missed.length) notice("missed", word("notice.unknown", { what: page.missed.join(", ") }));
  if (canDraw()) {
    library = await import("../maplibre/maplibre-gl.mjs");
    library.setWorkerUrl(new URL("../maplibre/maplibre-gl-worker.mjs", import.meta.url).href);
  }
  if (state.compare && !state.date) state = changed(state, { date: choices(state).date.at(-1) });
  showControls(state);
  listen(() => state, change);
  tools();
  window.addEventListener("popstate", async (event) => {
    state = event.state ?? page.state;
    showControls(state);
    if (!state.place && find("#profile")) find("#profile").hidden = true;
    if (await refresh() && state.place) await go({ pcode: state.place }, true);
  });
  window.addEventListener("beforeprint", () => onPaper(true));
  window.addEventListener("afterprint", () => onPaper(false));
  window.addEventListener("online", refresh);
  window.addEventListener("offline", refresh);
  await refresh();
  tell(true);
  if (state.place) await go({ pcode: state.place }, true);
  await placed;
  document.documentElement.dataset.ready = "true";
}

start();
