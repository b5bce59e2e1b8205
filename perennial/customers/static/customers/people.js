/* The org map by arrows: right to the first report, left to the manager, up and down among equals. */
(() => {
  "use strict";
  if (window.perennialOrgMap) return; // the tab was drawn anew
  window.perennialOrgMap = true;
  document.addEventListener("keydown", (event) => {
    const now = event.target.closest?.(".org a");
    if (!now || event.metaKey || event.ctrlKey || event.altKey) return;
    const all = [...now.closest(".org").querySelectorAll("a")];
    const up = (one) => one.dataset.up || "";
    const equals = all.filter((one) => up(one) === up(now));
    const at = equals.indexOf(now);
    const next = {
      ArrowRight: all.find((one) => up(one) === now.id),
      ArrowLeft: up(now) && document.getElementById(up(now)),
      ArrowDown: equals[at + 1],
      ArrowUp: equals[at - 1],
      Home: all[0],
      End: all.at(-1),
    };
    if (!(event.key in next)) return;
    event.preventDefault();
    event.stopPropagation();
    next[event.key] && next[event.key].focus();
  });
})();
