/* Data sources: copying a key or snippet; the live view waits while somebody reads an event. */
(() => {
  "use strict";
  const copy = async (button) => {
    const from = document.querySelector(button.dataset.copy), text = from.value ?? from.textContent;
    try {
      await navigator.clipboard.writeText(text);
    } catch { // not on https: choose it, and let the browser copy what is chosen
      if (from.select) from.select(); else getSelection().selectAllChildren(from);
      if (!document.execCommand("copy")) return;
    }
    const label = button.querySelector("span"), before = label.textContent;
    label.textContent = button.dataset.copied;
    setTimeout(() => { label.textContent = before; }, 1600);
  };
  document.addEventListener("click", (event) => {
    const button = event.target.closest("[data-copy]");
    if (button) copy(button);
  });
  document.addEventListener("htmx:before:request", (event) => {
    const live = event.target.closest?.("#live");
    if (live && live.querySelector("details[open]")) event.preventDefault();
  });
})();
