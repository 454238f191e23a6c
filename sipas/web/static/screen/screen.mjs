// A counter's screen: every thirty seconds another code, computed here from the screen's key and the clock. No network is needed.
// The sums are those of sipas/evidence/screen_codes.py; the key can be used by this page and read by nobody.

const STEP = 30, ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";
const FARTHEST = 300; // seconds that this clock may be wrong
const A_DAY = 24 * 3600 * 1000;
const name = location.pathname.split("/")[2].toUpperCase();
const find = (id) => document.getElementById(id);
const { generate, correction } = await import(document.querySelector("script[data-qr]").dataset.qr);

const bytesOf = (text) => new TextEncoder().encode(text);

function encode(number, length) {
  let text = "";
  for (let left = BigInt(number), at = 0; at < length; at += 1, left >>= 5n) text = ALPHABET[Number(left & 31n)] + text;
  return text;
}

async function sum(key, bytes) {
  return new Uint8Array(await crypto.subtle.sign("HMAC", key, bytes));
}

export async function codeAt(key, screen, step) {
  const signed = screen + encode(step, 6);
  const digest = await sum(key, bytesOf("KS1|ctr|" + signed));
  return signed + encode(digest.slice(0, 5).reduce((all, byte) => (all << 8n) | BigInt(byte), 0n), 8);
}

function opened() {
  return new Promise((resolve, reject) => {
    const asked = indexedDB.open("sipas-screen", 1);
    asked.onupgradeneeded = () => asked.result.createObjectStore("screen");
    asked.onsuccess = () => resolve(asked.result);
    asked.onerror = () => reject(asked.error);
  });
}

async function stored(value) {
  const base = await opened();
  return new Promise((resolve, reject) => {
    const turn = base.transaction("screen", value === undefined ? "readonly" : "readwrite");
    const asked = value === undefined ? turn.objectStore("screen").get(name) : turn.objectStore("screen").put(value, name);
    turn.oncomplete = () => resolve(asked.result);
    turn.onerror = () => reject(turn.error);
  });
}

async function post(what, body) {
  const response = await fetch(`/screen/${name}/${what}`, {
    method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify(body), cache: "no-store", redirect: "error",
  });
  const kind = response.headers.get("Content-Type") || "";
  if (!kind.startsWith("application/json")) throw new Error("not our server"); // a captive portal
  return { status: response.status, told: await response.json() };
}

// A square of a QR code with its quiet zone, as one path.
function draw(svg, text) {
  const code = generate(text, { minCorrectionLevel: correction.Q, maxCorrectionLevel: correction.H });
  const size = code.size, quiet = 4;
  let path = "";
  for (let y = 0; y < size; y += 1) {
    for (let x = 0; x < size; x += 1) {
      if (!code.get(x, y)) continue;
      let wide = 1;
      while (code.get(x + wide, y)) wide += 1;
      path += `M${x + quiet} ${y + quiet}h${wide}v1h-${wide}z`;
      x += wide;
    }
  }
  svg.setAttribute("viewBox", `0 0 ${size + 2 * quiet} ${size + 2 * quiet}`);
  const drawn = svg.firstChild || svg.appendChild(document.createElementNS("http://www.w3.org/2000/svg", "path"));
  drawn.setAttribute("d", path);
  svg.dataset.text = text;
}

function dress(kept) {
  find("unit").textContent = kept.unit;
  find("counter").textContent = kept.counter;
  find("domain").textContent = kept.domain;
  find("pairing").hidden = true;
  find("showing").hidden = false;
}

async function showAlways(kept) {
  dress(kept);
  for (;;) {
    const step = Math.floor(Date.now() / 1000 / STEP);
    draw(find("qr"), kept.address + (await codeAt(kept.key, kept.screen, step)));
    await new Promise((resolve) => setTimeout(resolve, (step + 1) * STEP * 1000 - Date.now() + 20));
  }
}

async function checkIn(kept) {
  try {
    const now = Math.floor(Date.now() / 1000);
    const said = new DataView(new ArrayBuffer(8));
    said.setBigUint64(0, BigInt(now));
    const head = bytesOf("KS1|beat|"), whole = new Uint8Array(head.length + 8);
    whole.set(head);
    whole.set(new Uint8Array(said.buffer), head.length);
    const proof = Array.from(await sum(kept.key, whole), (byte) => byte.toString(16).padStart(2, "0")).join("");
    const { status, told } = await post("beat", { now, proof });
    if (status === 403) return askForCode("Màn hình này đã được ghép lại ở nơi khác hoặc đã bị thu hồi. Mời ghép lại bằng mã mới.");
    const wrong = now - told.now;
    find("fault").textContent = Math.abs(wrong) > FARTHEST
      ? `Đồng hồ của máy này lệch ${Math.round(Math.abs(wrong) / 60)} phút: mời chỉnh lại, nếu không phiếu từ màn hình chỉ được tính để tham khảo.` : "";
    await stored({ ...kept, ...told });
    dress(told);
  } catch (error) {
    // No network: the screen goes on, and says nothing.
  }
}

function askForCode(why) {
  find("showing").hidden = true;
  find("pairing").hidden = false;
  find("refused").textContent = why || "";
  find("code").focus();
}

find("pair").addEventListener("submit", async (event) => {
  event.preventDefault();
  try {
    const { status, told } = await post("pair", { code: find("code").value });
    if (status !== 200) return askForCode("Mã ghép không đúng, đã dùng, hoặc đã quá 10 phút. Mời tạo mã mới: sipas screens code " + name);
    const raw = Uint8Array.from(atob(told.key), (letter) => letter.charCodeAt(0));
    const key = await crypto.subtle.importKey("raw", raw, { name: "HMAC", hash: "SHA-256" }, false, ["sign"]);
    await stored({ ...told, key });
    location.reload();
  } catch (error) {
    askForCode("Chưa tới được máy chủ. Mời xem lại mạng rồi thử lại.");
  }
});

if (!globalThis.crypto || !crypto.subtle) {
  askForCode("Trình duyệt chỉ cho phép việc này trên địa chỉ https. Mời mở lại bằng địa chỉ https của tỉnh.");
} else {
  navigator.serviceWorker?.register("/screen/worker.js", { scope: "/screen/" });
  navigator.storage?.persist?.();
  const kept = await stored();
  if (kept) {
    showAlways(kept);
    checkIn(kept);
    setInterval(async () => checkIn(await stored()), A_DAY);
    addEventListener("online", async () => checkIn(await stored()));
  } else askForCode();
}
