// Every screen of the kiosk: a poster one can touch, one question at a time, and what comes after.
// One question a screen, because six items with six choices each do not fit a tablet that is read standing, and what must be scrolled to is missed.

import { current, draw, face, group, isReviewed, languages, nameOf, picture, say, show, speak, square, tell, write } from "./speak.js";
import { listen } from "./sound.js";

const heading = (text) => draw("h1", {}, text);
const quiet = (text, press) => draw("button", { type: "button", class: "button quiet", press }, text);
const strong = (text, press, about = {}) => draw("button", { type: "button", class: "button", press, ...about }, text);

function tongues(redraw) {
  const buttons = languages.map((code) =>
    draw("button", { type: "button", lang: code, class: "tongue", "aria-pressed": String(code === current()), press: () => (speak(code), redraw()) }, nameOf(code)),
  );
  return draw("div", { class: "tongues", role: "group", "aria-label": say("language") }, ...buttons);
}

function masthead(bundle, redraw, sector) {
  const where = draw("p", { class: "place" }, tell(bundle.unit), draw("br"), draw("span", { lang: "vi" }, bundle.counter), sector ? " · " : "", sector ? tell(sector) : "");
  const told = isReviewed() ? null : draw("p", { class: "note" }, say("unreviewed"));
  return draw("div", {}, draw("header", { class: "head" }, where, tongues(redraw)), told);
}

function choices(question, sheet, onAnswer, label) {
  const chosen = sheet.given[question.name];
  const options = question.kind === "sector" ? sheet.offers.map((one) => ({ value: one.sector, text: one.words, name: one.name })) : question.options;
  const buttons = options.map((option) => {
    const pressed = String(option.value === chosen || (question.kind === "sector" && sheet.offer && sheet.offer.sector === option.value));
    const scale = question.kind === "scale";
    const kind = "choice" + (scale && option.value === "0" ? " beside" : "");
    const text = option.name ? draw("span", {}, draw("strong", {}, tell(option.name)), draw("br"), tell(option.text)) : draw("span", {}, tell(option.text));
    return draw("button", { type: "button", class: kind, "aria-pressed": pressed, "data-value": option.value, press: () => onAnswer(option.value) }, scale ? face(option.value) : null, text);
  });
  return group(buttons, { class: question.kind === "scale" ? "scale" : "list", "aria-label": label });
}

const wording = (question) => (question.kind === "sector" ? say("which_sector") : tell(question.text));

// The question with its choices, read aloud; what is written on the screen goes on standing there.
function reading(asked, sheet, number) {
  const options = asked.kind === "sector" ? [].concat(...sheet.offers.map((one) => [tell(one.name), tell(one.words)])) : asked.options.map((one) => tell(one.text));
  const words = [asked.stem ? tell(asked.stem) : "", wording(asked), ...options];
  return listen({ form: sheet.offer ? sheet.offer.form.split("@")[0] : "", item: asked.name, words, label: say("listen", { number }) });
}

// The poster: why, the promises, and the first question itself, so that nobody has to press "begin".
export function poster({ bundle, sheet, about, on }) {
  const question = sheet.question;
  const text = wording(question);
  const phone = bundle.contact.phone ? draw("p", { class: "aside" }, say("phone", { phone: bundle.contact.phone })) : null;
  show(
    say("invite"),
    masthead(bundle, on.redraw),
    draw(
      "div",
      { class: "poster" },
      draw(
        "div",
        { class: "welcome" },
        heading(say("invite")),
        draw("p", { class: "promise-line" }, say("unseen")),
        draw("p", {}, say("nameless")),
        draw("p", {}, say("voluntary")),
        listen({ item: "promise", words: ["invite", "unseen", "nameless", "voluntary"].map((name) => say(name)), label: say("listen_promise") }),
      ),
      draw("div", { class: "first" }, draw("h2", {}, text), draw("div", { class: "beneath" }, draw("p", { class: "aside" }, say(question.kind === "scale" ? "touch_face" : "touch")), reading(question, sheet, 1)), choices(question, sheet, on.answer, text)),
    ),
    footer(about, phone, quiet(say("at_home"), on.home)),
  );
}

const waiting = (pending) => (pending ? say("pending", { count: pending }) : say("all_sent"));

// What whoever looks after the tablet should know, in one sentence with its cure.
const trouble = (away) => (away ? say("away_" + away, { host: location.host, now: new Date().toLocaleString("vi-VN") }) : "");

// The two counts and the word to the staff alone: a poster that is drawn anew under a finger loses its touch.
export function recount({ tally, pending, away }) {
  write(document.getElementById("tally"), say("today", { count: tally }));
  write(document.getElementById("pending"), waiting(pending));
  const line = document.getElementById("away");
  if (line.textContent !== String(trouble(away))) write(line, trouble(away));
}

function footer({ tally, pending, kiosk, away }, phone, later) {
  const counts = draw("p", {}, draw("strong", { id: "tally" }, say("today", { count: tally })), " · ", draw("span", { id: "pending", role: "status" }, waiting(pending)));
  const small = draw("p", { class: "aside" }, say("kiosk", { code: kiosk }), " · " + document.body.dataset.version);
  const staff = draw("p", { id: "away", class: "away", role: "status" }, trouble(away));
  return draw("footer", { class: "foot" }, draw("div", {}, counts, staff, draw("p", { class: "aside" }, say("not_complaint")), phone, small), later);
}

export function question({ bundle, sheet, remind, on }) {
  const asked = sheet.question;
  const text = wording(asked);
  const total = sheet.questions.length;
  const stem = asked.stem ? tell(asked.stem) : "";
  show(
    text,
    masthead(bundle, on.redraw, bundle.asked && sheet.offer ? sheet.offer.name : null),
    progress(sheet.place, total),
    draw(
      "div",
      { class: "asked" },
      draw("div", { class: "beneath" }, draw("p", { class: "count" }, say("progress", { number: sheet.place + 1, total })), reading(asked, sheet, sheet.place + 1)),
      stem ? draw("p", { class: "stem" }, stem) : null,
      heading(text),
      remind ? draw("p", { class: "note", role: "status" }, say("remind")) : null,
      choices(asked, sheet, on.answer, text),
    ),
    draw(
      "div",
      { class: "row" },
      sheet.place ? quiet(say("back"), on.back) : null,
      asked.kind === "sector" ? null : quiet(say("skip"), () => on.answer("")),
      quiet(say("start_over"), on.reset),
    ),
    draw("p", { class: "aside unseen" }, say("unseen")),
  );
}

function progress(place, total) {
  return draw("div", { class: "progress", "aria-hidden": "true" }, ...Array.from({ length: total }, (_, at) => draw("span", { class: at < place ? "done" : at === place ? "here" : "" })));
}

export function ready({ bundle, sheet, on }) {
  const total = sheet.questions.length;
  const box = bundle.comments ? draw("textarea", { id: "comment", rows: "4", maxlength: "2000", autocomplete: "off", autocapitalize: "sentences", spellcheck: "false", "aria-describedby": "comment-hint" }) : null;
  const field = box ? draw("div", { class: "field" }, draw("label", { for: "comment" }, say("comment")), listen({ item: "comment", words: [say("comment"), say("comment_hint")], label: say("listen_comment") }), draw("p", { class: "aside", id: "comment-hint" }, say("comment_hint")), box) : null;
  if (box) {
    box.value = sheet.comment;
    box.addEventListener("input", () => (sheet.comment = box.value));
  }
  show(
    say("ready"),
    masthead(bundle, on.redraw, bundle.asked && sheet.offer ? sheet.offer.name : null),
    progress(total, total),
    draw("div", { class: "asked" }, heading(say("ready")), draw("p", {}, say("ready_more")), field, strong(say("send"), on.send, { id: "send" })),
    draw("div", { class: "row" }, quiet(say("back"), on.back), quiet(say("start_over"), on.reset)),
    draw("p", { class: "aside unseen" }, say("unseen")),
  );
}

// Less than twenty seconds after the answer before: the button says how long.
export function hold(seconds) {
  const button = document.getElementById("send");
  if (!button) return;
  button.disabled = seconds > 0;
  write(button, seconds > 0 ? say("send_wait", { seconds }) : say("send"));
}

// The receipt stands here and nowhere else: whoever wants it takes it along.
export async function thanks({ receipt, where, on }) {
  const text = receipt.replace(/(.{5})(?=.)/, "$1 ");
  const square = await picture((where + "/" + receipt).toUpperCase(), say("receipt_picture"));
  const code = draw("div", { class: "receipt" }, draw("p", {}, say("receipt")), draw("p", { class: "receipt-code" }, text));
  const more = draw("p", { class: "aside" }, say("receipt_where", { address: where }));
  show(
    say("thanks"),
    draw(
      "div",
      { class: "thanks" },
      draw("div", { class: "plain" }, heading(say("thanks")), draw("p", {}, say("thanks_more")), code, draw("p", { class: "aside" }, say("receipt_more")), more),
      square ? draw("div", { class: "side" }, square) : null,
    ),
    draw("p", { id: "left", class: "aside" }),
    draw("div", { class: "row" }, strong(say("finish"), on.reset), quiet(say("linger"), on.linger), listen({ item: "thanks", words: [say("thanks"), say("thanks_more"), say("receipt_more")], label: say("listen_thanks") })),
  );
}

export const left = (seconds) => write(document.getElementById("left"), say("receipt_left", { seconds }));

export function home(code, on) {
  if (!code) {
    notice("home_none", "home_none_cure", say("back"), on.reset);
    return;
  }
  const day = code.until.split("-").reverse().join("/");
  show(
    say("home_title"),
    draw(
      "div",
      { class: "plain" },
      heading(say("home_title")),
      draw("p", {}, say("home_steps")),
      square(code.rows, say("home_picture")),
      draw("p", { class: "address" }, code.address),
      draw("p", { class: "address" }, code.code.replace(/(.{4})(?=.)/g, "$1 ")),
      draw("p", {}, say("home_until", { day })),
      strong(say("finish"), on.reset),
    ),
  );
}

// What cannot be done, and the cure; with a button where there is something to press.
export function notice(title, cure, button, press) {
  show(say(title), draw("div", { class: "plain" }, heading(say(title)), draw("p", {}, say(cure)), button ? strong(button, press) : null));
}

export function pairing(onPair, problem = "") {
  const field = draw("input", { id: "code", type: "text", autocomplete: "off", autocapitalize: "characters", spellcheck: "false", maxlength: "16", "aria-describedby": "pair-steps" });
  const press = () => onPair(field.value);
  field.addEventListener("keydown", (event) => event.key === "Enter" && press());
  show(
    say("pair_title"),
    draw("header", { class: "head" }, draw("p", { class: "place" }, "SIPAS"), tongues(() => pairing(onPair, problem))),
    draw(
      "div",
      { class: "plain" },
      heading(say("pair_title")),
      draw("p", { id: "pair-steps" }, say("pair_steps")),
      problem ? draw("p", { class: "wrong", role: "alert" }, say(problem)) : null,
      draw("div", { class: "field" }, draw("label", { for: "code" }, say("pair_code")), field),
      strong(say("pair"), press),
    ),
  );
}

export function warn(seconds, onStay) {
  let box = document.getElementById("warning");
  if (!box) {
    const stay = strong(say("stay"), onStay);
    const inner = draw("div", { class: "plain" }, draw("h2", { id: "warning-title" }, say("still_there")), draw("p", { id: "warning-more" }), stay);
    box = draw("div", { id: "warning", role: "alertdialog", "aria-modal": "true", "aria-labelledby": "warning-title", "aria-describedby": "warning-more" }, inner);
    document.body.append(box);
    document.getElementById("main").inert = true;
    stay.focus();
  }
  write(document.getElementById("warning-more"), say("will_reset", { seconds }));
}

export function calm() {
  const box = document.getElementById("warning");
  if (box) box.remove();
  document.getElementById("main").inert = false;
}
