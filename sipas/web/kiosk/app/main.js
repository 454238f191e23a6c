// The kiosk from start to start: can it work here, is it paired, and then one person after another.

import { Sheet } from "./ask.js";
import { today } from "./clock.js";
import { touched, watch } from "./idle.js";
import * as keep from "./keep.js";
import * as screens from "./screens.js";
import * as sound from "./sound.js";
import { newKeys, pointOf } from "./seal.js";
import { FIRST, current, say, speak } from "./speak.js";
import * as sync from "./sync.js";

const PACE = 20; // seconds between two completed answers
const THANKS = 30; // seconds: a telephone is taken out and a picture is made
const LEAST_SPACE = 5000 * 4096; // bytes: five thousand sealed answers
let sheet = null; // one person's answers; null while the poster waits or something else is shown
let at = ""; // which screen
let lastSent = -Infinity;
let stale = false; // a newer version has taken over, and this page is to go at the next quiet moment
let clearing = 0;
let until = 0; // when the thanks go away

const QUIET = ["poster", "closed", "revoked", "fault"]; // screens on which nobody has anything to lose
const isQuiet = () => QUIET.includes(at) && current() === FIRST;
const isBusy = () => ["question", "ready", "home", "thanks"].includes(at) || current() !== FIRST;
const on = { answer, back, home, send, reset, linger, redraw: () => redraw() };
let redraw = () => {};

let shown = ""; // what the poster was drawn from

// What the poster tells, and whether it is still the same poster.
async function look() {
  const [bundle, hash, state, said, tally, kiosk, pending] = await Promise.all([
    ...["bundle", "hash", "state", "said", "tally", "kiosk"].map(keep.get),
    keep.count("queued"),
  ]);
  const { day } = today(said);
  return { bundle, state, day, mark: [hash, state, day, sound.mark()].join(), about: { tally: tally && tally.day === day ? tally.count : 0, pending, kiosk, away: sync.away(said) } };
}

async function poster() {
  clearTimeout(clearing);
  screens.calm();
  if (stale) location.reload();
  const { bundle, state, day, mark, about } = await look();
  shown = mark;
  sheet = new Sheet(bundle, day);
  at = state === "revoked" ? "revoked" : sheet.open ? "poster" : "closed";
  redraw = poster;
  if (at === "revoked") screens.notice("revoked", "revoked_cure");
  else if (at === "closed") screens.notice("closed", "closed_cure");
  else screens.poster({ bundle, sheet, on, about });
  renew();
}

// Nothing of this person stays: not the answers, not the screen, not the language.
async function reset() {
  sheet = null;
  speak(FIRST);
  await poster();
}

function ask(remind = "") {
  const { bundle } = sheet;
  redraw = () => ask(remind);
  if (sheet.done) {
    at = "ready";
    screens.ready({ bundle, sheet, on });
    pace();
  } else {
    at = "question";
    screens.question({ bundle, sheet, remind, on });
  }
}

function answer(value) {
  ask(sheet.answer(value));
}

function back() {
  sheet.back();
  if (sheet.place === 0) at = "question";
  ask();
}

function pace() {
  const seconds = Math.ceil(PACE - (performance.now() / 1000 - lastSent));
  screens.hold(seconds);
  if (seconds > 0) setTimeout(() => at === "ready" && pace(), 1000);
}

async function send() {
  const { day, clk } = today(await keep.get("said"));
  const full = sheet;
  if (!full) return; // pressed twice
  sheet = null;
  let receipt = "";
  try {
    receipt = await keep.add(full.content(current()), day, clk, full.duration, full.form);
  } catch (error) {
    at = "home";
    screens.notice("not_kept", "not_kept_cure", say("finish"), reset);
    return;
  }
  lastSent = performance.now() / 1000;
  at = "thanks";
  await screens.thanks({ receipt, where: full.bundle.receipts || location.origin + "/r", on });
  linger();
  sync.hurry();
}

function linger() {
  until = performance.now() + THANKS * 1000;
  fade();
}

function fade() {
  clearTimeout(clearing);
  if (at !== "thanks") return;
  const seconds = Math.ceil((until - performance.now()) / 1000);
  if (seconds <= 0) {
    reset();
    return;
  }
  screens.left(seconds);
  clearing = setTimeout(fade, 1000);
}

async function home() {
  const code = await keep.takeCode(today(await keep.get("said")).day);
  sheet = null;
  at = "home";
  screens.home(code, on);
  sync.hurry();
}

async function pair(code) {
  screens.notice("working", "working");
  const problem = await sync.pair(code, newKeys, pointOf);
  if (problem) {
    screens.pairing(pair, problem);
    return;
  }
  speak(FIRST);
  await sync.first().catch(() => {}); // without it there is nothing to ask yet; the next beat brings it
  await begin();
}

// A page that cannot promise to keep answers takes none; what waits already is still sent.
async function fault() {
  if (!window.isSecureContext) return "insecure";
  if (!window.crypto || !crypto.subtle || !window.indexedDB || !navigator.serviceWorker || !window.AbortController) return "old";
  await keep.open();
  const able = navigator.storage && navigator.storage.persist;
  if (able && !(await navigator.storage.persisted()) && !(await navigator.storage.persist())) return "forgetful";
  await keep.put({ durable: able ? "yes" : "unknown" }); // a browser without the question is told to the province
  if (!navigator.storage || !navigator.storage.estimate || (await keep.get("kiosk"))) return "";
  const { quota, usage } = await navigator.storage.estimate();
  return quota - usage < LEAST_SPACE ? "small" : "";
}

async function begin() {
  const wrong = await fault();
  if (wrong) {
    at = "fault";
    screens.notice(wrong, wrong + "_cure", say("again"), begin);
  } else if (!(await keep.get("kiosk"))) {
    at = "pairing";
    screens.pairing(pair);
  } else {
    await hear();
    await poster();
  }
  if (wrong !== "insecure" && wrong !== "old") sync.start(refresh);
}

// After a talk with the server: the poster shows it at once, whoever is answering is not disturbed.
async function refresh() {
  renew();
  if (sync.isFine()) await hear();
  if (!["poster", "closed", "revoked"].includes(at)) return;
  const { mark, about } = await look();
  if (mark !== shown && current() === FIRST) await poster();
  else if (at === "poster") screens.recount(about);
}

let heard = null; // the bundle whose recordings lie here, or are being fetched

// Before the first poster, so that its buttons are there without network too, and after every talk with the server.
async function hear() {
  const hash = await keep.get("hash");
  if (hash !== heard) await sound.open(await keep.get("bundle"));
  heard = hash;
  sound.gather().then(repaint, repaint);
}

// What is there now that the poster does not show yet.
async function repaint() {
  if (["poster", "closed", "revoked"].includes(at) && current() === FIRST && (await look()).mark !== shown) await poster();
}

let worker = null; // the registration

async function keepFiles() {
  let had = navigator.serviceWorker.controller; // none for the first page of all, which its worker takes over as it is
  navigator.serviceWorker.addEventListener("controllerchange", () => {
    stale = stale || Boolean(had);
    had = navigator.serviceWorker.controller;
    if (stale && isQuiet()) location.reload();
  });
  worker = await navigator.serviceWorker.register("/kiosk/sw.js", { scope: "/kiosk/", updateViaCache: "none" });
  worker.addEventListener("updatefound", () => worker.installing.addEventListener("statechange", renew));
  renew();
}

// A newer version that lies ready takes over when nobody stands before the screen. What waits to be sent lies in a store of its own.
function renew() {
  if (worker && worker.waiting && isQuiet()) worker.waiting.postMessage("take over");
}

for (const event of ["contextmenu", "dragstart", "selectstart"]) {
  window.addEventListener(event, (happened) => happened.target.closest && happened.target.closest("textarea, input") ? null : happened.preventDefault());
}
watch({ isBusy, reset, calm: screens.calm, warn: (seconds) => screens.warn(seconds, () => (touched(), screens.calm())) });
if (window.speechSynthesis) speechSynthesis.onvoiceschanged = repaint; // voices come late
speak(FIRST);
if (navigator.serviceWorker && window.isSecureContext) keepFiles().catch(() => {}); // next time there is a network
begin();
