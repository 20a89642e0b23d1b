/* Keeps what the explorer fetched. The service is always asked first; what was kept is said to be old. */

const KEPT = "sitmap-kept";
const STAMP = "x-sitmap-kept";
const MOST = 600;  // answers: a few situations on a phone

self.addEventListener("install", () => self.skipWaiting());
self.addEventListener("activate", (event) => event.waitUntil(self.clients.claim()));

self.addEventListener("fetch", (event) => {
  const { request } = event;
  if (request.method !== "GET" || new URL(request.url).origin !== self.location.origin) return;
  event.respondWith(fresh(request));
});

async function fresh(request) {
  const kept = await caches.open(KEPT);
  try {
    const answer = await fetch(request);
    if (answer.ok && answer.type === "basic") await keep(kept, request, answer.clone());
    return answer;
  } catch (error) {
    const old = await kept.match(keyOf(request));
    if (old) return old;
    throw error;
  }
}

/* A page is the same page wherever its map was moved to. */
function keyOf(request) {
  if (request.mode !== "navigate") return request.url;
  const address = new URL(request.url);
  address.searchParams.delete("at");
  return address.href;
}

async function keep(kept, request, answer) {
  const headers = new Headers(answer.headers);
  headers.set(STAMP, new Date().toISOString());
  headers.delete("content-encoding");  // the body is decoded already
  const body = await answer.blob();
  await kept.put(keyOf(request), new Response(body, { status: answer.status, headers })).catch(() => {});
  const all = await kept.keys();
  for (const oldest of all.slice(0, Math.max(0, all.length - MOST))) await kept.delete(oldest);
}
