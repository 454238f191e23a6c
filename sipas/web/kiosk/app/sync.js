// The way to the server: one request at a time, batches of at most fifty, and patience when it does not answer.
// An envelope leaves the queue only on 201 or 202 with the server's signature for its iid: captive portals answer 200.

import * as keep from "./keep.js";
import { isBehind, today } from "./clock.js";
import { canonical, isSaid, random, sign } from "./seal.js";

const MOST = 50;
const LONGEST = 400000; // letters of a batch
const FIRST_WAIT = 2;
const LONGEST_WAIT = 600;
const BEAT_EVERY = 600;
const FRESH = 60;
const PATIENCE = 30000; // milliseconds
const CODES_WANTED = 10;
const A_WHILE = 120; // seconds without the server after which whoever looks after the tablet should know
const TAKEN = { stored: "acked", duplicate: "acked", conflict: "held", rejected: "held" };

let failures = 0;
let since = 0; // when the server was first missed
let met = 0; // who answered last: a status, or 0 for nobody
let started = false;
let running = false;
let again = false;
let timer = 0;
let lastBeat = -Infinity;
let toldWaiting = false; // the server was last told of a queue, and is to hear when it is empty
let changed = () => {};
const version = document.body.dataset.version;

export function start(onChange) {
  if (started) return;
  started = true;
  changed = onChange;
  window.addEventListener("online", () => running || plan(Math.random() * FIRST_WAIT)); // not every kiosk of a town at once
  plan(0);
}

// Something waits: at once, unless the server has not been answering.
export function hurry() {
  if (running) again = true;
  else if (failures === 0) plan(0);
}

function plan(seconds) {
  clearTimeout(timer);
  timer = setTimeout(run, seconds * 1000);
}

// Whether the server answered the last time.
export const isFine = () => failures === 0;

// What stands between this tablet and the server, as well as a page can know: no browser tells a page of a bad certificate.
export function away(said) {
  if (!failures || performance.now() / 1000 - since < A_WHILE) return null;
  if (met) return met >= 500 && met !== 511 ? "unwell" : "stranger"; // 511 is what a portal should say
  if (!navigator.onLine) return "offline";
  return said && isBehind(said) ? "clock" : "unreached";
}

async function run() {
  running = true;
  again = false;
  let fine = false;
  try {
    fine = await round();
  } catch (error) {
    fine = false; // no network, a portal, or a server that is down: the answers wait all the same
  }
  running = false;
  if (!fine && !failures) since = performance.now() / 1000;
  failures = fine ? 0 : failures + 1;
  changed();
  if (fine) plan(again ? 0 : BEAT_EVERY);
  else plan(Math.random() * Math.min(LONGEST_WAIT, FIRST_WAIT * 2 ** Math.min(failures, 20)));
}

async function round() {
  if (!(await keep.get("kiosk"))) return true;
  if (isDue(BEAT_EVERY / 2)) await beat();
  let sent = false;
  for (let batch = await next(); batch.length; batch = await next()) {
    if (!(await send(batch))) return false;
    sent = true;
    changed();
  }
  if (sent && (toldWaiting || isDue(FRESH))) await beat();
  return true;
}

const isDue = (seconds) => performance.now() / 1000 - lastBeat > seconds;

async function next() {
  const found = await keep.queued(MOST);
  let letters = 0;
  return found.filter((one) => (letters += one.envelope.ct.length + 700) <= LONGEST);
}

async function ask(address, body) {
  const stop = new AbortController();
  const patience = setTimeout(() => stop.abort(), PATIENCE);
  met = 0;
  try {
    const response = await fetch("/api/v1/kiosk/" + address, {
      method: "POST",
      body: JSON.stringify(body),
      headers: { "Content-Type": "application/json" },
      credentials: "omit",
      cache: "no-store",
      redirect: "manual", // never followed: our server has no other address, a portal does
      signal: stop.signal,
    });
    met = response.status || 302;
    return response;
  } finally {
    clearTimeout(patience);
  }
}

// Whether every envelope of the batch was answered in the server's own hand.
async function send(batch) {
  const response = await ask("envelopes", { envelopes: batch.map((one) => one.envelope) });
  const good = response.status === 201 || response.status === 202;
  const refused = response.status === 400 || response.status === 409;
  if (!good && !refused) return false;
  const word = await keep.get("word");
  const { acks } = await response.json();
  const settled = [];
  for (const ack of acks) {
    const one = batch.find((sent) => sent.envelope.iid === ack.iid);
    if (!one || !TAKEN[ack.status] || (TAKEN[ack.status] === "acked" && !good)) continue;
    if (await isSaid(word, "ack", ack.iid + "|" + ack.status + "|" + ack.receipt, ack.sig)) settled.push([one.n, TAKEN[ack.status]]);
  }
  await keep.settle(settled, today(await keep.get("said")).day);
  return settled.length === batch.length;
}

// How this kiosk stands, and what the server has to say to it; the nonce keeps an old word from being played again.
async function beat() {
  const [kiosk, keys, word, have, durable] = await Promise.all(["kiosk", "keys", "word", "hash", "durable"].map(keep.get));
  const [pending, held, codes] = await Promise.all([keep.count("queued"), keep.count("held"), keep.countCodes(today(await keep.get("said")).day)]);
  const body = { v: 1, k: kiosk, n: random(16), pending, held, durable, version, have, codes: Math.min(codes, CODES_WANTED) };
  body.sig = await sign(keys, canonical(body));
  const response = await ask("beat", body);
  if (response.status !== 202) throw new Error("no beat: " + response.status);
  const { said, sig } = await response.json();
  const heard = JSON.parse(said);
  if (!(await isSaid(word, "beat", said, sig)) || heard.n !== body.n || heard.k !== kiosk) throw new Error("not the server's hand");
  await remember(heard);
  lastBeat = performance.now() / 1000;
  toldWaiting = pending > 0;
}

async function remember(heard) {
  const now = heard.now * 1000;
  const said = { now, offset: now - Date.now() };
  const fresh = heard.bundle ? { bundle: heard.bundle, hash: heard.hash } : {};
  await keep.put({ said, state: heard.state, seal: heard.seal, ...fresh });
  await keep.addCodes(heard.codes);
  const missing = (seq) => seq > heard.highest || heard.gaps.some(([first, last]) => first <= seq && seq <= last);
  await keep.tidy(today(said).day, heard.k, missing);
  if (heard.version !== version && navigator.serviceWorker) {
    const worker = await navigator.serviceWorker.getRegistration("/kiosk/");
    if (worker) worker.update().catch(() => {});
  }
}

// Become the kiosk that a code stands for: "", or which of the page's sentences says why not.
export async function pair(code, newKeys, pointOf) {
  const keys = await newKeys();
  const key = await pointOf(keys);
  const sig = await sign(keys, "KS1|pair|" + code + "|" + key);
  let response;
  try {
    response = await ask("pair", { code, key, sig });
  } catch (error) {
    return "pair_offline";
  }
  if (response.status === 403) return "pair_wrong";
  if (response.status === 429) return "pair_often";
  if (response.status !== 201) return "pair_offline";
  const told = await response.json();
  await keep.become(told.k, keys, told.word);
  lastBeat = -Infinity;
  return "";
}

// The first word after pairing: without it there is nothing to ask.
export const first = () => beat();
