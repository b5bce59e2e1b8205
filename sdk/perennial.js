/* Perennial's tracking script. It records page views, clicks and sent forms, and never what
   anybody types. One tag is enough; the host is where the script came from:
     <script async src="https://HOST/sdk/perennial.js" data-key="WRITE KEY"></script>
   Calls before it has loaded: (window.perennial = window.perennial || []).push(["track", "X"])
   Edit and run it as it is: there is no build step. Apache-2.0. */
(function () {
  "use strict";

  const VERSION = "1.0.0";
  const MOST_WAITING = 1000; // events in the queue; beyond it the oldest are dropped
  const MOST_WAITING_BYTES = 500000; // a tenth of what a browser gives to a site
  const BATCH_EVENTS = 100;
  const BATCH_BYTES = 56000; // a page that closes may leave 64 KB behind
  const EVENT_BYTES = 32000; // the server's limit
  const WHO = ["anonymous", "user", "group", "consent"];
  const SOON = 1000, FIRST_RETRY = 1000, LAST_RETRY = 300000, GIVE_UP = 20000; // milliseconds
  const MARKS = ["data-feature", "data-track", "data-testid", "data-test", "data-qa"];
  const PRESSED = "a,button,summary,label,input,select,textarea,option,[role=button],[role=link]," +
    "[role=tab],[role=menuitem],[role=switch],[role=checkbox],[role=radio],[onclick],[data-feature]";
  // Elements that hold what people typed or chose; the text in them is theirs.
  const TYPED = "input,textarea,select,option,datalist,output,[contenteditable]:not([contenteditable=false])," +
    "[role=textbox],[role=searchbox],[role=combobox],[role=listbox],[role=option],[role=spinbutton]";
  const SILENT = TYPED + ",[data-private],script,style,noscript,svg,canvas,iframe";

  const win = window, doc = document, nav = navigator, script = doc.currentScript;
  const early = win.perennial;
  if (early && early.version) return;

  // What the page may replace later is kept as it is now.
  const { stringify, parse } = JSON;
  const { setTimeout: after, clearTimeout: forget, fetch: send, URL: Address } = win;
  const bytes = (text) => new TextEncoder().encode(text).length;
  const once = Object.create(null); // warnings that were given

  /** Nothing that goes wrong in here may reach the page. */
  function safe(work, otherwise) {
    try { return work(); } catch (error) { return otherwise; }
  }
  function warn(text) {
    if (!once[text]) safe(() => console.warn("perennial: " + text));
    once[text] = true;
  }

  // ---------------------------------------------------------------- what is remembered

  const disk = safe(() => { // null where storage is blocked
    const storage = win.localStorage, own = (name) => storage[name].bind(storage);
    return { names: own("key"), get: own("getItem"), set: own("setItem"), drop: own("removeItem"), count: () => storage.length };
  }, null);
  const memory = Object.create(null);

  function cookie(name) {
    const found = safe(() => ("; " + doc.cookie).split("; " + name + "=")[1], "");
    return found ? decodeURIComponent(found.split(";")[0]) : null;
  }
  function recall(name) {
    const key = "perennial." + name;
    if (key in memory) return memory[key];
    return safe(() => disk.get(key), null) || safe(() => cookie("perennial_" + name), null);
  }
  /** In localStorage; else who it is in a cookie of the page's own site; else in memory. */
  function remember(name, value) {
    const key = "perennial." + name;
    delete memory[key];
    const kept = safe(() => (value === null ? disk.drop(key) : disk.set(key, value), true));
    if (kept && (value !== null || cookie("perennial_" + name) === null)) return;
    if (WHO.includes(name)) safe(() => {
      doc.cookie = "perennial_" + name + "=" + encodeURIComponent(value || "") + "; path=/; samesite=lax; max-age=" +
        (value === null ? 0 : 31536000) + (location.protocol === "https:" ? "; secure" : "");
    });
    if (value !== null && recall(name) !== value) memory[key] = value;
  }
  function uuid() {
    return safe(() => crypto.randomUUID()) || "10000000-1000-4000-8000-100000000000".replace(/[018]/g, (c) => {
      const dice = safe(() => crypto.getRandomValues(new Uint8Array(1))[0], Math.random() * 256);
      return (+c ^ (dice & (15 >> (+c / 4)))).toString(16);
    });
  }
  function anonymous() {
    let id = recall("anonymous");
    if (!id) remember("anonymous", (id = uuid()));
    return id;
  }

  // ---------------------------------------------------------------- may we?

  function allowed() {
    const chosen = recall("consent");
    if (chosen) return chosen === "in";
    if (options.dnt === false) return true;
    return !(nav.globalPrivacyControl || [nav.doNotTrack, win.doNotTrack].some((it) => it === "1" || it === "yes"));
  }

  // ---------------------------------------------------------------- what is said

  /** JSON that pages with a toJSON of their own cannot bend; bounded in depth and width. */
  function text(value, depth) {
    if (value === null || value === undefined || depth > 8) return "null";
    if (typeof value === "bigint") return stringify(String(value));
    if (value instanceof Date) return isNaN(value) ? "null" : stringify(value.toISOString());
    if (typeof value !== "object") return stringify(value) || "null";
    if (value.nodeType || value === win) return "null"; // an element would say too much
    if (Array.isArray(value)) return "[" + value.slice(0, 200).map((it) => text(it, depth + 1)).join() + "]";
    const told = Object.keys(value).slice(0, 200).filter((key) => value[key] !== undefined && typeof value[key] !== "function");
    return "{" + told.map((key) => stringify(key) + ":" + text(value[key], depth + 1)).join() + "}";
  }

  /** An address without query (but for allowed names), fragment (but for a route) and log-in. */
  function plain(href) {
    const url = safe(() => new Address(href, location.href));
    if (!url) return "";
    if (!/^https?:$/.test(url.protocol)) return url.protocol; // mailto:, tel:, data: hold contents
    const kept = options.query.filter((name) => url.searchParams.has(name))
      .map((name) => name + "=" + encodeURIComponent(url.searchParams.get(name)));
    const route = /^#!?\//.test(url.hash) ? url.hash.split("?")[0] : "";
    return (url.origin + url.pathname + (kept.length ? "?" + kept.join("&") : "") + route).slice(0, 1000);
  }
  function here() {
    return {
      url: plain(location.href), path: location.pathname.slice(0, 500),
      title: doc.title.slice(0, 200), referrer: doc.referrer ? plain(doc.referrer) : undefined,
    };
  }

  function say(type, fields) {
    if (!key || !allowed()) return;
    let said = {
      type, messageId: uuid(), timestamp: new Date().toISOString(), anonymousId: anonymous(),
      userId: recall("user") || undefined,
      context: {
        library: { name: "perennial.js", version: VERSION }, locale: nav.language,
        groupId: recall("group") || undefined, page: here(),
      },
    };
    said = Object.assign(said, fields);
    if (options.beforeSend && !(said = options.beforeSend(said))) return;
    enqueue(text(said, 0), said.event || type);
  }

  // ---------------------------------------------------------------- the queue
  // An event is one entry of localStorage: tabs add without reading each other's, and a reload
  // loses nothing. Its name sorts by time and tells its bytes. Where storage is blocked or full
  // the entry is kept in memory.

  const tab = uuid().slice(0, 8);
  const spare = Object.create(null);
  const mine = new Set(); // entries of this page that no server has acknowledged
  const stuck = new Set(); // acknowledged, but the browser would not remove them
  let flying = [], counter = 0, waiting = 0, heavy = 0, dropped = 0;

  const prefix = () => "perennial.q." + key + ".";
  const size = (name) => parseInt(name.slice(name.lastIndexOf(".") + 1), 36) || 0;

  function entries() {
    const start = prefix(), found = Object.keys(spare);
    safe(() => {
      for (let at = 0; at < disk.count(); at++) if (disk.names(at).startsWith(start)) found.push(disk.names(at));
    });
    const left = found.filter((name) => !stuck.has(name)).sort();
    waiting = left.length;
    heavy = left.reduce((sum, name) => sum + size(name), 0);
    mine.forEach((name) => left.includes(name) || mine.delete(name)); // another tab has sent it
    return left;
  }
  const read = (name) => spare[name] || safe(() => disk.get(name), null);

  function remove(name) {
    mine.delete(name);
    delete spare[name];
    safe(() => disk.drop(name));
    if (read(name)) stuck.add(name);
  }
  function enqueue(item, title) {
    const weight = bytes(item);
    if (weight > EVENT_BYTES) return warn(title + " is over 32 KB and was not sent");
    const order = Date.now().toString(36).padStart(9, "0") + (counter++).toString(36).padStart(6, "0");
    const name = prefix() + order + "." + tab + "." + weight.toString(36);
    if (waiting >= MOST_WAITING || heavy + weight > MOST_WAITING_BYTES) makeRoom();
    if (!safe(() => (disk.set(name, item), true))) spare[name] = item;
    mine.add(name);
    waiting += 1;
    heavy += weight;
    flushIn(mine.size >= 30 ? 0 : SOON);
  }
  function makeRoom() {
    const all = entries();
    const most = MOST_WAITING * 0.9, mostBytes = MOST_WAITING_BYTES * 0.9;
    while (all.length && (waiting > most || heavy > mostBytes)) {
      const oldest = all.shift();
      waiting -= 1;
      heavy -= size(oldest);
      dropped += 1;
      remove(oldest);
    }
  }

  // ---------------------------------------------------------------- sending

  let timer = 0, due = Infinity, tries = 0, busy = false, left = false;

  function flushIn(wait) {
    if (due <= Date.now() + wait) return;
    forget(timer);
    due = Date.now() + wait;
    timer = after(() => { due = Infinity; flush(); }, wait);
  }

  /** The names and the body of the next batch; what is no JSON is thrown away. */
  function take(from) {
    const names = [], items = [];
    let total = 500;
    for (const name of from) {
      const item = read(name);
      if (!item || !safe(() => parse(item))) { remove(name); continue; }
      if (names.length === BATCH_EVENTS || total + size(name) > BATCH_BYTES) break;
      total += size(name) + 1;
      names.push(name);
      items.push(item);
    }
    const head = text({ writeKey: key, sentAt: new Date().toISOString() }, 0).slice(0, -1);
    return { names, body: head + ',"batch":[' + items.join() + "]}" };
  }

  /** One tab sends at a time. Without Web Locks (plain http) a lease in localStorage says who. */
  async function alone(work) {
    if (nav.locks) {
      return nav.locks.request("perennial.send." + key, { ifAvailable: true }, (lock) => lock ? work() : busyElsewhere());
    }
    const free = () => {
      const [owner, until] = (recall("lease") || "").split(" ");
      return !owner || owner === tab || until < Date.now() || until > Date.now() + 2 * GIVE_UP;
    };
    if (!free()) return busyElsewhere();
    remember("lease", tab + " " + (Date.now() + 1.5 * GIVE_UP));
    await new Promise((done) => after(done, 200 + Math.random() * 200)); // who wrote last has it
    if ((recall("lease") || "").split(" ")[0] !== tab) return busyElsewhere();
    await work();
    remember("lease", null);
  }

  function busyElsewhere() {
    if (entries().length) flushIn(SOON * 2);
  }

  async function flush() {
    if (busy || left || !key || !allowed()) return;
    busy = true;
    try { await alone(drain); } catch (error) { later(0); }
    busy = false;
  }

  async function drain() {
    const wait = +recall("wait") - Date.now(); // another tab may have been told to wait
    if (wait > 0 && wait <= LAST_RETRY * 1.5) return flushIn(wait);
    for (;;) {
      const { names, body } = take(entries());
      if (!names.length || !allowed()) return;
      flying = names;
      const answer = await post(body);
      flying = [];
      if (!answer || answer.status >= 500 || answer.status === 429) return later(answer && +answer.headers.get("retry-after") * 1000);
      if (!answer.ok) warn("the server refused " + names.length + " events (" + answer.status + ")");
      names.forEach(remove); // accepted, or refused for good
      tries = 0;
    }
  }
  async function post(body) {
    const stop = new AbortController();
    const limit = after(() => stop.abort(), GIVE_UP);
    try {
      return await send.call(win, options.host + "/v1/batch", {
        method: "POST", body, keepalive: true, credentials: "omit", mode: "cors",
        referrerPolicy: "origin", headers: { "Content-Type": "text/plain" }, signal: stop.signal,
      });
    } catch (error) {
      return null; // no network, or it took too long
    } finally {
      forget(limit);
    }
  }
  function later(asked) {
    const grown = Math.min(FIRST_RETRY * Math.pow(2, tries++), LAST_RETRY);
    const wait = Math.min(Math.max(grown, asked || 0), LAST_RETRY) * (0.75 + Math.random() / 2);
    remember("wait", String(Date.now() + wait));
    flushIn(wait);
  }

  /** A page that goes away leaves its events with the browser. Nobody tells whether a beacon
      arrived, so the next page sends them again: the server counts a message id once. */
  function leave() {
    left = true;
    if (!key || !allowed() || nav.onLine === false) return;
    const { names, body } = take([...mine].filter((name) => !flying.includes(name)));
    if (names.length && !safe(() => nav.sendBeacon(options.host + "/v1/batch", body))) post(body);
  }

  // ---------------------------------------------------------------- what is captured

  const stable = (word) => word && word.length <= 40 && !/\d{3,}|\d[a-z]|^[:_]|[^\w-]/i.test(word);
  const quoted = (value) => '="' + value.slice(0, 80).replace(/["\\]/g, "") + '"]';

  function mark(element) {
    return MARKS.find((name) => element.getAttribute(name));
  }
  /** One step of a path. Rows of a list look alike on purpose: they are one element. */
  function step(element, isTarget) {
    const tag = element.localName, marked = mark(element), id = element.getAttribute("id");
    if (marked) return [tag + "[" + marked + quoted(element.getAttribute(marked)), true];
    if (stable(id)) return [tag + "#" + id, true];
    const name = element.getAttribute("name"), href = tag === "a" && element.getAttribute("href");
    if (stable(name)) return [tag + "[name" + quoted(name), false];
    if (href) return [tag + "[href" + quoted(safe(() => new Address(plain(href)).pathname, plain(href))), false];
    const styles = (element.getAttribute("class") || "").split(/\s+/).filter(stable).slice(0, 2);
    const said = tag + styles.map((it) => "." + it).join("");
    if ((styles.length && !isTarget) || /^(li|tr|option|tbody|body|html)$/.test(tag)) return [said, false];
    const alike = [...((element.parentNode && element.parentNode.children) || [])].filter((it) => it.localName === tag);
    return [said + (alike.length > 1 ? ":nth(" + (alike.indexOf(element) + 1) + ")" : ""), false];
  }
  function selector(path) {
    const steps = [];
    for (const element of path.slice(0, 6)) {
      if (element === doc.documentElement || (element === doc.body && steps.length)) break;
      const [said, anchored] = step(element, !steps.length);
      steps.unshift(said);
      if (anchored) break;
    }
    return steps.join(">").slice(0, 400);
  }
  /** The words on it, without those that somebody typed; at most 80 characters. */
  function label(element) {
    if (!options.text || element.isContentEditable || element.closest(TYPED)) return "";
    let words = "", seen = 0;
    (function walk(node) {
      if (words.length > 80 || seen++ > 200) return;
      if (node.nodeType === 3) words += " " + node.nodeValue;
      else if (node.nodeType === 1 && !node.matches(SILENT)) node.childNodes.forEach(walk);
    })(element);
    words = words.trim() || element.getAttribute("aria-label") || "";
    return words.replace(/\S+@\S+/g, "*").replace(/\d{5,}/g, "#").replace(/\s+/g, " ").trim().slice(0, 80);
  }
  function capture(event) {
    if (!key || !allowed()) return;
    const isForm = event.type === "submit";
    const path = (event.composedPath ? event.composedPath() : [event.target]).filter((it) => it.nodeType === 1);
    if (!path.length || path.some((it) => it.hasAttribute("data-private"))) return;
    const found = isForm ? 0 : path.findIndex((it) => it.matches(PRESSED));
    const element = path[Math.max(found, 0)];
    if (element.localName === "label" && element.control) return; // its field is clicked next
    const marked = mark(element), href = element.localName === "a" && element.getAttribute("href");
    say("track", {
      event: isForm ? "$submit" : "$click",
      properties: Object.assign({
        selector: selector(path.slice(Math.max(found, 0))), tag: element.localName,
        id: (element.getAttribute("id") || "").slice(0, 80) || undefined,
        feature: (marked && element.getAttribute(marked).slice(0, 80)) || undefined,
        role: element.getAttribute("role") || undefined,
        text: (!isForm && found >= 0 && label(element)) || undefined,
        href: href ? plain(href) : undefined,
        action: isForm && element.getAttribute("action") ? plain(element.getAttribute("action")) : undefined,
      }, here(), { referrer: undefined }),
    });
  }

  let shown = "";
  function looked() {
    const url = plain(location.href);
    if (url === shown) return;
    const from = shown;
    shown = url;
    after(() => safe(() => say("page", { properties: Object.assign(here(), { url }, from && { referrer: from }) })), 0);
  }
  function watch() {
    const on = (target, name, work) => safe(() => target.addEventListener(name, (event) => safe(() => work(event)), { capture: true, passive: true }));
    if (options.capture.includes("pages")) {
      ["pushState", "replaceState"].forEach((name) => safe(() => {
        const original = history[name];
        history[name] = function () {
          const result = original.apply(this, arguments);
          safe(looked);
          return result;
        };
      }));
      on(win, "popstate", looked);
      on(win, "hashchange", looked);
      if (doc.readyState === "loading") on(doc, "DOMContentLoaded", looked);
      else looked();
    }
    if (options.capture.includes("clicks")) on(doc, "click", capture);
    if (options.capture.includes("forms")) on(doc, "submit", capture);
    on(doc, "visibilitychange", () => { if (doc.visibilityState === "hidden") flush(); });
    on(win, "pagehide", leave);
    on(win, "pageshow", (event) => {
      if (!event.persisted) return;
      left = false; // back from the browser's memory
      shown = "";
      if (options.capture.includes("pages")) looked();
      flushIn(0);
    });
    on(win, "online", () => { tries = 0; remember("wait", null); flushIn(0); });
    flushIn(SOON); // what an earlier page left
  }

  // ---------------------------------------------------------------- what a page may call

  const options = { host: "", query: [], capture: ["pages", "clicks", "forms"], text: true };
  let key = "";

  const api = {
    /** Start: `load(writeKey, {host, query, capture, text, dnt, beforeSend})`. */
    load(writeKey, chosen) {
      if (key || !writeKey) return;
      key = String(writeKey);
      Object.assign(options, chosen);
      options.host = String(options.host || safe(() => new Address(script.src).origin, location.origin)).replace(/\/+$/, "");
      watch();
    },
    track(event, properties) { say("track", { event: String(event), properties }); },
    page(name, properties) {
      if (name && typeof name === "object") { properties = name; name = undefined; }
      say("page", { name, properties: Object.assign(here(), properties) });
    },
    identify(userId, traits) {
      if (userId && typeof userId === "object") { traits = userId; userId = null; }
      if (userId) {
        const before = recall("user");
        if (before && before !== String(userId)) api.reset(); // somebody else sits here now
        if (allowed()) remember("user", String(userId));
      }
      say("identify", { traits });
    },
    group(groupId, traits) {
      if (allowed()) remember("group", String(groupId));
      say("group", { groupId: String(groupId), traits });
    },
    alias(userId, previousId) {
      say("alias", { userId: String(userId), previousId: String(previousId || anonymous()) });
    },
    /** Log-out: the next person is nobody that we know. */
    reset() { ["user", "group", "anonymous"].forEach((name) => remember(name, null)); },
    optOut() {
      if (key) entries().forEach(remove);
      api.reset();
      remember("consent", "out");
    },
    optIn() {
      remember("consent", "in");
      shown = "";
      if (options.capture.includes("pages") && key) looked();
    },
    flush() { flush(); },
    /** Who is here, how much waits, and how much was dropped because too much waited. */
    state() {
      return { version: VERSION, allowed: allowed(), anonymousId: allowed() ? anonymous() : null, userId: recall("user"), groupId: recall("group"), waiting: key ? entries().length : 0, dropped };
    },
  };

  const offered = { version: VERSION, push: (...calls) => { calls.forEach(call); return 0; } };
  function call(asked) {
    safe(() => api[asked[0]].apply(null, [].slice.call(asked, 1)));
  }
  Object.keys(api).forEach((name) => {
    offered[name] = (...given) => safe(() => api[name](...given));
  });
  const calls = Array.isArray(early) ? early.splice(0) : [];
  win.perennial = Object.assign(Array.isArray(early) ? early : {}, offered); // who kept the stub has us

  safe(() => {
    const data = (script && script.dataset) || {}, chosen = {};
    const words = (value) => value.split(/[\s,]+/).filter(Boolean);
    if (data.host) chosen.host = data.host;
    if (data.query) chosen.query = words(data.query);
    if (data.capture !== undefined) chosen.capture = words(data.capture);
    if (data.text === "off") chosen.text = false;
    if (data.dnt === "ignore") chosen.dnt = false;
    // A log-in said before the script came holds for the first page view, too.
    calls.filter((it) => it[0] === "load" || it[0] === "optIn" || it[0] === "optOut").forEach(call);
    if (data.key) api.load(data.key, chosen);
    calls.filter((it) => !/^(load|opt)/.test(it[0])).forEach(call);
  });
})();
