/* One map on screen. Geometry comes as tiles once; figures are laid on it as the state of each area. */

import { el, number, page, svg, word } from "./page.js";
import { factsOf, saidAt, speaksOf, spoken } from "./facts.js";
import { isLoaded } from "./parts.js";
import { placeWords, toward } from "../placing.js";

const COLOURS = { water: "#e1eef9", land: "#eae6e4", focus: "#ffffff", line: "#a8aaad", coast: "#79aac9", chosen: "#1a1a1a", loading: "#e6ddf0" };
const NOTHING = "rgba(0,0,0,0)";
const PALE = 0.5;  // of areas over a grid; explorer.css draws their samples so too
const MOST_LABELS = 160;
const INSIDE = 6.4;  // CSS pixels per character of a figure inside its circle
const HOME = [900, 640];  // CSS pixels: the pane that circles were laid out for
const SMALLEST = 0.5;  // of their size there: smaller ones could not be told apart
const SCALE_BAR = [130, 30];  // CSS pixels of its corner: no name stands there
const calm = matchMedia("(prefers-reduced-motion: reduce)");
const origin = location.origin;

const empty = () => ({ type: "FeatureCollection", features: [] });
const plain = (name) => name.toLocaleUpperCase(page.lang).replaceAll("’", "'");
const feature = (type, coordinates, properties) => ({ type: "Feature", geometry: { type, coordinates }, properties });

const ground = (asked) =>
  `${origin}/tiles/maps/${page.situation}/${page.map}/{z}/{x}/{y}.mvt${asked ? `${asked}&` : "?"}layers=land,boundaries`;

function style(lines) {
  const line = (id, statuses, dash) => ({
    id, type: "line", source: "ground", "source-layer": "boundaries",
    filter: ["in", ["get", "status"], ["literal", statuses]],
    paint: {
      "line-color": statuses[0] === "coast" ? COLOURS.coast : COLOURS.line,
      "line-width": statuses[0] === "coast" ? 0.6 : ["case", ["==", ["get", "rank"], 0], 1.6, 0.8],
      ...(dash ? { "line-dasharray": dash } : {}),
    },
  });
  const units = (level) => ({
    type: "vector", maxzoom: 10,
    tiles: [`${origin}/tiles/boundaries/${page.vintage}/${level}/{z}/{x}/{y}.mvt?countries=${page.countries}`],
  });
  return {
    version: 8,
    sources: {
      ground: { type: "vector", tiles: [ground(lines)], maxzoom: 10 },
      ...Object.fromEntries(page.levels.map((level) => [`units-${level}`, units(level)])),
      ...Object.fromEntries(page.underlays.map(({ name, bounds }) => [`under-${name}`, {
        type: "raster", tileSize: 256, maxzoom: 10, bounds,
        tiles: [`${origin}/tiles/rasters/${page.situation}/${name}/{z}/{x}/{y}.png`],
      }])),
      bands: { type: "geojson", data: empty() },
      dots: { type: "geojson", data: empty() },
      circles: { type: "geojson", data: empty() },
    },
    layers: [
      { id: "water", type: "background", paint: { "background-color": COLOURS.water } },
      {
        id: "land", type: "fill", source: "ground", "source-layer": "land",
        paint: { "fill-color": ["match", ["get", "role"], "focus", COLOURS.focus, COLOURS.land] },
      },
      ...page.underlays.map(({ name }) => ({
        id: `under-${name}`, type: "raster", source: `under-${name}`,
        layout: { visibility: "none" }, paint: { "raster-fade-duration": 0 },
      })),
      ...page.levels.map((level) => ({
        id: `units-${level}`, type: "fill", source: `units-${level}`, "source-layer": "units",
        layout: { visibility: "none" },
        paint: {
          "fill-color": ["coalesce", ["feature-state", "colour"], NOTHING],
          "fill-antialias": false,  // its outline would draw every border twice
        },
      })),
      line("lines-coast", ["coast"]),
      line("lines-agreed", ["agreed"]),
      line("lines-disputed", ["disputed", "line_of_control"], [3, 2]),
      line("lines-undetermined", ["undetermined"], [1, 2]),
      ...page.levels.map((level) => ({
        id: `chosen-${level}`, type: "line", source: `units-${level}`, "source-layer": "units",
        filter: ["==", ["id"], -1], layout: { visibility: "none" }, paint: { "line-color": COLOURS.chosen, "line-width": 2 },
      })),
      {
        id: "dots", type: "circle", source: "dots",
        paint: { "circle-radius": ["interpolate", ["linear"], ["zoom"], 3, 1.1, 8, 2.4], "circle-color": ["get", "colour"] },
      },
      { id: "casing", type: "line", source: "bands", paint: { "line-color": "#ffffff", "line-width": 2 } },
      { id: "bands", type: "fill", source: "bands", paint: { "fill-color": ["get", "colour"], "fill-opacity": 0.9 } },
      {
        id: "circles", type: "circle", source: "circles", layout: { "circle-sort-key": ["-", 0, ["get", "r"]] },
        paint: {
          "circle-radius": ["get", "r"], "circle-color": ["get", "colour"], "circle-opacity": 0.88,
          "circle-stroke-color": "#ffffff", "circle-stroke-width": 1,
        },
      },
    ],
  };
}

export class Pane {
  /* `library` is MapLibre; `pick` is called with a unit's number, `spoke` with what is to be said. */
  constructor(library, { bbox, at, lines, pick, spoke, moved }) {
    Object.assign(this, { library, lines, pick, spoke, moved });
    this.level = null;
    this.colours = {};   // what each level's areas were given, by unit: only changes are sent
    this.chosen = { place: -1, focus: -1 };
    this.marks = null;
    this.overlay = el("div", { class: "words", "aria-hidden": "true" });
    this.tip = el("div", { class: "tip", hidden: true, "aria-hidden": "true" });
    this.caption = el("p", { class: "day", hidden: true });
    this.loadNote = el("p", { class: "loading", role: "status", hidden: true }, el("i", { class: "sample" }), word("loading"));
    this.farNote = el("p", { class: "far", role: "status", hidden: true });
    this.ground = el("div", { class: "ground" });
    this.element = el("div", {
      class: "pane", role: "application", tabindex: 0, "aria-label": `${word("map")}: ${page.title}`,
      "aria-describedby": "alt keys", onkeydown: (event) => this.key(event), onblur: () => this.unfocus(),
    }, this.ground, this.overlay, this.caption, this.farNote, this.loadNote, this.tip);
    this.bbox = bbox;
    this.at = at;
  }

  /* The element must be in the page before the map is made in it. */
  async open() {
    const [west, south, east, north] = this.bbox;
    const aside = [(east - west) * 0.9, (north - south) * 0.9];
    const round = west - aside[0] < -180 || east + aside[0] > 180;  // nearly the whole world, or across the date line
    this.map = new this.library.Map({
      container: this.ground, style: style(this.lines), attributionControl: false, keyboard: false,
      bounds: this.bbox, fitBoundsOptions: { padding: 12 }, maxZoom: 12, minZoom: 0,
      maxBounds: round ? null
        : [west - aside[0], Math.max(south - aside[1], -84), east + aside[0], Math.min(north + aside[1], 84)],
      renderWorldCopies: false, dragRotate: false, pitchWithRotate: false, touchPitch: false, fadeDuration: 0,
    });
    this.map.touchZoomRotate.disableRotation();
    this.map.addControl(new this.library.ScaleControl({ maxWidth: 96 }), page.direction === "rtl" ? "bottom-right" : "bottom-left");
    if (this.at) {
      const [zoom, lat, lon] = this.at.split("/").map(Number);
      this.map.jumpTo({ zoom, center: [lon, lat] });
    }
    const canvas = this.map.getCanvas();
    canvas.tabIndex = -1;  // the pane is what is reached and named
    canvas.setAttribute("aria-hidden", "true");
    canvas.removeAttribute("role");
    this.map.on("move", () => this.move());
    this.map.on("moveend", () => { this.settle(); this.moved?.(); });
    this.map.on("mousemove", (event) => this.hover(event));
    this.map.on("mouseout", () => this.hover(null));
    this.map.on("click", (event) => this.click(event.point));
    await this.map.once("style.load");  // tiles come as they come: what is known is shown at once
  }

  close() {
    this.map?.remove();
    this.element.remove();
  }

  /* Show a level's areas, and the boundaries of the map as it is asked for. */
  useLevel(units, lines) {
    const { level } = units;
    this.units = units;
    if (this.level === level) return;
    this.level = level;
    if (lines !== this.lines) this.map.getSource("ground").setTiles([ground(lines)]);
    this.lines = lines;
    for (const each of page.levels) {
      for (const layer of [`units-${each}`, `chosen-${each}`]) {  // a level that is not shown is not fetched
        this.map.setLayoutProperty(layer, "visibility", each === level ? "visible" : "none");
      }
    }
  }

  /* Lay a map's figures on the areas. Every area is set by name: a state left over would be a lie. */
  show(values, { radius, shrink }) {
    const { areas, symbols } = values;
    const { level, iso3 } = this.units;
    if (this.marks && values !== this.values) this.marks = { ...this.marks, wider: [] };  // sums of other figures
    this.values = values;
    this.radius = radius;
    this.shrunk = shrink;
    const before = this.colours[level] ??= [];
    const source = { source: `units-${level}`, sourceLayer: "units" };
    const shaded = areas?.level === level ? areas : null;
    // what was not sent yet is no emptiness: it has a colour of its own, which no state must be sent for
    const unsent = values.parts ? COLOURS.loading : NOTHING;
    if (this.unsent !== `${level} ${unsent}`) {
      this.map.setPaintProperty(`units-${level}`, "fill-color", ["coalesce", ["feature-state", "colour"], unsent]);
      this.unsent = `${level} ${unsent}`;
    }
    for (let unit = 0; unit < iso3.length; unit += 1) {
      const here = isLoaded(values, unit);
      if (!here && before[unit] === undefined) continue;
      const key = shaded && here ? shaded.key[unit] : null;
      const own = iso3[unit] === page.focus ? COLOURS.focus : COLOURS.land;
      const shade = key === null ? own : shaded.keys[key][0];
      const colour = here ? shade : COLOURS.loading;
      if (before[unit] === colour) continue;
      before[unit] = colour;
      this.map.setFeatureState({ ...source, id: unit }, { colour });
    }
    this.circles = [];
    if (symbols?.level === level) {
      symbols.groups.forEach((group, column) => group.value.forEach((value, unit) => {
        if (!value) return;
        const [dx, dy] = (symbols.moved[`${unit}.${column}`] ?? [0, 0]).map((far) => far * shrink);
        const at = [this.units.lon[unit], this.units.lat[unit]];
        this.circles.push({ unit, at, dx, dy, r: radius * Math.sqrt(value), colour: group.colour, label: group.said[unit] ?? number(value) });
      }));
    }
    this.badges = (values.presence?.rows ?? []).map(([code, lon, lat, count, colour, text]) =>
      ({ unit: this.units.number.get(code) ?? -1, lon, lat, count, colour, text }));
    this.element.setAttribute("aria-label", `${word("map")}: ${values.title}, ${values.as_of}`);
    const marked = this.circles.length + this.badges.length + (values.flows?.rows.length ?? 0) > 0;
    if (marked || this.marked) {  // else the names stand as they stood: another day is other colours
      this.drawCircles();
      this.words();
    }
    this.marked = marked;
  }

  /* Say that figures of what is in view are on their way. */
  loading(busy) {
    this.loadNote.hidden = !busy;
  }

  /* What is in view: [west, south, east, north], and the zoom. */
  view() {
    const bounds = this.map.getBounds();
    return [[bounds.getWest(), bounds.getSouth(), bounds.getEast(), bounds.getNorth()], this.map.getZoom()];
  }

  /* Show a grid under the areas, which are then as pale as their samples in the legend; "" shows none. */
  under(name) {
    for (const each of page.underlays) {
      this.map.setLayoutProperty(`under-${each.name}`, "visibility", each.name === name ? "visible" : "none");
    }
    for (const level of page.levels) this.map.setPaintProperty(`units-${level}`, "fill-opacity", name ? PALE : 1);
  }

  /* Names and bands; they may arrive after the figures. */
  showMarks(marks) {
    this.marks = marks;
    this.bucket = null;
    this.shownFar = undefined;  // what is far away is another object now
    this.map.getSource("dots").setData({
      type: "FeatureCollection",
      features: (marks.dots ?? []).map(([colour, points]) => feature("MultiPoint", points, { colour })),
    });
    this.words();
  }

  /* What stands for the map from this far away: sums of wider units; null where its own marks do.
     The map as it opens is always its own, however small the window. */
  far() {
    const opens = this.map.cameraForBounds(this.bbox, { padding: 12 })?.zoom ?? Infinity;
    const zoom = this.map.getZoom();
    return this.marks?.wider?.find(({ below }) => zoom < Math.min(below, opens - 0.05)) ?? null;
  }

  /* Choose the marks of this zoom; true where they are others than before. */
  chooseMarks() {
    const far = this.far();
    const circles = far?.circles.map(([lon, lat, dx, dy, value, colour, label, text, name]) => ({
      unit: -1, at: [lon, lat], dx: dx * this.shrunk, dy: dy * this.shrunk, colour, label, text, name,
      r: Math.min(this.radius * Math.sqrt(value), far.limit * this.shrunk),
    }));
    this.now = far ? { far, circles, marks: far, flows: far.rows }
      : { far, circles: this.circles, marks: this.marks ?? {}, flows: this.values?.flows?.rows ?? [] };
    if (far === this.shownFar) return false;
    this.shownFar = far;
    this.bucket = null;
    this.farNote.hidden = !far;
    this.farNote.textContent = far?.note ?? "";
    return true;
  }

  /* By how much circles are smaller than on a desk: on a phone they would cover each other. */
  shrink() {
    const { clientWidth, clientHeight } = this.element;
    return Math.max(SMALLEST, Math.min(1, clientWidth / HOME[0], clientHeight / HOME[1]));
  }

  place(unit, from = "place") {
    this.chosen[from] = unit;
    for (const level of page.levels) {
      const ids = level === this.level ? Object.values(this.chosen).filter((each) => each >= 0) : [];
      this.map.setFilter(`chosen-${level}`, ["in", ["id"], ["literal", ids]]);
    }
  }

  fit(bbox, far = 40, animate = !calm.matches) {
    const [west, south, east, north] = bbox;
    this.map.fitBounds([[west, south], [east, north]], { padding: far, maxZoom: 9, animate, duration: 500 });
  }

  see(unit) {
    const centre = [this.units.lon[unit], this.units.lat[unit]];
    const { x, y } = this.map.project(centre);
    const { width, height } = this.element.getBoundingClientRect();
    if (x > 40 && y > 40 && x < width - 40 && y < height - 40) return;
    this.map.easeTo({ center: centre, animate: !calm.matches, duration: 300 });
  }

  /* --- what is drawn over the areas ---------------------------------------------------------------- */

  drawCircles() {
    this.chooseMarks();
    const features = this.now.circles.map(({ unit, at, dx, dy, r, colour }, index) => {
      let there = at;
      if (dx || dy) {  // circles of one place stand beside each other by pixels, at every zoom
        const { x, y } = this.map.project(at);
        there = this.map.unproject([x + dx, y + dy]).toArray();
      }
      return feature("Point", there, { r, colour, unit, index });
    });
    this.map.getSource("circles").setData({ type: "FeatureCollection", features });
  }

  drawBands() {
    const bands = this.now.marks.bands ?? {};
    const zooms = Object.keys(bands).map(Number);
    const { flows } = this.now;
    const here = this.map.getZoom() + 1;  // bands are solved for zooms of 256-pixel tiles
    const bucket = zooms.length ? zooms.reduce((a, b) => (Math.abs(b - here) < Math.abs(a - here) ? b : a)) : null;
    if (bucket === this.bucket) return;
    this.bucket = bucket;
    this.bands = (bands[bucket] ?? []).filter(([index]) => flows[index]);
    const features = this.bands.map(([index, ring]) => feature("Polygon", [ring], { colour: flows[index][3], flow: index }));
    this.map.getSource("bands").setData({ type: "FeatureCollection", features });
  }

  settle() {
    if (!this.values) return;
    if (this.chooseMarks() || this.now.circles.some(({ dx, dy }) => dx || dy)) this.drawCircles();
    this.words();
  }

  /* Make the words of the view anew and give each its place. */
  words() {
    if (!this.values) return;
    if (this.chooseMarks()) this.drawCircles();
    this.drawBands();
    const { marks, flows } = this.now;
    const size = { x: this.element.clientWidth, y: this.element.clientHeight };
    const near = ([x, y]) => this.seen([x, y], size);
    const found = [];
    const bar = page.direction === "rtl" ? size.x - SCALE_BAR[0] : 0;
    const taken = [[bar, size.y - SCALE_BAR[1], bar + SCALE_BAR[0], size.y]];
    for (const end of marks.ends ?? []) {
      const { x, y } = this.map.project(end);
      taken.push([x - 6, y - 6, x + 6, y + 6]);
    }
    const at = new Map();
    for (const { at: place, dx, dy, r } of this.now.circles) {
      const { x, y } = this.map.project(place);
      taken.push([x + dx - r, y + dy - r, x + dx + r, y + dy + r]);
      const [, wide, high] = at.get(String(place)) ?? [place, 0, 0];
      at.set(String(place), [place, Math.max(wide, Math.abs(dx) + r), Math.max(high, Math.abs(dy) + r)]);
    }
    const circles = this.now.circles.length > 400 ? [] : this.now.circles;
    for (const { at: place, dx, dy, r, colour, label } of [...circles].sort((a, b) => b.r - a.r)) {
      const inside = label.length * INSIDE + 4 <= 2 * r;
      found.push({ text: label, kind: inside ? "inside" : "figure", lon: place[0], lat: place[1], at: [dx, dy, r], colour });
    }
    const badges = this.badges.map((badge) => {
      const half = 6 + 3 * String(badge.count).length;
      const { x, y } = this.map.project([badge.lon, badge.lat]);
      taken.push([x - half, y - 9, x + half, y + 9]);
      return { ...badge, half };
    });
    const beyond = new Set();  // countries that bands lead to, named where the bands end
    for (const [index, , middle, stubs] of this.bands ?? []) {
      found.push({ text: flows[index][5], kind: "flow", lon: middle[0], lat: middle[1], at: [0, 0, 0] });
      for (const [name, ...end] of stubs) {
        if (!beyond.has(plain(name))) found.push({ text: name, kind: "stub", lon: end[0], lat: end[1], at: [0, 0, 0] });
        beyond.add(plain(name));
      }
    }
    for (const [text, kind, x, y] of marks.labels ?? []) {
      if (!near([x, y]) || (kind === "country" && beyond.has(plain(text)))) continue;
      const circle = this.circleAt(x, y, at);
      found.push({ text, kind, lon: x, lat: y, at: circle ? [0, 0, ...circle] : [0, 0, 0] });
      if (found.length > MOST_LABELS) break;
    }
    const spans = found.map((item) => el("span", { class: `name name-${item.kind}`, dir: "auto" }, item.text));
    found.forEach((item, i) => {
      if (item.kind === "figure") spans[i].style.color = `color-mix(in srgb, ${item.colour} 75%, black)`;
      if (item.kind === "inside") spans[i].style.color = ink(item.colour);
    });
    this.overlay.replaceChildren(...spans, ...badges.map(badgeMark));
    const sized = found.map((item, i) => ({ ...item, width: spans[i].offsetWidth + 2, height: spans[i].offsetHeight }));
    const outer = sized.filter((item) => item.kind !== "inside");
    const spots = placeWords(outer.map((item) => ({ ...item, ...this.map.project([item.lon, item.lat]) })), taken, size);
    const placed = new Map(outer.map((item, i) => [item, spots[i]]));
    this.anchored = sized.map((item, i) => {
      const spot = item.kind === "inside" ? [item.at[0] - item.width / 2, item.at[1] - item.height / 2] : placed.get(item);
      spans[i].hidden = !spot;
      return spot && { span: spans[i], lon: item.lon, lat: item.lat, spot };
    }).filter(Boolean);
    this.anchored.push(...badges.map((badge, i) => ({
      span: this.overlay.children[spans.length + i], lon: badge.lon, lat: badge.lat, spot: [-badge.half - 1, -10],
    })));
    this.move();
  }

  seen([lon, lat], size) {
    const { x, y } = this.map.project([lon, lat]);
    return x > -40 && y > -40 && x < size.x + 40 && y < size.y + 40;
  }

  circleAt(x, y, at) {
    for (const [[lon, lat], ...reach] of at.values()) {
      if (Math.abs(lon - x) + Math.abs(lat - y) < 0.02) return reach;
    }
    return null;
  }

  move() {
    for (const { span, lon, lat, spot } of this.anchored ?? []) {
      const { x, y } = this.map.project([lon, lat]);
      span.style.transform = `translate(${(x + spot[0]).toFixed(1)}px, ${(y + spot[1]).toFixed(1)}px)`;
    }
  }

  /* --- pointer and keyboard ------------------------------------------------------------------------- */

  /* The unit under a point: of a circle first, else of the area. */
  unitAt(point) {
    if (this.level === null) return -1;
    const circle = this.circleUnder(point);
    if (circle) return circle.unit;
    const [area] = this.map.queryRenderedFeatures(point, { layers: [`units-${this.level}`] });
    return area ? this.units.number.get(area.properties.pcode) ?? -1 : -1;
  }

  circleUnder(point) {
    const [circle] = this.map.queryRenderedFeatures(point, { layers: ["circles"] });
    return circle && this.now.circles[circle.properties.index];
  }

  /* A sum parts into what it is of; a place of the map's own says what is known of it. */
  click(point) {
    const circle = this.now && this.circleUnder(point);
    if (circle?.text) {
      this.map.easeTo({ center: circle.at, zoom: this.now.far.below, animate: !calm.matches, duration: 500 });
      return;
    }
    const unit = this.unitAt(point);
    if (unit >= 0) this.pick(unit);
  }

  hover(event) {
    // a map that is being dragged is not asked what lies under the pointer
    if (!event || !this.values || this.map.isMoving()) { this.tip.hidden = true; return; }
    const [band] = this.map.queryRenderedFeatures(event.point, { layers: ["bands"] });
    const sum = band ? null : this.now && this.circleUnder(event.point);
    if (sum?.text) { this.showTip("", [["", sum.text]], event.point); return; }
    const unit = band ? -1 : this.unitAt(event.point);
    const lines = band ? [["", this.now.flows[band.properties.flow][6]]] : this.factsAt(unit);
    const name = unit >= 0 && lines.length ? this.units.name[unit] : "";
    this.map.getCanvas().style.cursor = unit >= 0 ? "pointer" : "";
    this.showTip(name, lines, event.point);
  }

  factsAt(unit) {
    if (unit < 0) return [];
    const said = saidAt(this.values, this.units, unit).map((text) => ["", text]);
    return [...factsOf(this.values, this.level, unit), ...said];
  }

  showTip(name, lines, { x, y }) {
    this.tip.hidden = !name && !lines.length;
    if (this.tip.hidden) return;
    this.tip.replaceChildren(...(name ? [el("strong", { dir: "auto" }, name)] : []), ...lines.map(([what, cell]) =>
      el("span", { dir: "auto" }, what ? el("i", {}, `${what}: `) : null, cell)));
    const { width, height } = this.element.getBoundingClientRect();
    const left = Math.max(4, Math.min(x + 14, width - this.tip.offsetWidth - 6));
    const top = y + 18 + this.tip.offsetHeight > height ? y - this.tip.offsetHeight - 10 : y + 18;
    this.tip.style.transform = `translate(${left}px, ${Math.max(4, top)}px)`;
  }

  /* Units the keyboard can reach: those the map speaks of, else all of the situation. */
  reachable() {
    const all = this.units.pcode.map((_, unit) => unit);
    const told = all.filter((unit) => speaksOf(this.values, this.level, unit) || saidAt(this.values, this.units, unit).length);
    return told.length ? told : all;
  }

  key(event) {
    if (!this.values || event.altKey || event.ctrlKey || event.metaKey) return;
    if (event.key === "+" || event.key === "=") this.map.zoomIn({ animate: !calm.matches });
    else if (event.key === "-") this.map.zoomOut({ animate: !calm.matches });
    else if (event.key === "Enter" && this.chosen.focus >= 0) this.pick(this.chosen.focus);
    else if (event.key === "Escape") this.unfocus();
    else if (event.key.startsWith("Arrow")) this.step(event.key);
    else return;
    event.preventDefault();
  }

  step(key) {
    const there = this.reachable().filter((unit) => unit !== this.chosen.focus);
    const spot = (unit) => {
      const { x, y } = this.map.project([this.units.lon[unit], this.units.lat[unit]]);
      return [x, y];
    };
    const points = there.map(spot);
    let next = -1;
    if (this.chosen.focus >= 0) next = toward(points, spot(this.chosen.focus), key);
    else {
      const middle = [this.element.clientWidth / 2, this.element.clientHeight / 2];
      const far = points.map(([x, y]) => Math.hypot(x - middle[0], y - middle[1]));
      next = far.indexOf(Math.min(...far));
    }
    if (next < 0) return;
    const unit = there[next];
    this.place(unit, "focus");
    this.see(unit);
    this.spoke(spoken(this.values, this.units, unit));
    const [x, y] = spot(unit);
    this.showTip(this.units.name[unit], this.factsAt(unit), { x, y });
  }

  unfocus() {
    this.tip.hidden = true;
    if (this.level !== null) this.place(-1, "focus");
  }
}

function badgeMark({ count, colour, half }) {
  return svg("svg", { class: "badge", width: 2 * half + 2, height: 20, viewBox: `${-half - 1} -10 ${2 * half + 2} 20` },
    svg("rect", { x: -half, y: -9, width: 2 * half, height: 18, rx: 4, fill: colour, stroke: "#fff" }),
    svg("text", { x: 0, y: 4, "text-anchor": "middle", fill: ink(colour) }, count));
}

/* White where it reads well on a colour (WCAG contrast 4.5), else near-black. */
function ink(colour) {
  const light = [1, 3, 5].map((at) => parseInt(colour.slice(at, at + 2), 16) / 255)
    .map((c) => (c <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4));
  return 1.05 / (0.2126 * light[0] + 0.7152 * light[1] + 0.0722 * light[2] + 0.05) >= 4.5 ? "#ffffff" : "#1a1a1a";
}
