/* What the page was made with, and how it writes. Texts become text nodes and attributes, never markup. */

const SVG = "http://www.w3.org/2000/svg";

export const page = JSON.parse(document.getElementById("situation").textContent);
export const find = (selector) => document.querySelector(selector);

export function word(key, facts = {}) {
  return page.words[key].replace(/\{(\w+)\}/g, (_, name) => facts[name] ?? "");
}

function made(element, attributes, children) {
  for (const [name, value] of Object.entries(attributes)) {
    if (value === false || value === null || value === undefined) continue;
    if (name.startsWith("on")) element.addEventListener(name.slice(2), value);
    else element.setAttribute(name, value === true ? "" : value);
  }
  element.append(...children.flat().filter((child) => child !== null && child !== undefined && child !== ""));
  return element;
}

export const el = (name, attributes = {}, ...children) =>
  made(document.createElement(name), attributes, children);

export const svg = (name, attributes = {}, ...children) =>
  made(document.createElementNS(SVG, name), attributes, children);

/* A whole number as the tables write it: in groups of three, Western digits in every language. */
export function number(value) {
  if (typeof value === "string") return value;
  const [whole, rest] = String(Math.round(value * 100) / 100).split(".");
  return whole.replace(/\B(?=(\d{3})+$)/g, page.thousands) + (rest ? `.${rest}` : "");
}

// days as the map itself writes them: "28 February 2017" in English too
const locale = page.lang === "en" ? "en-GB" : page.lang;
const days = new Intl.DateTimeFormat(locale, { dateStyle: "long", timeZone: "UTC", numberingSystem: "latn" });
const moments = new Intl.DateTimeFormat(locale, { dateStyle: "long", timeStyle: "short", numberingSystem: "latn" });

export const day = (iso) => (iso ? days.format(new Date(`${iso}T00:00:00Z`)) : "–");
export const moment = (stamp) => moments.format(new Date(stamp));
