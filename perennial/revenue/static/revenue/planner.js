/* Planner: sliders and numbers in step, the address up to date, copy and print. Without this
   script the sliders count when the form is sent. */
(() => {
  "use strict";
  const form = document.querySelector("[data-planner]");
  if (!form) return;
  form.querySelectorAll("[data-of]").forEach((slider) => slider.removeAttribute("name"));
  form.querySelectorAll("[name$=_was]").forEach((hidden) => hidden.remove());
  const half = (target) => target.type === "number" && target.value === ""; // emptied, or "-": still being typed
  form.addEventListener("change", ({ target }) => { if (half(target)) form.dispatchEvent(new Event("input")); });
  form.addEventListener("input", (event) => {
    const { target } = event;
    if (half(target)) { event.stopPropagation(); return; }
    const number = target.dataset.of && form.elements[target.dataset.of];
    if (number) number.value = target.value;
    else { const slider = form.querySelector(`[data-of="${target.name}"]`); if (slider) slider.value = target.value; }
  }, true);

  /* The link as this browser reaches the page: a proxy may have another name for it */
  const link = () => document.getElementById("pl-link");
  const ready = () => {
    document.querySelectorAll("[data-copy],[data-print]").forEach((button) => { button.hidden = false; });
    if (link()) link().value = location.origin + location.pathname + new URL(link().value).search;
  };
  let timer = 0;
  const settle = () => {
    ready();
    clearTimeout(timer); // browsers refuse an address that changes with every step of a slider
    timer = setTimeout(() => { if (link()) history.replaceState(history.state, "", link().value); }, 400);
  };
  document.addEventListener("htmx:after:swap", settle);
  ready();

  document.addEventListener("click", async (event) => {
    const outcome = event.target.closest("[data-outcome]"), copy = event.target.closest("[data-copy]");
    if (outcome) {
      event.preventDefault();
      form.elements.outcome.value = outcome.dataset.outcome;
      form.dispatchEvent(new Event("input", { bubbles: true }));
    }
    if (copy) {
      link().select();
      try { await navigator.clipboard.writeText(link().value); } catch { document.execCommand("copy"); }
      document.dispatchEvent(new CustomEvent("toast", { detail: { text: copy.dataset.done } }));
    }
    if (event.target.closest("[data-print]")) window.print();
  });
})();
