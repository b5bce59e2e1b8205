/* Buttons of the bulk bar open a sheet at their form's address, with what is chosen. */
document.addEventListener("click", (event) => {
  const act = event.target.closest("[data-bulk-act]");
  if (!act) return;
  const chosen = new URLSearchParams(new FormData(act.form));
  chosen.set("act", act.value);
  act.dataset.sheet = `${act.form.action}?${chosen}`;
}, true);
