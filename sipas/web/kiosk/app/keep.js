// What the tablet keeps: who it is, what it asks, sealed envelopes, codes for home, and a count. Never an answer in plain text.
// Every write waits until it lies on the disk ("strict"): a tablet whose plug is pulled has lost nothing that it thanked for.

import { canonical, newIid, random, receiptOf, seal, sha256, sign } from "./seal.js";

const STRICT = { durability: "strict" };
const FIRST_PREVIOUS = "0".repeat(64);
const KEPT_DAYS = 7; // an acknowledged envelope stays a week, so that a server set back to a copy can ask again
let base;

export async function open() {
  base = await idb.openDB("sipas-kiosk", 1, {
    upgrade(fresh) {
      fresh.createObjectStore("machine");
      fresh.createObjectStore("codes", { keyPath: "code" });
      fresh.createObjectStore("envelopes", { keyPath: "n", autoIncrement: true }).createIndex("state", "state");
    },
  });
}

export const get = (name) => base.get("machine", name);

export async function put(values) {
  const change = base.transaction("machine", "readwrite", STRICT);
  for (const name of Object.keys(values)) change.store.put(values[name], name);
  await change.done;
}

// A tablet that becomes another kiosk begins a chain of its own; what still waits was signed under the old name and stays good.
export const become = (kiosk, keys, word) => put({ kiosk, keys, word, head: { seq: 0, prev: FIRST_PREVIOUS }, state: "paired", hash: "", bundle: null });

export const count = (state) => base.countFromIndex("envelopes", "state", state);

export const queued = (most) => base.getAllFromIndex("envelopes", "state", "queued", most);

// Seal, sign, chain and keep one answer; its receipt, which is kept nowhere. Two pages of one tablet cannot use a number twice: the head is looked at again within the write.
export async function add(content, day, clk, dur, form) {
  const [kiosk, keys, seals] = await Promise.all([get("kiosk"), get("keys"), get("seal")]);
  const year = Object.keys(seals).sort().pop();
  const [iid, stub] = [newIid(), random(16)];
  const ct = await seal({ ...content, stub }, year, seals[year]);
  for (;;) {
    const head = await get("head");
    const envelope = { v: 1, k: kiosk, seq: head.seq + 1, prev: head.prev, iid, form, day, clk, dur, ct };
    envelope.sig = await sign(keys, canonical(envelope));
    const next = { seq: envelope.seq, prev: await sha256(canonical(envelope)) };
    if (await write(head, next, envelope, day)) return receiptOf(iid, stub);
  }
}

async function write(head, next, envelope, day) {
  const change = base.transaction(["machine", "envelopes"], "readwrite", STRICT);
  const machine = change.objectStore("machine");
  const now = await machine.get("head");
  if (now.seq !== head.seq) {
    await change.done;
    return false;
  }
  const tally = (await machine.get("tally")) || { day: "", count: 0 };
  try {
    change.objectStore("envelopes").add({ state: "queued", since: day, envelope });
    machine.put(next, "head");
    machine.put({ day, count: tally.day === day ? tally.count + 1 : 1 }, "tally");
  } catch (error) {
    change.done.catch(() => {});
    change.abort(); // a number without its answer would look like an answer taken away
    throw error;
  }
  await change.done;
  return true;
}

// What the server's word makes of envelopes: number in this store → "acked", "held" or "queued".
export async function settle(states, day) {
  const change = base.transaction("envelopes", "readwrite", STRICT);
  for (const [n, state] of states) {
    const kept = await change.store.get(n);
    if (kept) change.store.put({ ...kept, state, since: day });
  }
  await change.done;
}

// Acknowledged for a week: gone. Held since another day: tried once more. Not known to the server any more: sent again.
export async function tidy(day, kiosk, isMissing) {
  const change = base.transaction("envelopes", "readwrite", STRICT);
  for (let at = await change.store.openCursor(); at; at = await at.continue()) {
    const { state, since, envelope } = at.value;
    if (state === "acked" && envelope.k === kiosk && isMissing(envelope.seq)) at.update({ ...at.value, state: "queued", since: day });
    else if (state === "acked" && daysBetween(since, day) > KEPT_DAYS) at.delete();
    else if (state === "held" && since !== day) at.update({ ...at.value, state: "queued", since: day });
  }
  await change.done;
}

const daysBetween = (first, last) => (Date.parse(last) - Date.parse(first)) / 86400000;

// Codes of another day have fewer days left: where there are new ones, they go.
export async function addCodes(codes) {
  if (!codes.length) return;
  const change = base.transaction("codes", "readwrite", STRICT);
  for (let at = await change.store.openCursor(); at; at = await at.continue()) {
    if (at.value.first !== codes[0].first) at.delete();
  }
  for (const code of codes) change.store.put(code);
  await change.done;
}

export const countCodes = async (day) => (await base.getAll("codes")).filter((code) => code.first === day).length;

// One code, gone from the stock before it is shown; none that has run out.
export async function takeCode(day) {
  const change = base.transaction("codes", "readwrite", STRICT);
  let found = null;
  for (let at = await change.store.openCursor(); at && !found; at = await at.continue()) {
    if (at.value.until > day) found = at.value;
    at.delete();
  }
  await change.done;
  return found;
}
