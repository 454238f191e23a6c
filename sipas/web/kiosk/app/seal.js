// The protocol's arithmetic on WebCrypto: canonical JSON, sealing to the server (JWE, ECDH-ES and A256GCM), ES256 signatures.

const CURVE = { name: "ECDH", namedCurve: "P-256" };
const SIGNING = { name: "ECDSA", namedCurve: "P-256" };
const ES256 = { name: "ECDSA", hash: "SHA-256" };
const BLOCK = 512; // sealed answers are padded to a multiple, so that their length tells nothing
const bytesOf = (text) => new TextEncoder().encode(text);

export function toText(buffer) {
  let letters = "";
  for (const byte of new Uint8Array(buffer)) letters += String.fromCharCode(byte);
  return btoa(letters).replace(/\+/g, "-").replace(/\//g, "_").replace(/=+$/, "");
}

export function fromText(text) {
  const letters = atob(text.replace(/-/g, "+").replace(/_/g, "/"));
  return Uint8Array.from(letters, (letter) => letter.charCodeAt(0));
}

const hex = (buffer) => Array.from(new Uint8Array(buffer), (byte) => byte.toString(16).padStart(2, "0")).join("");

export const random = (count) => hex(crypto.getRandomValues(new Uint8Array(count)));

export function newIid() {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  bytes[6] = (bytes[6] & 0x0f) | 0x40;
  bytes[8] = (bytes[8] & 0x3f) | 0x80;
  return hex(bytes).replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, "$1-$2-$3-$4-$5");
}

// What somebody takes along: ten characters of which nothing stays here, since the stub is sealed with the answers.
export async function receiptOf(iid, stub) {
  const digest = new Uint8Array(await crypto.subtle.digest("SHA-256", bytesOf("KS1|receipt|" + iid + "|" + stub)));
  return Array.from(digest.slice(0, 10), (byte) => "0123456789ABCDEFGHJKMNPQRSTVWXYZ"[byte & 31]).join("");
}

// A flat object of ASCII names and texts or whole numbers: its RFC 8785 form.
export function canonical(flat) {
  return "{" + Object.keys(flat).sort().map((name) => JSON.stringify(name) + ":" + JSON.stringify(flat[name])).join(",") + "}";
}

export const sha256 = async (text) => hex(await crypto.subtle.digest("SHA-256", bytesOf(text)));

// The private half can be used and never read, by this page or anybody else.
export const newKeys = () => crypto.subtle.generateKey(SIGNING, false, ["sign", "verify"]);

export const pointOf = async (keys) => toText(await crypto.subtle.exportKey("raw", keys.publicKey));

export const sign = async (keys, text) => toText(await crypto.subtle.sign(ES256, keys.privateKey, bytesOf(text)));

// Whether the server, known by its public key `word`, said this for this purpose.
export async function isSaid(word, purpose, text, signature) {
  try {
    const key = await crypto.subtle.importKey("raw", fromText(word), SIGNING, false, ["verify"]);
    return await crypto.subtle.verify(ES256, key, fromText(signature), bytesOf("KS1|" + purpose + "|" + text));
  } catch (error) {
    return false;
  }
}

// RFC 7518, 4.6.2, for one round: what both sides make of their shared secret.
async function contentKey(shared) {
  const count = (number) => [number >>> 24, (number >>> 16) & 255, (number >>> 8) & 255, number & 255];
  const name = bytesOf("A256GCM");
  const whole = new Uint8Array([...count(1), ...new Uint8Array(shared), ...count(name.length), ...name, ...count(0), ...count(0), ...count(256)]);
  const digest = await crypto.subtle.digest("SHA-256", whole);
  return crypto.subtle.importKey("raw", digest, "AES-GCM", false, ["encrypt"]);
}

// The content as a JWE that only the server opens: this tablet keeps nothing with which it could.
export async function seal(content, year, point) {
  const server = await crypto.subtle.importKey("raw", fromText(point), CURVE, false, []);
  const own = await crypto.subtle.generateKey(CURVE, false, ["deriveBits"]);
  const raw = new Uint8Array(await crypto.subtle.exportKey("raw", own.publicKey));
  const epk = { kty: "EC", crv: "P-256", x: toText(raw.slice(1, 33)), y: toText(raw.slice(33)) };
  const head = toText(bytesOf(JSON.stringify({ alg: "ECDH-ES", enc: "A256GCM", kid: year, epk })));
  const shared = await crypto.subtle.deriveBits({ name: "ECDH", public: server }, own.privateKey, 256);
  const plain = bytesOf(JSON.stringify(content));
  const padded = new Uint8Array(Math.ceil(plain.length / BLOCK) * BLOCK).fill(32);
  padded.set(plain);
  plain.fill(0);
  const iv = crypto.getRandomValues(new Uint8Array(12));
  const how = { name: "AES-GCM", iv, additionalData: bytesOf(head), tagLength: 128 };
  const sealed = new Uint8Array(await crypto.subtle.encrypt(how, await contentKey(shared), padded));
  padded.fill(0);
  return [head, "", toText(iv), toText(sealed.slice(0, -16)), toText(sealed.slice(-16))].join(".");
}
