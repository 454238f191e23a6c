// Where scripts run: a button that reads a question aloud, and a word instead of a lost page where there is no network.
// Without it nothing is missing. Only voices on the phone itself are used: no text leaves it.
"use strict";
(() => {
  const words = document.currentScript.dataset, form = document.forms[0], speech = window.speechSynthesis;
  const make = (tag, given) => Object.assign(document.createElement(tag), { lang: words.lang }, given);
  const note = make("p", { className: "note", role: "alert" });
  form.onsubmit = (event) => {
    if (navigator.onLine) return;
    event.preventDefault();
    note.textContent = words.offline;
    form.querySelector("[type=submit]").before(note);
  };
  if (!speech) return;
  const voice = (lang) => speech.getVoices().find((one) => one.localService && one.lang.split(/[-_]/)[0] == lang);
  const offer = () => form.querySelectorAll("fieldset").forEach((field) => {
    const parts = [...field.querySelectorAll("legend, label")].map((said) => [
      said.textContent, (said.querySelector("[lang]") || said.closest("[lang]")).lang,
    ]);
    if (field.querySelector("audio, .read") || !parts.every(([, lang]) => voice(lang))) return;
    const button = make("button", { type: "button", className: "read" });
    const show = (reading) => {
      button.textContent = reading ? words.stop : words.read.replace("#", parseInt(parts[0][0]));
      button.value = reading ? 1 : "";
    };
    button.onclick = () => {
      const stop = button.value;
      speech.cancel();
      show(!stop);
      if (stop) return;
      let left = parts.length;
      for (const [text, lang] of parts) {
        const said = Object.assign(new SpeechSynthesisUtterance(text), { lang, voice: voice(lang) });
        said.onend = said.onerror = () => --left || show(false);
        speech.speak(said);
      }
    };
    show(false);
    field.firstElementChild.after(button);
  });
  offer();
  speech.onvoiceschanged = offer;
  onpagehide = () => speech.cancel();
})();
