/* Planner: sliders and numbers in step, the address up to date, copy and print. Without this
   script the sliders count when the form is sent. */
(() => {
  "use strict";
  const form = document.querySelector("[data-planner]");
  if (!form) return;
  form.querySelectorAll("[data-of]").forEach((slider) => slider.removeAttribute("name"));
  form.querySelectorAll("[name$=_was]").forEach((hidden) => hidden.remove());
  form.addEventListener("input", ({ target }) => {
    const number = target.dataset.of && form.elements[target.dataset.of];
    if (number) number.value = target.value;
    else { const slider = form.querySelector(`[data-of="${target.name}"]`); if (slider) slider.value = target.value; }
  }, true);

  const buttons = () => document.querySelectorAll("[data-copy],[data-print]").forEach((button) => { button.hidden = false; });
  let timer = 0;
  const settle = () => {
    buttons();
    clearTimeout(timer); // browsers refuse an address that changes with every step of a slider
    timer = setTimeout(() => { const link = document.getElementById("pl-link"); if (link) history.replaceState(history.state, "", link.value); }, 400);
  };
  document.addEventListener("htmx:after:swap", settle);
  buttons();

  document.addEventListener("click", async (event) => {
    const outcome = event.target.closest("[data-outcome]"), copy = event.target.closest("[data-copy]");
    if (outcome) {
      event.preventDefault();
      form.elements.outcome.value = outcome.dataset.outcome;
      form.dispatchEvent(new Event("input", { bubbles: true }));
    }
    if (copy) {
      const link = document.getElementById("pl-link");
      link.select();
      try { await navigator.clipboard.writeText(link.value); } catch { document.execCommand("copy"); }
      document.dispatchEvent(new CustomEvent("toast", { detail: { text: copy.dataset.done } }));
    }
    if (event.target.closest("[data-print]")) window.print();
  });
})();
