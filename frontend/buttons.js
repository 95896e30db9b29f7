// Buttons that need a script, or do better with one.
export function startButtons() {
  // Without script the browser's own menu prints.
  for (const printer of document.querySelectorAll("[data-print]")) {
    printer.hidden = false;
    printer.addEventListener("click", () => window.print());
  }

  // Without script a code is marked and copied by hand. What the button says afterwards stands in its attribute.
  for (const copier of document.querySelectorAll("[data-copy]")) {
    if (!navigator.clipboard) continue;
    copier.hidden = false;
    copier.addEventListener("click", async () => {
      await navigator.clipboard.writeText(document.getElementById(copier.dataset.copy).textContent.trim());
      copier.textContent = copier.dataset.copied;
    });
  }

  // The exit button empties the page at once and puts another one in its place in the history of this tab.
  for (const exit of document.querySelectorAll("[data-exit]")) {
    exit.addEventListener("click", (event) => {
      event.preventDefault();
      document.body.replaceChildren();
      document.title = "";
      window.location.replace(exit.href);
    });
  }
}
