/* The controls: selects for what can be asked, a slider for days. They hold no state of their own. */

import { day, el, find, page, word } from "./page.js";
import { choices } from "./state.js";

const PLAY = 1400;  // milliseconds per day
let playing = 0;

const option = (value, text, chosen) => el("option", { value, selected: String(value) === String(chosen ?? "") }, text);

function fill(name, options, chosen, shown = options.length > 1) {
  const select = find(`#controls [name="${name}"]`);
  if (!select) return;
  select.replaceChildren(...options.map(([value, text]) => option(value, text, chosen)));
  select.closest("label").hidden = !shown;
}

export function showControls(state) {
  const there = choices(state);
  const everybody = !state.show || state.show === "presence" || page.layers.some((layer) => layer.kind === state.show);
  fill("show", [["", word("show.published")], ...there.show.map((kind) => [kind, word(`show.${kind}`)])], state.show);
  fill("group", [...(everybody ? [["", word("group.all")]] : []), ...there.group.map((group) => [group, page.groups[group]])], state.group);
  fill("measure", there.measure.map((measure) => [measure, word(`measure.${measure}`)]), state.measure);
  const level = state.level ?? page.layers.find((layer) => there.level.includes(layer.level))?.level;
  fill("level", there.level.map((each) => [each, word(`level.${each}`)]), level);
  fill("origin", [["", word("origin.all")], ...there.origin.map((code) => [code, page.origins[code] ?? code])], state.origin);
  fill("date", there.date.map((date) => [date, day(date)]), state.date ?? there.date.at(-1), there.date.length > 1);
  const others = there.date.filter((date) => date !== (state.date ?? there.date.at(-1)));
  fill("compare", [["", word("compare.none")], ...others.map((date) => [date, day(date)])], state.compare, there.date.length > 1);
  for (const box of document.querySelectorAll('#controls [name="under"]')) box.checked = box.value === state.under;
  showDays(there.date, state);
}

function showDays(dates, state) {
  const bar = find("#time");
  if (!bar) return;
  bar.hidden = dates.length < 2;
  if (bar.hidden) return;
  const slider = bar.querySelector("input");
  const at = Math.max(0, dates.indexOf(state.date ?? dates.at(-1)));
  slider.max = dates.length - 1;
  slider.value = at;
  slider.setAttribute("aria-valuetext", day(dates[at]));
  bar.querySelector("output").textContent = day(dates[at]);
  bar.querySelector(".first").textContent = day(dates[0]);
  bar.querySelector(".last").textContent = day(dates.at(-1));
}

/* Call `change` with the part of the state that was changed. */
export function listen(stateNow, change) {
  const form = find("#controls");
  form?.addEventListener("submit", (event) => event.preventDefault());
  form?.addEventListener("change", ({ target }) => {
    if (!target.name || target.name === "place") return;
    change({ [target.name]: target.type !== "checkbox" || target.checked ? target.value : "" });
  });
  const bar = find("#time");
  if (!bar) return;
  const slider = bar.querySelector("input");
  const play = bar.querySelector(".play");
  const dates = () => choices(stateNow()).date;
  const to = (at) => change({ date: dates()[at] });
  let waiting = 0;
  slider.addEventListener("input", () => {
    const date = dates()[slider.value];
    bar.querySelector("output").textContent = day(date);
    slider.setAttribute("aria-valuetext", day(date));
    clearTimeout(waiting);
    waiting = setTimeout(() => to(Number(slider.value)), 60);  // a dragged slider asks once it rests
  });
  const stop = () => {
    clearInterval(playing);
    playing = 0;
    play.textContent = word("play");
    play.setAttribute("aria-pressed", "false");
  };
  play.addEventListener("click", () => {
    if (playing) { stop(); return; }
    play.textContent = word("pause");
    play.setAttribute("aria-pressed", "true");
    if (Number(slider.value) === dates().length - 1) to(0);
    playing = setInterval(() => {
      const next = Number(slider.value) + 1;
      if (next >= dates().length) stop();
      else to(next);
    }, PLAY);
  });
}
