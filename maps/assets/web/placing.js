/* Where words may stand, and which place lies where: plain geometry, the same in every page.
   An ES module; the one-file map holds it as a plain script. */

/* Offsets of a label's middle from its point, best place first.
   `at` is what stands at the point already: [dx, dy, half its width, half its height]. */
function placesFor(kind, at, width, height) {
  const [dx, dy, radius, high = radius] = at;
  const beside = radius + width / 2 + 3;
  const under = radius + height / 2 + 1;
  if (kind === "figure") {
    return [[dx + beside, dy], [dx - beside, dy], [dx, dy + under], [dx, dy - under],
      [dx + beside * 0.8, dy + under * 0.8], [dx - beside * 0.8, dy + under * 0.8],
      [dx + beside * 0.8, dy - under * 0.8], [dx - beside * 0.8, dy - under * 0.8],
      [dx + beside, dy + height], [dx + beside, dy - height]];  // under or over another figure
  }
  if (kind === "capital" || kind === "town" || kind === "site") {
    return [0, 11].flatMap((far) => {
      const wide = (radius || 5) + far + 2 + width / 2;
      const tall = (high || 5) + far + 7;
      return [[wide, 0], [-wide, 0], [0, tall], [0, -tall]];
    });
  }
  // a name may leave its point, but not so far that it seems to name another place
  const around = radius ? [] : [[0, 0]];
  for (const far of [high + 9, high + 20]) around.push([0, far], [0, -far]);
  if (kind === "flow") return around;
  around.push([radius + 4 + width / 2, 0], [-radius - 4 - width / 2, 0]);
  if (kind === "country") around.push([0, 34], [0, -34], [30, 20], [-30, 20], [30, -20], [-30, -20]);
  return around;
}

/* Give each item ({kind, at, x, y, width, height}), in order, the first place that nothing has taken.
   Returns the offset of its top left corner from its point, or null where there is no room. */
function placeWords(items, taken, size) {
  const free = (box) => !taken.some((other) =>
    box[0] < other[2] && box[2] > other[0] && box[1] < other[3] && box[3] > other[1]);
  return items.map(({ kind, at, x, y, width, height }) => {
    for (const [dx, dy] of placesFor(kind, at, width, height)) {
      const left = x + dx - width / 2;
      const top = y + dy - height / 2;
      const box = [left, top, left + width, top + height];
      const inside = left > 2 && top > 2 && box[2] < size.x - 2 && box[3] < size.y - 2;
      if (inside && free(box)) {
        taken.push(box);
        return [dx - width / 2, dy - height / 2];
      }
    }
    return null;
  });
}

/* The nearest of some points ([x, y], y down) in the direction of an arrow key; -1 for none. */
function toward(points, from, key) {
  const [ahead, side] = { ArrowRight: [0, 1], ArrowLeft: [0, 1], ArrowDown: [1, 0], ArrowUp: [1, 0] }[key];
  const sign = key === "ArrowRight" || key === "ArrowDown" ? 1 : -1;
  let best = -1;
  let least = Infinity;
  points.forEach((point, i) => {
    const forth = sign * (point[ahead] - from[ahead]);
    const aside = Math.abs(point[side] - from[side]);
    // what lies more to the side than ahead belongs to another key
    if (forth < 1 || aside > 2 * forth) return;
    const far = forth + 2 * aside;
    if (far < least) [best, least] = [i, far];
  });
  return best;
}

export { placeWords, placesFor, toward };
