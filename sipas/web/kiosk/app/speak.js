// Words in the reader's language, and the few strokes from which every screen is drawn.

const spoken = JSON.parse(document.getElementById("words").textContent);
export const FIRST = document.documentElement.lang;
export const languages = Object.keys(spoken).sort((one, other) => spoken[one].place - spoken[other].place);
let language = FIRST;

export const current = () => language;

export function speak(chosen) {
  language = spoken[chosen] ? chosen : FIRST;
  document.documentElement.lang = language;
  document.documentElement.dir = spoken[language].dir;
  for (const sheet of document.querySelectorAll("link[data-script]")) sheet.disabled = sheet.dataset.script !== spoken[language].script;
}

export const nameOf = (code) => spoken[code].name;

export const isReviewed = () => spoken[language].reviewed;

// Vietnamese words on a screen of another language: text as ever, and where it is drawn an element that says its language.
const foreign = (text) => (language === FIRST ? text : Object.assign(new String(text), { lang: FIRST }));

export function say(name, values = {}) {
  const own = spoken[language].words[name];
  const filled = Object.keys(values).reduce((text, key) => text.replace("%(" + key + ")s", values[key]), own || spoken[FIRST].words[name]);
  return own ? filled : foreign(filled);
}

// A wording of the questionnaire.
export const tell = (wording) => wording[language] || (wording[FIRST] ? foreign(wording[FIRST]) : "");

export function draw(tag, about = {}, ...inside) {
  const made = document.createElement(tag);
  for (const name of Object.keys(about)) {
    if (name === "press") made.addEventListener("click", about.press);
    else if (about[name] !== false) made.setAttribute(name, about[name] === true ? "" : about[name]);
  }
  for (const one of inside) if (one) made.append(one instanceof String ? draw("span", { lang: one.lang }, String(one)) : one);
  return made;
}

// New words in an element that stays.
export function write(element, text) {
  element.textContent = text;
  if (text instanceof String) element.lang = text.lang;
  else element.removeAttribute("lang");
}

const SVG = "http://www.w3.org/2000/svg";

export function face(level) {
  const picture = document.createElementNS(SVG, "svg");
  picture.setAttribute("class", "face");
  picture.setAttribute("aria-hidden", "true");
  const use = document.createElementNS(SVG, "use");
  use.setAttribute("href", "#f" + level);
  picture.append(use);
  return picture;
}

const drawing = import("./screen/lean-qr.mjs").catch(() => null); // a browser that is too old for it shows the words alone

// A QR code that is drawn here and now, as an address that a telephone opens; null where it cannot be drawn.
export async function picture(address, label) {
  const drawn = await drawing;
  if (!drawn) return null;
  const code = drawn.generate(address, { minCorrectionLevel: drawn.correction.M });
  const places = Array.from({ length: code.size + 8 }, (_, at) => at - 4); // a quiet zone of four
  return square(places.map((y) => places.map((x) => (code.get(x, y) ? "1" : "0")).join("")), label);
}

// A QR code of rows of "1" and "0", its quiet zone among them.
export function square(rows, label) {
  const picture = document.createElementNS(SVG, "svg");
  picture.setAttribute("viewBox", "0 0 " + rows.length + " " + rows.length);
  picture.setAttribute("class", "square");
  picture.setAttribute("role", "img");
  picture.setAttribute("aria-label", label);
  const ink = document.createElementNS(SVG, "path");
  const runs = rows.map((row, y) => Array.from(row, (dot, x) => (dot === "1" ? "M" + x + " " + y + "h1v1h-1z" : "")).join(""));
  ink.setAttribute("d", runs.join(""));
  ink.setAttribute("shape-rendering", "crispEdges");
  picture.append(ink);
  return picture;
}

let leave = () => {};

// What is to end with the screen that is shown.
export const onLeave = (ending) => (leave = ending);

// One screen in the place of the one before: nothing of that one stays in the page.
export function show(title, ...inside) {
  leave();
  const main = document.getElementById("main");
  while (main.firstChild) main.removeChild(main.firstChild);
  main.append(...inside.filter(Boolean));
  document.title = title + " · SIPAS";
  window.scrollTo(0, 0);
  const heading = main.querySelector("h1");
  if (heading) {
    heading.tabIndex = -1;
    heading.focus({ preventScroll: true });
  }
}

// Buttons of which one takes the tab key; arrows move among them.
export function group(buttons, about) {
  const list = draw("div", { role: "group", ...about }, ...buttons);
  const pressed = buttons.find((one) => one.getAttribute("aria-pressed") === "true");
  for (const one of buttons) one.tabIndex = one === (pressed || buttons[0]) ? 0 : -1;
  list.addEventListener("keydown", (event) => {
    const step = { ArrowDown: 1, ArrowRight: 1, ArrowUp: -1, ArrowLeft: -1 }[event.key];
    if (!step) return;
    event.preventDefault();
    const at = buttons.indexOf(document.activeElement);
    const next = buttons[(at + step + buttons.length) % buttons.length];
    for (const one of buttons) one.tabIndex = one === next ? 0 : -1;
    next.focus();
  });
  return list;
}
