// Play, keys, focus and the theme; no mathematics. Without it everything but play works by full
// page loads. Links and forms are the controls: this script presses them.
(() => {
  "use strict";
  const root = document.documentElement;
  const byId = (id) => document.getElementById(id);
  const THEME = "gate-explorer-theme";
  const SHAPE = "Explorer-Shape";
  const PAUSE = 900;
  const MOVE = 450;
  let playing = false;
  let timer = 0;
  let pressed = "";
  let following = false;
  let keeps = false;

  const stored = (() => {
    try {
      return localStorage.getItem(THEME);
    } catch {
      return null;
    }
  })();
  // In a frame the address says which, and the attribute is there already.
  if (stored && !("theme" in root.dataset)) root.dataset.theme = stored;

  const isDark = () =>
    root.dataset.theme
      ? root.dataset.theme === "dark"
      : matchMedia("(prefers-color-scheme: dark)").matches;

  function showTheme() {
    const button = byId("theme");
    if (!button) return;
    button.hidden = false;
    button.textContent = isDark() ? "Light" : "Dark";
  }

  function switchTheme() {
    root.dataset.theme = isDark() ? "light" : "dark";
    try {
      localStorage.setItem(THEME, root.dataset.theme);
    } catch {
      // Without storage the choice lasts for this page.
    }
    showTheme();
  }

  // Steps count from the one last asked for, not from the one shown, so that none of several quick
  // presses is lost while an answer is on its way. Says whether there is such a step to go to.
  function go(wanted) {
    const scrubber = byId("scrubber");
    const t = Math.min(Math.max(wanted, 1), Number(scrubber.max));
    if (t === Number(scrubber.value)) return false;
    scrubber.value = t;
    pressed = linkTo(t) ?? "";
    following = true;
    if (pressed) byId(pressed).click();
    else byId("scrub").requestSubmit();
    following = false;
    return true;
  }

  // The step beside the one shown has a link, whose answer may have been loaded ahead.
  function linkTo(t) {
    const unit = byId("unit");
    if (unit && unit.value !== unit.defaultValue) return undefined;
    return { 1: "next", [-1]: "prev" }[t - Number(byId("explorer").dataset.t)];
  }

  const asked = () => Number(byId("scrubber").value);
  const MOVES = {
    first: () => go(1),
    prev: () => go(asked() - 1),
    next: () => go(asked() + 1),
    last: () => go(Infinity),
  };

  // A plain click on a link of the transport is such a move; without htmx it stays a link.
  function onMove(event) {
    const id = event.target.closest(".transport a")?.id;
    if (!MOVES[id] || following || !window.htmx) return;
    if (event.ctrlKey || event.metaKey || event.shiftKey) return;
    pause();
    const t = asked() + { next: 1, prev: -1 }[id];
    if (t >= 1 && t <= Number(byId("scrubber").max) && linkTo(t) === id) {
      byId("scrubber").value = t;
      pressed = id;
      return;
    }
    event.preventDefault();
    event.stopPropagation();
    MOVES[id]();
  }

  // A step and a unit asked for in quick succession both hold: the later request takes along what
  // the earlier one, which it replaces, was to bring.
  function onRequest(event) {
    const { sourceElement, request } = event.detail.ctx;
    if (sourceElement.closest("#explorer")) Object.assign(request.headers, shown());
    if (sourceElement.matches("#next, #prev")) takeAhead(event.detail.ctx);
    if (!sourceElement.matches("#scrub, #unit-form, .bare")) return;
    for (const field of [byId("scrubber"), byId("unit")]) {
      if (!field) continue;
      const { name, value } = field;
      if (field.form === sourceElement || request.submitter?.name === name) {
        field.value = request.body.get(name);
      } else if (field !== document.activeElement && value !== field.defaultValue) {
        if (value && field.validity.valid) request.body.set(name, value);
      }
    }
  }

  // What the page shows apart from the step: the server leaves that out of its next answer.
  function shown() {
    const { shape } = byId("explorer").dataset;
    return keeps && shape ? { [SHAPE]: shape } : {};
  }

  // What was left out stays as it is, but for the numbers of the bars. Says whether to go on.
  function onMorph(oldNode, { newNode }) {
    if (newNode.dataset?.kept === undefined) return true;
    const { labels } = newNode.dataset;
    if (labels) oldNode.dataset.labels = labels;
    if (newNode.id === "input") byId("message").textContent = "";
    if (newNode.id === "pickers") moveKept();  // the last of them
    return false;
  }

  // What was left out because it shows the step by its place or in an address alone.
  function moveKept() {
    const t = Number(byId("explorer").dataset.t);
    for (const chip of document.querySelectorAll("#tape [id^=chip]")) {
      const button = chip.querySelector("button");
      const apart = button.value - t;
      chip.classList.toggle("past", apart < 0);
      chip.classList.toggle("now", apart === 0);
      chip.classList.toggle("future", apart > 0);
      setOrRemove(button, "aria-current", apart === 0 && "step");
    }
    for (const mark of document.querySelectorAll("#overview .column")) {
      mark.setAttribute("x", t - byId("overview").dataset.first);
    }
    for (const link of document.querySelectorAll("[data-at] a")) moveLink(link, t);
    for (const field of document.querySelectorAll("[data-at] input[name=t]")) field.value = t;
    moveTransport(t);
    const { canonical } = byId("explorer").dataset;
    const address = byId("share-link");
    if (address) address.textContent = new URL(canonical, address.textContent).href;
  }

  function moveTransport(t) {
    const last = Number(byId("scrubber").max);
    moveLink(byId("prev"), Math.max(t - 1, 1));
    moveLink(byId("next"), Math.min(t + 1, last));
    for (const id of ["first", "prev"]) setOrRemove(byId(id), "aria-disabled", t === 1 && "true");
    for (const id of ["next", "last"]) setOrRemove(byId(id), "aria-disabled", t === last && "true");
    byId("scrubber").setAttribute("value", t);
    const where = document.querySelector(".where");
    where.textContent = where.textContent.replace(/\d+/, t);
  }

  function moveLink(link, t) {
    link.setAttribute("href", link.getAttribute("href").replace(/(?<=[?&]t=)\d+/, t));
  }

  function setOrRemove(element, name, value) {
    if (value) element.setAttribute(name, value);
    else element.removeAttribute(name);
  }

  // The style sheet moves the bars, but for browsers whose paths it can't move: there it is done here,
  // from what a path shows to what it is to show.
  function moveBars() {
    if (CSS.supports("d", 'path("M0 0")')) return;
    if (matchMedia("(prefers-reduced-motion: reduce)").matches) return;
    const NUMBER = /[\d.]+/g;
    const shown = new WeakMap();
    const move = (path, before) => {
      const to = path.getAttribute("d");
      const last = shown.get(path) ?? before;
      const from = last.match(NUMBER);
      if (to === last || from.length !== to.match(NUMBER).length) return;
      const start = performance.now();
      const draw = (now) => {
        if (shown.get(path) !== path.getAttribute("d")) return;
        const share = Math.min(Math.max(now - start, 0) / MOVE, 1);
        let n = 0;
        const between = (end) => (from[n++] * (1 - share) + end * share).toFixed(1);
        shown.set(path, share < 1 ? to.replace(NUMBER, between) : to);
        path.setAttribute("d", shown.get(path));
        if (share < 1) requestAnimationFrame(draw);
      };
      shown.set(path, to);
      draw(start);
    };
    const watch = new MutationObserver((changes) => {
      for (const { target, oldValue } of changes) {
        if (target.closest(".bars")) move(target, oldValue);
      }
    });
    watch.observe(document.body, { attributeFilter: ["d"], attributeOldValue: true, subtree: true });
  }

  // The numbers of the bars, for who points at them or has them read out: once there is time.
  function labelBars() {
    for (const bars of document.querySelectorAll("[data-labels]")) {
      const labels = bars.dataset.labels.split("|");
      [...bars.children].forEach((bar, n) => (bar.title = `unit ${bar.value}: ${labels[n]}`));
      delete bars.dataset.labels;
    }
  }

  // What was asked for has come, or won't: the fields show what the page shows, but for one in use.
  function forgetAsked(inUse) {
    for (const field of [byId("scrubber"), byId("unit")]) {
      if (field && field !== inUse) field.value = field.defaultValue;
    }
  }

  const atEnd = () => {
    const { t, steps } = byId("explorer").dataset;
    return Number(t) >= Number(steps);
  };

  function showPlaying() {
    const button = byId("play");
    if (!button || !window.htmx) return;
    button.hidden = false;
    button.classList.toggle("playing", playing);
    button.setAttribute("aria-pressed", String(playing));
    button.querySelector(".label").textContent = playing ? "Pause" : "Play";
    byId("speed").parentElement.hidden = false;
  }

  function pause() {
    playing = false;
    clearTimeout(timer);
    showPlaying();
  }

  function play() {
    if (!window.htmx) return;
    playing = true;
    showPlaying();
    if (!MOVES[atEnd() ? "first" : "next"]()) pause();
  }

  // The steps that are likely next, loaded ahead, by address and shape; a minute long, as the server
  // allows. A few, as who goes on or back doesn't go far.
  const ahead = new Map();
  const MOST_AHEAD = 6;
  const aheadAs = (address) => `${new URL(address, location)} ${byId("explorer").dataset.shape}`;

  function preload(id) {
    const link = byId(id);
    if (!link || !window.htmx || playing || navigator.connection?.saveData) return;
    if (link.getAttribute("aria-disabled") === "true") return;
    const name = aheadAs(link.href);
    if (ahead.has(name)) return;
    const request = { headers: { "HX-Request": "true", ...shown() }, priority: "low" };
    const forget = () => ahead.delete(name);
    // A failure will be told where it matters.
    const answer = fetch(link.href, request).then(async (found) => {
      if (!found.ok) forget();
      return { body: await found.text(), head: { status: found.status, headers: found.headers } };
    });
    answer.catch(forget);
    ahead.set(name, answer);
    setTimeout(forget, 60_000);
    if (ahead.size > MOST_AHEAD) ahead.delete(ahead.keys().next().value);
  }

  // htmx's request is answered by what was loaded ahead, or still is on its way.
  function takeAhead(ctx) {
    const found = ahead.get(aheadAs(ctx.request.action));
    if (!found) return;
    ctx.fetch = async (_, { signal }) => {
      const { body, head } = await found;
      signal?.throwIfAborted();
      // Its text is at hand; read as a stream, it would take another frame.
      return Object.assign(new Response(body, head), { text: async () => body });
    };
  }

  // What points at a step, or stops at it with the Tab key, or touches it.
  function onIntent(event) {
    const link = event.target.closest?.("#next, #prev");
    if (link && !link.contains(event.relatedTarget)) preload(link.id);
  }

  const beat = () => PAUSE * Number(byId("speed").value);

  // After each swap: on to the next step while playing, and the current chip in view.
  function settled({ detail }) {
    const goneBack = detail.ctx.sourceElement === byId("explorer");
    forgetAsked(goneBack ? null : document.activeElement);
    showPlaying();
    showCopy();
    if (!byId("explorer")) return;
    requestAnimationFrame(centre);
    (window.requestIdleCallback ?? setTimeout)(labelBars);
    shareStep();
    const { json, canonical } = byId("explorer").dataset;
    byId("share-more")?.setAttribute("href", `/share${canonical}`);
    byId("json")?.setAttribute("href", json);
    byId("open")?.setAttribute("href", canonical);
    clearTimeout(timer);
    preload(pressed);
    pressed = "";
    if (!playing) return;
    if (atEnd()) pause();
    else timer = setTimeout(MOVES.next, beat());
  }

  function centre() {
    for (const tape of document.querySelectorAll(".tape")) {
      const chip = tape.querySelector(".now");
      if (chip) tape.scrollLeft = chip.offsetLeft - (tape.clientWidth - chip.offsetWidth) / 2;
    }
  }

  function showCopy() {
    for (const button of document.querySelectorAll(".copy")) button.hidden = false;
  }

  // The code and the preview of the step, while the panel is open: not before, as a frame is heavy.
  let shared = "";
  function shareStep() {
    const { canonical } = byId("explorer").dataset;
    if (!window.htmx || shared === canonical || !byId("share")?.matches(":popover-open")) return;
    shared = canonical;
    const { chosen } = byId("embedding").dataset;
    const address = `/share${canonical}${chosen ? `&${chosen}` : ""}`;
    window.htmx.ajax("GET", address, { source: "#embedding", target: "#embedding", swap: "outerMorph show:none" });
  }

  function onToggle(event) {
    if (event.target.id !== "share") return;
    shared = "";
    shareStep();
  }

  // A frame that asks for it plays once it is seen, but not for those who want less motion.
  function autoplay() {
    const { autoplay: asked, steps } = byId("explorer").dataset;
    if (asked === undefined || steps === "1" || !window.htmx) return;
    if (matchMedia("(prefers-reduced-motion: reduce)").matches) return;
    const watch = new IntersectionObserver((seen) => {
      if (!seen.some((each) => each.isIntersecting)) return;
      watch.disconnect();
      play();
    });
    watch.observe(byId("tape"));
  }

  async function copy(button) {
    const source = byId(button.dataset.copy);
    try {
      await navigator.clipboard.writeText(source.textContent);
      button.textContent = "Copied";
    } catch {
      getSelection().selectAllChildren(source);
    }
  }

  function chooseUnit(change) {
    const field = byId("unit");
    if (!field) return;
    const order = field.dataset.order?.split(",");
    const unit = order ? order[order.indexOf(field.value) + change] : Number(field.value) + change;
    if (!unit || unit > Number(field.max)) return;
    field.value = unit;
    byId("unit-form").requestSubmit();
  }

  const KEYS = {
    ArrowRight: MOVES.next,
    ArrowLeft: MOVES.prev,
    Home: MOVES.first,
    End: MOVES.last,
    ArrowUp: () => chooseUnit(-1),
    ArrowDown: () => chooseUnit(1),
    " ": () => (playing ? pause() : play()),
    "?": () => byId("keys").togglePopover(),
  };

  function onKey(event) {
    const field = event.target.closest("input, select, textarea");
    const presses = event.target.closest("button, a, summary");
    if (event.ctrlKey || event.metaKey || event.altKey || field) return;
    if (event.key === " " && presses) return;
    const act = KEYS[event.key];
    if (!act || !byId("explorer")) return;
    event.preventDefault();
    if (event.key !== " " && event.key !== "?") pause();
    act();
  }

  // Steps that play takes replace the address instead of filling the history.
  function onHistory(event) {
    const { history: change } = event.detail;
    if (!playing || !change || change.type !== "push") return;
    event.preventDefault();
    history.replaceState(history.state, "", change.path);
  }

  // Back and forward move the bars too, instead of redrawing the page. The request comes from the
  // explorer, so that it replaces what is on its way, and the last of several holds. The browser
  // may have taken the focus away by the time the answer is there.
  async function onRestore(event) {
    if (!byId("explorer") || !window.htmx) return;
    event.preventDefault();
    pause();
    const focused = document.activeElement;
    const how = { source: "#explorer", target: "#explorer", swap: "outerMorph show:none" };
    await window.htmx.ajax("GET", event.detail.path, how);
    if (document.activeElement === document.body) focused.focus({ preventScroll: true });
  }

  function offline() {
    pause();
    forgetAsked();
    const message = byId("message");
    if (message) message.textContent = "The server can’t be reached; this step is kept. Try again.";
  }

  function start() {
    showTheme();
    byId("theme")?.addEventListener("click", switchTheme);
    document.addEventListener("keydown", onKey);
    document.addEventListener("htmx:after:swap", settled);
    for (const intent of ["mouseover", "focusin", "touchstart"]) {
      document.addEventListener(intent, onIntent, { passive: true });
    }
    document.addEventListener("click", (event) => {
      if (event.target.closest("#play")) playing ? pause() : play();
      else if (event.target.closest(".copy")) copy(event.target.closest(".copy"));
      else if (event.isTrusted && event.target.closest("#explorer")) {
        if (!event.target.closest("#speed, .op, .squash, #show-keys")) pause();
      }
    });
    showCopy();
    if (!byId("explorer")) return;
    centre();
    moveBars();
    document.addEventListener("click", onMove, true);
    document.addEventListener("toggle", onToggle, true);
    document.addEventListener("focusin", (event) => {
      if (event.target.closest("#feed input")) pause();
    });
    document.addEventListener("change", (event) => {
      if (!window.htmx && event.target.matches("#scrubber, #unit")) event.target.form.requestSubmit();
    });
    document.addEventListener("htmx:before:history:update", onHistory);
    document.addEventListener("htmx:before:history:restore", onRestore);
    document.addEventListener("htmx:config:request", onRequest);
    document.addEventListener("htmx:response:error", () => {
      forgetAsked(byId("unit"));
      // The form shows what couldn't be used now: the next step brings it back.
      delete byId("explorer").dataset.shape;
    });
    document.addEventListener("htmx:error", offline);
    document.addEventListener("DOMContentLoaded", () => {
      // By then htmx is there, or won't come. It would take the controls over a little later: whoever
      // was quicker would load the page anew, and lose what is pressed while that is under way.
      window.htmx?.process(document.body);
      window.htmx?.registerExtension("kept", { htmx_before_morph_node: onMorph });
      keeps = Boolean(window.htmx);
      showPlaying();
      autoplay();
    });
  }

  // As soon as the page is parsed, also where the CDN keeps htmx waiting.
  document.addEventListener("readystatechange", () => {
    if (document.readyState === "interactive") start();
  });
})();
