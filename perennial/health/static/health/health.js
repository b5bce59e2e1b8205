/* Editor of a profile: sliders and numbers in step, shares of the weight at once. */
(() => {
  "use strict";
  const share = (form) => {
    const weights = [...form.querySelectorAll("[data-weight]")];
    const total = weights.reduce((sum, one) => sum + Math.max(0, Number(one.value) || 0), 0);
    weights.forEach((one) => {
      const told = form.querySelector(`[data-share="${one.name}"]`);
      if (told) told.textContent = total ? `${Math.round(100 * Math.max(0, Number(one.value) || 0) / total)}%` : "–";
    });
  };
  document.addEventListener("input", ({ target }) => {
    const form = target.closest("[data-draft]");
    if (!form) return;
    if (target.dataset.of) form.elements[target.dataset.of].value = target.value;
    else if ("weight" in target.dataset) form.querySelector(`[data-of="${target.name}"]`).value = target.value;
    share(form);
  }, true);
})();
