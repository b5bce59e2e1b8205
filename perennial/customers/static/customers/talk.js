/* After an @ in [data-mention]: a listbox of colleagues; arrows choose, Enter or Tab writes the name.
   The page's own script fetches this one when such a field gets the focus. */
(() => {
  "use strict";
  let field = null, list = null, asked = "", timer = 0;
  const open = (area) => {
    if (field === area) return;
    close();
    field = area;
    list = document.createElement("ul");
    list.className = "colleagues";
    list.id = "colleagues";
    list.hidden = true;
    list.setAttribute("role", "listbox");
    list.setAttribute("aria-label", "@");
    area.after(list);
    area.setAttribute("aria-autocomplete", "list");
  };
  const close = () => {
    clearTimeout(timer);
    list?.remove();
    ["aria-activedescendant", "aria-controls"].forEach((name) => field?.removeAttribute(name));
    field = list = null;
  };
  const typed = (area) => /(?:^|[^\w])@([^\s@]{0,40})$/.exec(area.value.slice(0, area.selectionStart))?.[1];
  const options = () => [...(list?.children ?? [])];
  const select = (index) => options().forEach((option, at) => {
    option.setAttribute("aria-selected", at === index);
    option.id = `colleague-${at}`;
    if (at === index) field.setAttribute("aria-activedescendant", option.id);
  });
  const write = (option) => {
    const area = field, end = area.selectionStart, start = end - typed(area).length;
    area.setRangeText(`${option.dataset.handle} `, start, end, "end");
    close();
    area.focus();
  };
  const look = async (area) => {
    const word = typed(area);
    if (word === undefined) { close(); return; }
    open(area);
    asked = word;
    const response = await fetch(`${area.dataset.mention}?q=${encodeURIComponent(word)}`, { headers: { "HX-Request": "true" } }).catch(() => null);
    if (!response?.ok || field !== area || asked !== word) return;
    list.innerHTML = await response.text();
    list.hidden = !list.childElementCount;
    if (!list.hidden) { area.setAttribute("aria-controls", list.id); select(0); }
  };
  const later = (event) => {
    if (!event.target.matches?.("[data-mention]") || event.isComposing) return;
    clearTimeout(timer);
    timer = setTimeout(look, 120, event.target);
  };
  document.addEventListener("input", later);
  document.addEventListener("compositionend", later);
  later({ target: document.activeElement });  // what was typed while this file was on its way
  document.addEventListener("keydown", (event) => {
    if (event.target !== field || !list || list.hidden || event.isComposing) return;
    const all = options(), now = all.findIndex((option) => option.getAttribute("aria-selected") === "true");
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (step) select((now + step + all.length) % all.length);
    else if (event.key === "Enter" || event.key === "Tab") write(all[now]);
    else if (event.key === "Escape") close();
    else return;
    event.preventDefault();
    event.stopPropagation();
  }, true);
  document.addEventListener("mousedown", (event) => {
    const option = event.target.closest?.(".colleagues [role=option]");
    if (option) { event.preventDefault(); write(option); } else if (field && event.target !== field) close();
  });
})();
