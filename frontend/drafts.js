// What is typed into a form marked `data-draft` is kept on the server after a pause, and when the page is left.
// Nothing is stored in the browser.
const PAUSE = 2000;
const LONGEST = 10000; // somebody who types without a pause

function textsOf(form) {
  const texts = new URLSearchParams();
  for (const [name, value] of new FormData(form)) if (typeof value === "string") texts.append(name, value);
  texts.set("_draft", "save");
  return texts;
}

function keep(form) {
  const note = form.querySelector("[data-draft-note]");
  let timer = 0;
  let since = 0; // when the first change came that is not kept yet; 0 when everything is

  function say(text) {
    if (note && note.textContent !== text) note.textContent = text;
  }

  async function save(leaving) {
    clearTimeout(timer);
    if (!since) return;
    const began = since;
    since = 0;
    try {
      const answer = await fetch(form.action, {
        method: "POST", body: textsOf(form), headers: { Accept: "application/json" }, keepalive: leaving,
      });
      if (!answer.ok) throw new Error(String(answer.status));
      say((await answer.json()).text);
    } catch {
      since = since || began;
      say(note?.dataset.notKept ?? "");
    }
  }

  form.addEventListener("input", () => {
    since = since || Date.now();
    clearTimeout(timer);
    timer = setTimeout(save, Math.max(0, Math.min(PAUSE, since + LONGEST - Date.now())), false);
  });
  form.addEventListener("submit", () => {
    clearTimeout(timer);
    since = 0;
  });
  window.addEventListener("pagehide", () => save(true));
}

export function keepDrafts(scope) {
  for (const form of scope.querySelectorAll("form[data-draft]")) keep(form);
}
