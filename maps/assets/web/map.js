/* What folium's layers call. Texts become text nodes and attributes, never markup. */
const sitmap = (() => {
  "use strict";
  const SVG = "http://www.w3.org/2000/svg";
  const placed = [];   // labels in the order in which they claim their place
  const solid = [];    // boxes of symbols: what no label may cover, as [anchor, x0, y0, x1, y1]
  let texts = [];      // features name their texts by number
  let chart = null;
  let backwards = false;
  let shownZoom = null;
  let said = {};       // what each kind of mark is a figure of, and of when
  const kinds = {};    // the marks of each kind, in the order in which they were made

  /* Leaflet rounds points to whole pixels, which makes narrow bands ragged. */
  L.Map.include({
    latLngToLayerPoint(latlng) {
      return this.project(L.latLng(latlng))._subtract(this.getPixelOrigin());
    },
  });

  /* Land, areas and lines come as numbers of arcs: a border that many share is in the page once. */
  let arcs = [];

  function ground(encoded, scale) {
    arcs = encoded.map((text) => {
      const at = [0, 0];
      const points = [];
      let which = 0, number = 0, shift = 0;
      for (const letter of text) {
        const bits = letter.charCodeAt(0) - 63;
        number += (bits & 31) * 2 ** shift;
        shift += 5;
        if (bits >= 32) continue;
        at[which] += number % 2 ? -(number + 1) / 2 : number / 2;
        if (which) points.push([at[0] / scale, at[1] / scale]);
        which = 1 - which;
        number = shift = 0;
      }
      return points;
    });
  }

  function whole(part) {
    if (Array.isArray(part[0])) return part.map(whole);
    return part.flatMap((number, i) => {
      const arc = number < 0 ? [...arcs[-1 - number]].reverse() : arcs[number];
      return i ? arc.slice(1) : arc;
    });
  }

  const addData = L.GeoJSON.prototype.addData;
  L.GeoJSON.include({
    addData(data) {
      for (const { geometry } of data.features || []) {
        if (geometry.type.startsWith("Multi")) geometry.coordinates = geometry.coordinates.map(whole);
      }
      return addData.call(this, data);
    },
  });

  L.Polyline.prototype.options.noClip = true;  // the page holds little beyond the view as it is

  function drawn(name, attributes, text) {
    const element = document.createElementNS(SVG, name);
    for (const [key, value] of Object.entries(attributes)) element.setAttribute(key, value);
    if (text) element.textContent = text;
    return element;
  }

  function tip(text) {
    const box = document.createElement("div");
    box.dir = "auto";
    box.textContent = text;
    return box;
  }

  /* Tooltip for the pointer, name and focus for the keyboard. One stop of the tab key per kind of
     mark, arrow keys from mark to mark: hundreds of areas must not stand before what follows. */
  function describe(feature, layer) {
    const text = texts[feature.properties.text];
    const kind = feature.properties.circles ? "symbols" : feature.properties.count ? "presence"
      : layer.options.className === "band" ? "flows" : "areas";
    const others = kinds[kind] ||= [];
    others.push(layer);
    layer.on("add", () => {
      const element = layer.getElement();
      if (!element) return;
      element.setAttribute("tabindex", others.stop && others.stop !== layer ? "-1" : "0");
      others.stop ??= layer;
      element.setAttribute("role", "img");
      element.setAttribute("aria-label", said[kind] ? `${text}. ${said[kind]}` : text);
      element.addEventListener("keydown", (event) => step(event, layer, others));
    });
    layer.bindTooltip(() => tip(text), { className: "tip", sticky: layer instanceof L.Path });
  }

  const middle = (layer) => chart.latLngToContainerPoint(
    layer.getLatLng ? layer.getLatLng() : layer.getBounds().getCenter());

  function step(event, layer, others) {
    if (!event.key.startsWith("Arrow") || event.shiftKey) return;
    event.preventDefault();
    event.stopPropagation();  // the map would move under the reader's finger
    const there = others.filter((each) => each !== layer && each.getElement());
    const points = there.map(middle).map(({ x, y }) => [x, y]);
    const from = middle(layer);
    const next = there[toward(points, [from.x, from.y], event.key)];
    if (!next) return;
    layer.getElement().setAttribute("tabindex", "-1");
    next.getElement().setAttribute("tabindex", "0");
    next.getElement().focus();
    others.stop = next;
  }

  function mark(feature, latlng, svg, kind) {
    const icon = L.divIcon({ html: svg, className: kind, iconSize: [0, 0] });
    const marker = L.marker(latlng, { icon, keyboard: true, riseOnHover: true });
    describe(feature, marker);
    return marker;
  }

  function symbol(feature, latlng) {
    const svg = drawn("svg", { width: 1, height: 1 });
    for (const [dx, dy, radius, colour, label, ink] of feature.properties.circles) {
      svg.append(drawn("circle", { cx: dx, cy: dy, r: radius, fill: colour }));
      svg.append(drawn("text", { x: dx, y: dy, fill: ink }, texts[label]));
      solid.push([latlng, dx - radius, dy - radius, dx + radius, dy + radius]);
    }
    return mark(feature, latlng, svg, "mark");
  }

  function badge(feature, latlng) {
    const { count, colour, ink } = feature.properties;
    const half = 6 + 3 * String(count).length;
    const svg = drawn("svg", { width: 1, height: 1 });
    svg.append(drawn("rect", { x: -half, y: -9, width: 2 * half, height: 18, rx: 4, fill: colour }));
    svg.append(drawn("text", { x: 0, y: 0, fill: ink }, count));
    solid.push([latlng, -half, -9, half, 9]);
    return mark(feature, latlng, svg, "mark badge");
  }

  function label(feature, latlng) {
    const { text, kind, zoom, colour, at } = feature.properties;
    const span = document.createElement("span");
    span.textContent = texts[text];
    span.dir = "auto";
    if (colour) span.style.color = `color-mix(in srgb, ${colour} 75%, black)`;
    const icon = L.divIcon({ html: span, className: `name name-${kind}`, iconSize: [0, 0] });
    const marker = L.marker(latlng, { icon, interactive: false, keyboard: false });
    placed.push({ marker, span, latlng, kind, zoom, at: at || [0, 0, 0] });
    return marker;
  }

  function declutter() {
    const taken = solid.map(([latlng, x0, y0, x1, y1]) => {
      const { x, y } = chart.latLngToContainerPoint(latlng);
      return [x + x0, y + y0, x + x1, y + y1];
    });
    const shown = placed.filter((item) =>
      item.marker.getElement() && (item.zoom === undefined || item.zoom === shownZoom));
    const { x: wide, y: high } = chart.getSize();
    taken.push(backwards ? [wide - 130, high - 36, wide, high] : [0, high - 36, 130, high]);  // the scale bar's
    const spots = placeWords(shown.map((item) => ({
      kind: item.kind,
      at: item.at,
      ...chart.latLngToContainerPoint(item.latlng),
      width: item.span.offsetWidth + 2,
      height: item.span.offsetHeight,
    })), taken, chart.getSize());
    for (const item of placed) item.marker.getElement()?.classList.add("away");
    shown.forEach((item, i) => {
      if (!spots[i]) return;
      item.marker.getElement().classList.remove("away");
      item.span.style.transform = `translate(${spots[i][0]}px, ${spots[i][1]}px)`;
    });
  }

  /* Bands are drawn for a few zooms; between them the legend's bands grow with the map. */
  function showFlows(flows) {
    const zooms = Object.keys(flows).map(Number);
    if (!zooms.length) return;
    const zoom = chart.getZoom();
    const nearest = zooms.reduce((a, b) => Math.abs(b - zoom) < Math.abs(a - zoom) ? b : a);
    for (const each of zooms) {
      if (each !== nearest) chart.removeLayer(flows[each]);
    }
    if (!chart.hasLayer(flows[nearest])) chart.addLayer(flows[nearest]);
    shownZoom = nearest;
    const grown = 2 ** (zoom - nearest);
    for (const band of document.querySelectorAll("rect.band")) {
      const height = band.dataset.width * grown;
      band.setAttribute("height", height);
      band.setAttribute("y", 12 - height / 2);
      band.ownerSVGElement.style.overflow = "visible";
    }
  }

  function start(map, { bounds, flows, ends, rightToLeft, words }) {
    chart = map;
    backwards = rightToLeft;
    for (const end of ends) solid.push([L.latLng(end), -6, -6, 6, 6]);
    L.control.scale({ imperial: false, position: rightToLeft ? "bottomright" : "bottomleft" }).addTo(map);
    map.fitBounds(bounds, { animate: false });
    map.setMinZoom(map.getZoom() - 0.5);
    map.setMaxZoom(map.getZoom() + 4);
    const refresh = () => { showFlows(flows); declutter(); };
    showFlows(flows);
    // areas first, names once those are painted: a slow machine shows a map sooner
    requestAnimationFrame(() => setTimeout(() => { if (words) map.addLayer(words); refresh(); }));
    map.on("zoomend moveend resize", refresh);
    const onPaper = (printing) => {  // a sheet is narrower than a window
      document.documentElement.classList.toggle("printing", printing);
      map.setMinZoom(0);
      map.invalidateSize({ animate: false });
      map.fitBounds(bounds, { animate: false });
      refresh();
    };
    window.addEventListener("beforeprint", () => onPaper(true));
    window.addEventListener("afterprint", () => onPaper(false));
  }

  return { say: (all, about) => { texts = all; said = about; }, ground, describe, symbol, badge, label, start, shownZoom: () => shownZoom };
})();
