/* What folium's layers call. Texts become text nodes and attributes, never markup. */
const sitmap = (() => {
  "use strict";
  const SVG = "http://www.w3.org/2000/svg";
  const placed = [];   // labels in the order in which they claim their place
  const solid = [];    // boxes of symbols: what no label may cover, as [anchor, x0, y0, x1, y1]
  let texts = [];      // features name their texts by number
  let chart = null;
  let shownZoom = null;

  /* Leaflet rounds points to whole pixels, which makes narrow bands ragged. */
  L.Map.include({
    latLngToLayerPoint(latlng) {
      return this.project(L.latLng(latlng))._subtract(this.getPixelOrigin());
    },
  });

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

  /* Tooltip for the pointer, name and focus for the keyboard. */
  function describe(feature, layer) {
    const text = texts[feature.properties.text];
    layer.on("add", () => {
      const element = layer.getElement();
      if (!element) return;
      element.setAttribute("tabindex", "0");
      element.setAttribute("role", "img");
      element.setAttribute("aria-label", text);
    });
    layer.bindTooltip(() => tip(text), { className: "tip", sticky: layer instanceof L.Path });
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

  /* Where a label may stand, best place first: offsets of its middle from its point. */
  function places(item, width, height) {
    const [dx, dy, radius, high = radius] = item.at;
    const beside = radius + width / 2 + 3;
    const under = radius + height / 2 + 1;
    const sides = [[dx + beside, dy], [dx - beside, dy], [dx, dy + under], [dx, dy - under],
      [dx + beside * 0.8, dy + under * 0.8], [dx - beside * 0.8, dy + under * 0.8],
      [dx + beside * 0.8, dy - under * 0.8], [dx - beside * 0.8, dy - under * 0.8],
      [dx + beside, dy + height], [dx + beside, dy - height]];  // under or over another figure
    if (item.kind === "figure") return sides;
    if (item.kind === "capital" || item.kind === "town" || item.kind === "site") {
      return [0, 11].flatMap((far) => {
        const wide = (radius || 5) + far + 2 + width / 2;
        const tall = (high || 5) + far + 7;
        return [[wide, 0], [-wide, 0], [0, tall], [0, -tall]];
      });
    }
    // a name may leave its point, but not so far that it seems to name another place
    const around = radius ? [] : [[0, 0]];
    for (const far of [high + 9, high + 20]) around.push([0, far], [0, -far]);
    if (item.kind === "flow") return around;
    around.push([radius + 4 + width / 2, 0], [-radius - 4 - width / 2, 0]);
    if (item.kind === "country") around.push([0, 34], [0, -34], [30, 20], [-30, 20], [30, -20], [-30, -20]);
    return around;
  }

  function declutter() {
    const size = chart.getSize();
    const taken = [];
    const free = (box) => !taken.some((other) =>
      box[0] < other[2] && box[2] > other[0] && box[1] < other[3] && box[3] > other[1]);
    for (const [latlng, x0, y0, x1, y1] of solid) {
      const { x, y } = chart.latLngToContainerPoint(latlng);
      taken.push([x + x0, y + y0, x + x1, y + y1]);
    }
    for (const item of placed) {
      const element = item.marker.getElement();
      if (!element) continue;
      let spot = null;
      if (item.zoom === undefined || item.zoom === shownZoom) {
        const width = item.span.offsetWidth + 2;
        const height = item.span.offsetHeight;
        const { x, y } = chart.latLngToContainerPoint(item.latlng);
        for (const [dx, dy] of places(item, width, height)) {
          const left = x + dx - width / 2;
          const top = y + dy - height / 2;
          const box = [left, top, left + width, top + height];
          const inside = left > 2 && top > 2 && box[2] < size.x - 2 && box[3] < size.y - 2;
          if (inside && free(box)) {
            taken.push(box);
            spot = [dx - width / 2, dy - height / 2];
            break;
          }
        }
      }
      element.classList.toggle("away", !spot);
      if (spot) item.span.style.transform = `translate(${spot[0]}px, ${spot[1]}px)`;
    }
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

  function start(map, { bounds, flows, ends, rightToLeft }) {
    chart = map;
    for (const end of ends) solid.push([L.latLng(end), -6, -6, 6, 6]);
    L.control.scale({ imperial: false, position: rightToLeft ? "bottomright" : "bottomleft" }).addTo(map);
    map.fitBounds(bounds, { animate: false });
    map.setMinZoom(map.getZoom() - 0.5);
    map.setMaxZoom(map.getZoom() + 4);
    const refresh = () => { showFlows(flows); declutter(); };
    refresh();
    map.on("zoomend moveend resize", refresh);
    window.addEventListener("beforeprint", () => { map.invalidateSize(); map.fitBounds(bounds, { animate: false }); refresh(); });
  }

  return { say: (all) => { texts = all; }, describe, symbol, badge, label, start, shownZoom: () => shownZoom };
})();
