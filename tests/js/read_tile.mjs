// Prints a vector tile as JSON: layer by name, of features with id, type, properties and geometry.
import { readFileSync } from "node:fs";
import Pbf from "pbf";
import { VectorTile } from "@mapbox/vector-tile";

const tile = new VectorTile(new Pbf(new Uint8Array(readFileSync(process.argv[2]))));
const layers = {};
for (const [name, layer] of Object.entries(tile.layers)) {
  layers[name] = Array.from({ length: layer.length }, (_, i) => {
    const feature = layer.feature(i);
    const rings = feature.loadGeometry().map((ring) => ring.map(({ x, y }) => [x, y]));
    return { id: feature.id, type: feature.type, properties: feature.properties, rings };
  });
}
const spelled = (_, value) => (Number.isNaN(value) ? "NaN" : value);
process.stdout.write(JSON.stringify(layers, spelled));
