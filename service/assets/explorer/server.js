/* Answers of the service. When it is silent, what was fetched before is used, and said to be old. */

export class Refused extends Error {
  constructor(status) {
    super(`refused with ${status}`);
    this.status = status;
  }
}

const units = new Map();

/* Ask for a document; `kept` is when it was fetched, where it comes from what was kept. */
export async function ask(address, signal) {
  const answer = await fetch(address, { signal, headers: { Accept: "application/json" } });
  if (!answer.ok) throw new Refused(answer.status);
  const body = await answer.json();
  if (typeof body.areas?.shown === "string") body.areas.shown = body.areas.shown.split("|");
  return { body, kept: answer.headers.get("x-sitmap-kept") };
}

/* The units of a level, with `number` by P-code; they do not change with figures or days. */
export function unitsOf(situation, level, lang) {
  const address = `/api/situations/${situation}/units?level=${level}&lang=${lang}`;
  if (!units.has(address)) {
    const asked = ask(address).then(({ body }) =>
      ({ ...body, number: new Map(body.pcode.map((code, i) => [code, i])) }));
    asked.catch(() => units.delete(address));
    units.set(address, asked);
  }
  return units.get(address);
}

/* Keep what this page fetches, where the browser lets us (a secure address). */
export function keepForLater() {
  if (!("serviceWorker" in navigator) || !window.isSecureContext) return;
  navigator.serviceWorker.register("/view/offline.js").catch(() => {});
}
