/* A sheet for the rows that are ticked: its address is the form's, with what is chosen. */
document.addEventListener("click", (event) => {
  const opener = event.target.closest("[data-sheet-of-form]");
  if (opener) opener.dataset.sheet = `${opener.getAttribute("formaction") || opener.form.getAttribute("action")}?${new URLSearchParams(new FormData(opener.form))}`;
}, true);
