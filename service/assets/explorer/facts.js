/* What is said of a unit: in the tooltip, the table, the announcement. One place decides it. */

import { number, page, word } from "./page.js";
import { isLoaded } from "./parts.js";

/* Whether a map says anything of a unit of its level. */
export function speaksOf(values, level, unit) {
  const { areas, symbols } = values;
  if (!isLoaded(values, unit)) return false;
  if (areas?.level === level && areas.key[unit] !== null) return true;
  return symbols?.level === level
    && symbols.groups.some((group) => group.value[unit] !== null || group.said[unit] !== undefined);
}

export function symbolCell(group, unit) {
  return group.said[unit] ?? (group.value[unit] === null ? group.empty : number(group.value[unit]));
}

/* Pairs of what is counted and how many, as the table has them. */
export function factsOf(values, level, unit) {
  const { areas, symbols } = values;
  const facts = [];
  if (!isLoaded(values, unit)) return [["", word("loading")]];
  if (areas?.level === level && areas.key[unit] !== null) {
    if (areas.texts) facts.push(["", areas.texts[unit]]);
    else {
      const [, label] = areas.keys[areas.key[unit]];
      const said = areas.shown[unit];
      facts.push([areas.title, said === label || !said ? label : `${said} (${label})`]);
      if (areas.count[unit] !== null) facts.push([areas.columns[0], number(areas.count[unit])]);
    }
  }
  if (symbols?.level === level) {
    for (const group of symbols.groups) {
      if (group.value[unit] !== null || group.said[unit] !== undefined) {
        facts.push([group.label, symbolCell(group, unit)]);
      }
    }
  }
  return facts;
}

/* Sentences that marks at a unit bring along: organisations, dots. */
export function saidAt(values, units, unit) {
  const code = units.pcode[unit];
  return [
    ...(values.presence?.rows ?? []).filter((row) => row[0] === code).map((row) => row[5]),
    ...(values.dots?.rows ?? []).filter((row) => row[0] === code).map((row) => row[1]),
  ];
}

/* One sentence for those who listen: name, figures, and of when they are. */
export function spoken(values, units, unit) {
  const facts = factsOf(values, units.level, unit)
    .map(([what, cell]) => (what ? `${what}: ${cell}` : cell));
  const said = saidAt(values, units, unit);
  facts.push(...said, ...(said.length && values.presence ? [values.presence.subtitle] : []));
  if (values.areas?.level === units.level && values.areas.key[unit] !== null && values.areas.subtitle) {
    facts.push(values.areas.subtitle);
  }
  return [units.name[unit], ...facts, ...(facts.length ? [] : [values.as_of])].join(page.lang === "ar" ? "؛ " : "; ");
}
