import { Button, CharacterCount, ErrorSummary, PasswordInput, Radios, ServiceNavigation, SkipLink, createAll } from "govuk-frontend";
import htmx from "htmx.org";
import { connectBodies } from "./body.js";
import { startButtons } from "./buttons.js";
import { keepDrafts } from "./drafts.js";

const components = [Button, CharacterCount, ErrorSummary, PasswordInput, Radios, ServiceNavigation, SkipLink];

// Chromium says it formats Kazakh and then does it the English way.
const plain = Number.prototype.toLocaleString;
Number.prototype.toLocaleString = function toLocaleString(locale, options) {
  const spaced = String(locale ?? document.documentElement.lang).startsWith("kk") ? "ru" : locale;
  return plain.call(this, spaced, options);
};

function start(scope) {
  for (const component of components) createAll(component, undefined, scope);
  keepDrafts(scope);
  connectBodies(scope);
}

document.body.classList.add("js-enabled", "govuk-frontend-supported");
htmx.config.allowEval = false;
start(document);
document.body.addEventListener("htmx:afterSwap", (event) => start(event.detail.target));

startButtons();

// The link of an invitation carries its code behind the #: into the field with it, and out of the address and the history.
const code = document.querySelector("[data-code]");
if (code && window.location.hash.length > 1) {
  code.value = window.location.hash.slice(1);
  window.history.replaceState(null, "", window.location.pathname);
}
