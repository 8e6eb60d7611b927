// The language of the page: of its address, else of the browser; changed by a button.

import { SENTENCES } from "./words.js";

const LANGUAGES = ["en", "zh"];

let current = (() => {
  const asked = new URLSearchParams(globalThis.location?.search ?? "").get("lang");
  if (LANGUAGES.includes(asked)) return asked;
  return (globalThis.navigator?.language ?? "zh").startsWith("zh") ? "zh" : "en";
})();

export function language() {
  return current;
}

export function setLanguage(to) {
  current = to;
}

// One of the texts [English, Chinese].
export function pick(texts) {
  return texts[LANGUAGES.indexOf(current)];
}

export function say(name) {
  return pick(SENTENCES[name]);
}

// Puts every sentence that stands in the page's own HTML in the current language.
export function sayAll(document) {
  document.documentElement.lang = current === "zh" ? "zh-CN" : "en";
  document.title = say("title");
  for (const element of document.querySelectorAll("[data-say]")) {
    element.textContent = say(element.dataset.say);
  }
}
