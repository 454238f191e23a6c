// Questions read aloud: a person's recording where there is one, else a voice of the tablet itself; no text leaves it, and both need no network.
// Recordings are fetched apart from the page, when nothing waits to be sent, each under the hash of what somebody listened to.

import { touched } from "./idle.js";
import { current, draw, onLeave, say, write } from "./speak.js";

const CACHE = "recorded";
const ROOM = 5000 * 4096; // bytes: sealed answers come before recordings
const speech = window.speechSynthesis;
let recorded = {}; // language/questionnaire/item → { address, integrity }
let have = new Set(); // addresses that lie in the tablet
let stop = null; // what ends the reading that goes on
let gathering = false;

onLeave(() => stop && stop());

// Whether the same buttons would be drawn again.
export const mark = () => have.size + "/" + (speech ? speech.getVoices().length : 0);

// What lies here of the recordings that the counter's questions have now; the others go.
export async function open(bundle) {
  recorded = (bundle && bundle.recorded) || {};
  const wanted = new Set(Object.values(recorded).map((one) => one.address));
  const found = new Set();
  const cache = window.caches && (await caches.has(CACHE)) ? await caches.open(CACHE) : null;
  for (const request of cache ? await cache.keys() : []) {
    const { pathname, search } = new URL(request.url);
    if (wanted.has(pathname + search)) found.add(pathname + search);
    else await cache.delete(request);
  }
  have = found;
}

// Fetch what is missing, one after another. Whatever fails is left for the next time: a question can be read without it.
export async function gather() {
  const missing = Object.values(recorded).filter((one) => !have.has(one.address));
  if (gathering || !window.caches || !missing.length) return;
  gathering = true;
  for (const { address, integrity } of missing) {
    try {
      const { quota, usage } = await navigator.storage.estimate();
      if (quota - usage < ROOM) break;
      const response = await fetch(address, { integrity, credentials: "omit", redirect: "error", cache: "no-store" });
      if (response.status !== 200) continue;
      await (await caches.open(CACHE)).put(address, response);
      have.add(address);
    } catch (error) {
      continue; // no network, a portal, or another file than the one that was listened to
    }
  }
  gathering = false;
}

const voiceOf = (lang) => speech && speech.getVoices().find((one) => one.localService && one.lang.split(/[-_]/)[0] === lang);

// A button that reads, and stops reading; null where neither a recording nor a voice for all of the words is here.
export function listen({ form = "", item = "", words, label }) {
  const kept = recorded[[current(), form, item].join("/")] || recorded[[current(), "every-form", item].join("/")];
  const parts = words.filter((text) => text && String(text)).map((text) => [String(text), text.lang || current()]);
  const file = kept && have.has(kept.address);
  if (!file && !parts.every(([, lang]) => voiceOf(lang))) return null;
  const button = draw("button", { type: "button", class: "button quiet listen" }, label);
  button.addEventListener("click", () => {
    const reading = stop && stop.button === button;
    if (stop) stop();
    if (reading) return;
    write(button, say("stop_reading"));
    const end = file ? play(kept.address, () => stop && stop()) : read(parts, () => stop && stop());
    stop = Object.assign(() => {
      stop = null;
      end();
      touched(); // who has listened was there
      write(button, label);
    }, { button });
  });
  return button;
}

// Both begin to sound, call `done` at their end, and give what ends them before it.
function play(address, done) {
  const player = new Audio();
  let place = "";
  player.onended = player.onerror = done;
  caches
    .match(address)
    .then((response) => response.blob())
    .then((content) => {
      if (place === null) return null;
      player.src = place = URL.createObjectURL(content);
      return player.play();
    })
    .catch(() => place !== null && done());
  return () => {
    player.onended = player.onerror = null;
    player.pause();
    if (place) URL.revokeObjectURL(place);
    place = null;
  };
}

function read(parts, done) {
  let left = parts.length;
  for (const [text, lang] of parts) {
    const said = Object.assign(new SpeechSynthesisUtterance(text), { lang, voice: voiceOf(lang) });
    said.onend = said.onerror = () => --left || done();
    speech.speak(said);
  }
  return () => {
    left = -1;
    speech.cancel();
  };
}
