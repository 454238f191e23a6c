// While the person answers, the phone does a little work for the open channel (sipas/evidence/work.py). Without it the sheet is taken too.
"use strict";
(() => {
  const cost = Number(document.currentScript.dataset.cost), form = document.forms[0], subtle = globalThis.crypto && crypto.subtle;
  if (!subtle || !cost) return;
  const bytes = (text) => new TextEncoder().encode(text);
  (async () => {
    const key = await subtle.importKey("raw", bytes(form.elements.ticket.value), "PBKDF2", false, ["deriveBits"]);
    for (let n = 0; n < 1e7; n += 1) {
      const made = await subtle.deriveBits({ name: "PBKDF2", hash: "SHA-256", salt: bytes("KS1|work|" + n), iterations: cost }, key, 8);
      if (new Uint8Array(made)[0] === 0) return void (form.elements.work.value = n);
    }
  })();
})();
