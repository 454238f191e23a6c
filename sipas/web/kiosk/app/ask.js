// One person's answers: which question comes next, what is left out, and what is sealed at the end. Nothing here is ever stored.

import { band } from "./clock.js";

const OVERALL = "HL";
const SECTOR = { name: "sector", kind: "sector" };

export class Sheet {
  constructor(bundle, day) {
    this.bundle = bundle;
    this.offers = bundle ? bundle.offers.filter((offer) => offer.first <= day && day <= offer.last) : [];
    this.offer = this.offers.length === 1 ? this.offers[0] : null;
    this.given = {};
    this.comment = "";
    this.place = 0;
    this.reminded = false;
    this.began = 0;
  }

  get open() {
    return this.offers.length > 0;
  }

  // The questions in their order; those about a result wait for one, as the server's own reading of a form has it.
  get questions() {
    const sector = this.offers.length > 1 ? [SECTOR] : [];
    if (!this.offer) return sector;
    const stage = this.given.stage || "";
    const shown = (one) => !one.waits || stage === "" || this.offer.results.includes(stage);
    return [...sector, ...this.offer.questions.filter(shown)];
  }

  get question() {
    return this.questions[this.place];
  }

  get done() {
    return this.place >= this.questions.length && this.offer !== null;
  }

  // "remind" once for the overall question, else onwards.
  answer(value) {
    if (!this.began) this.began = performance.now();
    const { name, kind } = this.question;
    if (kind === "sector") this.offer = this.offers.find((offer) => offer.sector === value);
    else if (value) this.given[name] = value;
    else delete this.given[name];
    if (name === OVERALL && !value && !this.reminded) {
      this.reminded = true;
      return "remind";
    }
    this.place += 1;
    return "";
  }

  back() {
    this.place = Math.max(0, this.place - 1);
  }

  get form() {
    return this.offer.form;
  }

  get duration() {
    return band((performance.now() - this.began) / 1000);
  }

  content(language) {
    const answers = {};
    for (const { name } of this.questions) {
      if (!["sector", "stage", "respondent", "filing"].includes(name) && this.given[name]) answers[name] = this.given[name];
    }
    const { length, asked } = this.bundle;
    const { sector, wave } = this.offer;
    const { stage = "", respondent = "", filing = "" } = this.given;
    const lang = language === "vi" ? "vi" : "other"; // the class, never the language
    return { sector, asked, length, lang, wave, stage, respondent, filing, answers, comment: this.comment };
  }
}
