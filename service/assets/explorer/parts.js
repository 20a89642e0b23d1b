/* The figures of a level that is too large to be sent whole: those that are looked at, and no others.

   A unit of which nothing was sent yet is not "not reported": `loaded` tells the two apart, and whoever
   shows a unit asks it first. Parts are asked for by tiles of the whole world, so that a small move
   asks for what is at hand, and readers of one place ask for the same addresses. */

import { ask } from "./server.js";

const FINEST = 9;     // zoom of the smallest part: a screen of the nearest view has a few of them
const REST = 120;     // milliseconds in which a map that is moved asks for nothing
const AGAIN = 4000;   // milliseconds until a part that failed is asked for again
const SLICE = 1000;   // units that `first=` gives

/* Whether a unit's figures are here; always where the level was sent whole. */
export const isLoaded = (values, unit) => !values.parts || values.parts.loaded[unit] === 1;

const north = (y, size) => (Math.atan(Math.sinh(Math.PI * (1 - (2 * y) / size))) * 180) / Math.PI;

/* The box of a tile as it stands in an address; the outermost rows reach to the poles. */
function box([z, x, y]) {
  const size = 2 ** z;
  const edges = [(x / size) * 360 - 180, y + 1 === size ? -90 : north(y + 1, size),
    ((x + 1) / size) * 360 - 180, y === 0 ? 90 : north(y, size)];
  return edges.map((edge) => Number(edge.toFixed(4))).join(",");
}

/* The tiles that a view touches: [west, south, east, north] at a zoom of 512-pixel tiles. */
export function tilesOf([west, south, east, top], zoom) {
  const z = Math.max(0, Math.min(FINEST, Math.round(zoom) - 1));
  const size = 2 ** z;
  const inside = (at) => Math.max(0, Math.min(size - 1, Math.floor(at)));
  const row = (lat) => inside(((1 - Math.asinh(Math.tan((Math.max(-85, Math.min(85, lat)) * Math.PI) / 180)) / Math.PI) / 2) * size);
  const tiles = [];
  for (let y = row(top); y <= row(south); y += 1) {
    for (let x = inside(((west + 180) / 360) * size); x <= inside(((east + 180) / 360) * size); x += 1) tiles.push([z, x, y]);
  }
  return tiles;
}

export class Parts {
  /* `values` is the head of a map and gets its columns here, `address` makes one from what is asked for;
     `came` is called when figures are there, `stale` when they are of another edition, `failed` with an
     error, and `busy` with whether anything is on its way. */
  constructor(values, { level, length, address, came, stale, failed, busy }) {
    Object.assign(this, { values, level, length, address, came, stale, failed, busy });
    this.loaded = new Uint8Array(length);
    this.held = new Set();
    this.asked = new Map();  // what is on its way: an AbortController by the tile's name
    this.slices = new Map();
    this.closed = false;
    values.parts = this;
    const { areas, symbols } = values;
    if (areas?.level === level) {
      areas.key = new Array(length);
      if (areas.columns) Object.assign(areas, { count: new Array(length), shown: new Array(length) });
      else areas.texts = new Array(length);
    }
    if (symbols?.level === level) {
      symbols.moved = {};
      for (const group of symbols.groups) Object.assign(group, { value: new Array(length), said: {} });
    }
  }

  /* Ask for what a view shows and is not here; what an earlier view asked for alone is given up. */
  look(bounds, zoom) {
    this.view = [bounds, zoom];
    clearTimeout(this.waiting);
    this.waiting = setTimeout(() => this.want(tilesOf(bounds, zoom)), this.started ? REST : 0);
    this.started = true;
  }

  want(tiles) {
    const names = new Set(tiles.map(String));
    for (const [name, control] of this.asked) {
      if (names.has(name)) continue;
      control.abort();
      this.asked.delete(name);
    }
    for (const tile of tiles) if (!this.has(tile) && !this.asked.has(String(tile))) this.fetch(tile);
    this.tell();
  }

  /* A tile is here when it came, or a wider one that it lies in. */
  has([z, x, y]) {
    for (let up = 0; up <= z; up += 1) if (this.held.has(String([z - up, x >> up, y >> up]))) return true;
    return false;
  }

  async fetch(tile) {
    const name = String(tile);
    const control = new AbortController();
    this.asked.set(name, control);
    try {
      if (this.take(await ask(this.address({ bbox: box(tile) }), control.signal))) {
        this.held.add(name);
        this.came();
      }
    } catch (error) {
      if (error.name !== "AbortError" && !this.closed) {
        this.failed(error);
        clearTimeout(this.again);
        this.again = setTimeout(() => this.view && this.want(tilesOf(...this.view)), AGAIN);
      }
    } finally {
      if (this.asked.get(name) === control) this.asked.delete(name);
      this.tell();
    }
  }

  /* Lay a part's columns into the whole; false where they are none of this edition's. */
  take({ body, kept }) {
    if (this.closed) return false;
    if (body.edition !== this.values.edition) {
      if (kept) throw new TypeError("kept from another edition");  // the server is silent: there is none newer
      this.stale();
      return false;
    }
    const { areas, symbols } = body;
    if (areas?.level === this.level) {
      areas.place.forEach((place, i) => {
        for (const name of ["key", "count", "shown", "texts"]) if (areas[name]) this.values.areas[name][place] = areas[name][i];
        this.loaded[place] = 1;
      });
    }
    if (symbols?.level === this.level) {
      symbols.groups.forEach((group, column) => {
        const own = this.values.symbols.groups[column];
        symbols.place.forEach((place, i) => { own.value[place] = group.value[i]; });
        Object.assign(own.said, group.said);
      });
      Object.assign(this.values.symbols.moved, symbols.moved);
      for (const place of symbols.place) this.loaded[place] = 1;
    }
    return true;
  }

  /* The units of one slice of the level's order, once their figures are here; none beyond the last. */
  async slice(number) {
    const first = number * SLICE;
    if (first >= this.length) return [];
    if (!this.slices.has(number)) this.slices.set(number, this.only({ first }));
    await this.slices.get(number).catch((error) => { this.slices.delete(number); throw error; });
    return Array.from({ length: Math.min(SLICE, this.length - first) }, (_, i) => first + i);
  }

  /* Have the figures of the units within a place. */
  async inside(parent) {
    if (!this.slices.has(parent)) this.slices.set(parent, this.only({ parent }));
    await this.slices.get(parent).catch((error) => { this.slices.delete(parent); throw error; });
  }

  async only(asked) {
    try {
      if (this.take(await ask(this.address(asked)))) this.came();
    } catch (error) {
      if (!this.closed) this.failed(error);
      throw error;
    }
  }

  tell() {
    if (!this.closed) this.busy(this.asked.size > 0);
  }

  close() {
    this.closed = true;
    clearTimeout(this.waiting);
    clearTimeout(this.again);
    for (const control of this.asked.values()) control.abort();
  }
}
