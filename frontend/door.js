// The public pages of a school: small, and nothing of it keeps anything in the browser.
import { Button, ErrorSummary, SkipLink, createAll } from "govuk-frontend";
import { startButtons } from "./buttons.js";

document.body.classList.add("js-enabled", "govuk-frontend-supported");
for (const component of [Button, ErrorSummary, SkipLink]) createAll(component);
startButtons();
