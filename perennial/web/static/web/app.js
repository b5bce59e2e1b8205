/* Perennial's own script: keys, palette, rows, layers, toasts. No inline code, no eval. */
(() => {
  "use strict";
  const $ = (selector, root = document) => root.querySelector(selector);
  const $$ = (selector, root = document) => [...root.querySelectorAll(selector)];
  const root = document.documentElement;
  const box = (id) => document.getElementById(id);
  const typing = (event) => event.target.closest?.("input:not([type=checkbox],[type=radio]),textarea,select,[contenteditable]");
  const token = () => $("meta[name=csrf-token]").content;
  const keep = (name, value) => { document.cookie = `${name}=${value};path=/;max-age=31536000;samesite=lax`; };

  /* Theme: at once, in the cookie, and for the user */
  const isDark = () => root.dataset.theme === "dark" || (root.dataset.theme === "system" && matchMedia("(prefers-color-scheme: dark)").matches);
  const setTheme = (theme, url) => {
    root.dataset.theme = theme || "system";
    keep("theme", theme || "system");
    $$("[data-theme-set]").forEach((button) => button.setAttribute("aria-pressed", button.value === theme));
    fetch(url, { method: "POST", body: new URLSearchParams({ theme, csrfmiddlewaretoken: token() }), redirect: "manual" }).catch(() => {});
  };

  const undos = []; // buttons that take an act back, the latest last
  /* Toasts: HX-Trigger {"toast": "text"} or {"toast": {"text": …, "undo": url, "tone": "bad"}} */
  const toast = ({ text, undo, tone = "" }) => {
    const line = document.createElement("div");
    line.className = `toast ${tone}`;
    line.append(text);
    if (undo) {
      const button = document.createElement("button");
      button.type = "button";
      button.textContent = box("toasts").dataset.undo;
      button.dataset.key = "z";
      button.onclick = () => { line.remove(); keepPlace(); htmx.ajax("POST", undo, { source: document.body, swap: "none" }); };
      line.append(button);
      undos.push(button);
    }
    box("toasts").append(line);
    setTimeout(() => line.remove(), undo ? 10000 : 5000);
  };
  document.addEventListener("toast", ({ detail }) => toast(detail.text ? detail : { text: detail.value || detail }));
  $$("#toasts .toast").forEach((line) => setTimeout(() => line.remove(), 7000));
  document.addEventListener("htmx:response:error", (event) => { if (event.detail.ctx.response.status !== 422) toast({ text: box("toasts").dataset.failed, tone: "bad" }); });
  document.addEventListener("htmx:error", () => toast({ text: box("toasts").dataset.offline, tone: "bad" }));
  document.addEventListener("htmx:config:request", ({ detail }) => { if (detail.ctx.request.method !== "GET") detail.ctx.request.headers["X-CSRFToken"] = token(); });

  /* What is about to be replaced dims */
  const dim = (on) => ({ detail }) => { const target = detail.ctx.target; if (target && target !== document.body && target.classList) target.classList.toggle("loading", on); };
  document.addEventListener("htmx:before:request", dim(true));
  document.addEventListener("htmx:finally:request", dim(false));

  /* Palette: what is listed always belongs to what was typed; Enter waits for it */
  const palette = box("palette"), query = box("pal-q"), list = box("pal-list");
  let wantsEnter = false, timer = 0;
  const options = () => $$("[role=option]", list);
  const select = (index) => options().forEach((option, at) => {
    option.setAttribute("aria-selected", at === index);
    if (at === index) { option.id = "pal-now"; option.scrollIntoView({ block: "nearest" }); } else option.removeAttribute("id");
    if (at === index) query.setAttribute("aria-activedescendant", "pal-now");
  });
  const search = async () => {
    const asked = query.value.trim();
    try {
      const response = await fetch(`${palette.dataset.url}?q=${encodeURIComponent(asked)}`, { headers: { "HX-Request": "true" } });
      if (response.redirected || !response.ok) throw new Error(response.statusText);
      const html = await response.text();
      if (asked !== query.value.trim()) return;
      list.innerHTML = html;
      list.dataset.q = asked;
      list.classList.remove("stale");
      select(0);
      if (wantsEnter) options()[0]?.click();
    } catch { toast({ text: box("toasts").dataset.offline, tone: "bad" }); }
    wantsEnter = false;
  };
  const fresh = () => list.dataset.q === query.value.trim();
  const openPalette = () => { if (!palette || palette.open) return; palette.showModal(); query.value = ""; list.dataset.q = "\n"; wantsEnter = false; query.focus(); search(); };
  query?.addEventListener("input", (event) => {
    wantsEnter = false;
    if (event.isComposing) return;
    list.classList.toggle("stale", !fresh());
    clearTimeout(timer);
    timer = setTimeout(search, 90);
  });
  query?.addEventListener("compositionend", () => { clearTimeout(timer); timer = setTimeout(search, 90); });
  const paletteKey = (event) => {
    const all = options(), now = all.findIndex((option) => option.getAttribute("aria-selected") === "true");
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (step && all.length) { event.preventDefault(); select((now + step + all.length) % all.length); }
    if (event.key === "Escape") { event.preventDefault(); palette.close(); query.blur(); } // else the next key would still count as typing
    if (event.key === "Enter") { event.preventDefault(); if (fresh()) all[now]?.click(); else wantsEnter = true; }
  };

  /* Rows of [data-grid]: the current one, the chosen ones, the preview */
  const rows = () => $$("[data-grid] :is(tbody tr, [data-row])").filter((row) => row.offsetParent && row.ariaBusy !== "true");
  const current = () => $("[data-grid] .cur");
  let last = 0, lastId = ""; // where the current row stood, for when it leaves the list
  const loadPeek = (row) => { if (row?.dataset.peek) { box("peek").hidden = false; htmx.ajax("GET", row.dataset.peek, { target: "#peek", swap: "innerHTML" }); } };
  const goTo = (row) => {
    current()?.classList.remove("cur");
    row.classList.add("cur");
    last = rows().indexOf(row);
    lastId = row.id;
    row.scrollIntoView({ block: "nearest" });
    if (row.hasAttribute("tabindex") && !$("dialog[open]")) row.focus({ preventScroll: true });
    if (!box("peek").hidden) loadPeek(row);
  };
  const move = (step) => {
    const all = rows(), at = all.indexOf(current());
    const next = at < 0 ? last + Math.min(step, 0) : at + step;
    if (all.length) goTo(all[Math.max(0, Math.min(all.length - 1, next))]);
  };
  /* Rows with an id are work: when the current one leaves, or all are drawn anew, the place stays */
  const keepPlace = () => {
    if (!lastId) return;
    const all = rows(), row = box(lastId);
    const next = all.includes(row) ? row : all[Math.min(last, all.length - 1)];
    if (!next) box("main").focus();
    else if (next !== current() || document.activeElement === document.body) goTo(next);
  };
  document.addEventListener("rowleaves", () => { move(rows().length - 1 > last ? 1 : -1); });
  const checks = () => $$("[data-grid] :is(tbody, [data-row]) input[type=checkbox]");
  const count = () => {
    const chosen = checks().filter((one) => one.checked).length, bar = $("[data-bulk]");
    checks().forEach((one) => one.closest("tr,[data-row]").classList.toggle("sel", one.checked));
    if (bar) { bar.hidden = !chosen; $("[data-bulk-n]", bar).textContent = chosen; }
  };
  let lastCheck = null;

  /* Layers */
  const openSheet = (url) => { const sheet = box("sheet"); sheet.replaceChildren(); htmx.ajax("GET", url, { target: "#sheet", swap: "innerHTML" }).then(() => { if (!sheet.childElementCount) return; if (!sheet.open) sheet.showModal(); ($("[autofocus]", sheet) || $("input:not([type=hidden]),textarea,select", sheet))?.focus(); }); };
  // What a row answers late must not close the sheet that was opened since.
  document.addEventListener("sheet:close", ({ target }) => { if (!target.closest?.("[data-row]")) box("sheet").close(); });
  box("sheet")?.addEventListener("close", keepPlace);
  const closePeek = () => { const peek = box("peek"); if (peek) { peek.hidden = true; peek.replaceChildren(); } };

  document.addEventListener("click", (event) => {
    const at = (selector) => event.target.closest(selector);
    const theme = at("[data-theme-set],[data-theme-flip]");
    if (theme) { event.preventDefault(); setTheme(theme.matches("[data-theme-flip]") ? (isDark() ? "light" : "dark") : theme.value, theme.form.action); }
    if (at("[data-open-palette]")) openPalette();
    if (at("[data-open-keys]")) { event.preventDefault(); palette?.close(); box("keys").showModal(); }
    const sheet = at("[data-sheet]");
    if (sheet) { event.preventDefault(); palette?.close(); openSheet(sheet.dataset.sheet); }
    if (at("[data-close]")) at("dialog") ? at("dialog").close() : history.back();
    if (at("[data-peek-close]")) closePeek();
    const peek = at("[data-open-peek]");
    if (peek) { event.preventDefault(); const row = peek.closest("tr,[data-row]"); goTo(row); loadPeek(row); }
    if (at("[data-select]")) at("[data-select]").select();
    if (at("[data-bulk-clear]")) { checks().forEach((one) => { one.checked = false; }); count(); }
    if (at("[data-density]")) keep("dense", document.body.classList.toggle("dense") ? 1 : 0);
    if (event.target.matches("dialog")) event.target.close();
    const check = event.target.matches("[data-grid] input[type=checkbox]:not([data-all])") && event.target;
    if (check) {
      const all = checks(), from = all.indexOf(lastCheck), to = all.indexOf(check);
      if (event.shiftKey && from >= 0) all.slice(Math.min(from, to), Math.max(from, to) + 1).forEach((one) => { one.checked = check.checked; });
      lastCheck = check;
      count();
    }
    $$("details:is(.facet,.menu,.me)[open]").forEach((one) => { if (!one.contains(event.target)) one.open = false; });
  });
  document.addEventListener("change", (event) => {
    if (event.target.matches("[data-all]")) { checks().forEach((one) => { one.checked = event.target.checked; }); count(); }
    if (event.target.matches("[data-submit]")) event.target.form.requestSubmit();
  });
  document.addEventListener("submit", (event) => {
    const next = event.target.matches("[data-here]") && event.target.elements.next;
    if (next) next.value = location.pathname + location.search;
  });

  document.addEventListener("focusin", ({ target }) => { if (target.dataset?.script) import(target.dataset.script); }); // once: modules are kept

  /* A map of people by arrows: right to the first report, left to the manager, up and down among equals. */
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

  let go = 0;
  document.addEventListener("keydown", (event) => {
    if (event.isComposing || event.keyCode === 229) return;
    if ((event.metaKey || event.ctrlKey) && event.key.toLowerCase() === "k") { event.preventDefault(); palette?.open ? palette.close() : openPalette(); return; }
    if (palette?.open) { paletteKey(event); return; }
    if (event.key === "Enter" && (event.metaKey || event.ctrlKey) && event.target.matches?.("textarea, dialog[open] input")) { event.preventDefault(); event.target.form?.requestSubmit(); return; }
    if ($("dialog[open]")) return;
    if (event.key === "Escape") {
      const cancel = event.target.form && $("[data-cancel]", event.target.form);
      if (!typing(event)) closePeek(); else if (cancel) cancel.click(); else event.target.blur();
      $$("details:is(.facet,.menu,.me)[open]").forEach((one) => { one.open = false; });
      return;
    }
    if (typing(event) || event.metaKey || event.ctrlKey || event.altKey) return;
    const key = event.key.toLowerCase(), row = current();
    const press = (target) => { if (target) { event.preventDefault(); target.click(); } return target; };
    if (performance.now() < go) { go = 0; if (press($(`[data-go="${CSS.escape(key)}"]`))) return; }
    if (key === "g") { go = performance.now() + 1000; return; }
    if (key === "?") { event.preventDefault(); box("keys").showModal(); return; }
    if (key === "/") { const filter = $("[data-filter]"); if (filter) { event.preventDefault(); filter.focus(); filter.select(); } return; }
    if (key === "z") { press(undos.filter((one) => one.isConnected).pop()); return; }
    if (key === "j" || key === "k") { move(key === "j" ? 1 : -1); return; }
    const onControl = event.target.closest?.("a,button,summary,input");
    if (row && key === "x") { $("input[type=checkbox]", row)?.click(); return; }
    if (row && key === " " && !onControl) { event.preventDefault(); box("peek").hidden ? loadPeek(row) : closePeek(); return; }
    if (row && key === "enter" && !onControl) { press($("a[href]", row)); return; }
    if (key.length !== 1 || event.repeat) return;
    const pressed = press((row && $(`[data-key="${CSS.escape(key)}"]`, row)) || (key !== "c" && $(`#peek [data-key="${CSS.escape(key)}"], :is(main, .top) [data-key="${CSS.escape(key)}"]:not([data-grid] *)`)));
    const anywhere = { c: "new", l: "log" }[key], shell = $(".shell");
    if (!pressed && shell?.dataset[anywhere]) { // for the customer in question, where there is one
      const customer = (row?.dataset.customer ? row : $("main [data-customer]:not([data-row], tr)"))?.dataset.customer;
      event.preventDefault();
      openSheet(shell.dataset[anywhere] + (customer ? `?customer=${customer}` : ""));
    }
  });
  document.addEventListener("htmx:after:swap", ({ detail }) => { if (detail?.ctx.target?.id !== "peek") keepPlace(); count(); lastCheck = null; undos.push(...$$('[data-key="z"]').filter((one) => !undos.includes(one))); });
  $$(".tabs > [aria-current]").forEach((tab) => { const bar = tab.parentElement; bar.scrollLeft = tab.offsetLeft - bar.offsetLeft - (bar.clientWidth - tab.offsetWidth) / 2; });
  count();
})();
