// After each swap: on to the next step while playing, and the current step in view.
function settled({ detail }) {
  const goneBack = detail.ctx.sourceElement === explorer();
  forgetAsked(goneBack ? null : document.activeElement);
  showPlaying();
  showCopy();
  if (!explorer()) return;
  keepScore();
  showEverywhere();
  markCells(detail.ctx.sourceElement);
  requestAnimationFrame(centre);
  shareStep();
  const { json, canonical } = explorer().dataset;
  byId("share-more")?.setAttribute("href", shareOf(canonical));
  byId("json")?.setAttribute("href", json);
  byId("open")?.setAttribute("href", canonical);
  for (const link of document.querySelectorAll("#more [data-at] a")) {
    moveLink(link, explorer().dataset.t);
  }
  clearTimeout(timer);
  preload(pressed);
  pressed = "";
  if (!playing) {
    announce();
    return;
  }
  if (atEnd()) pause();
  else timer = setTimeout(MOVES[onward()], beat());
}

function onClick(event) {
  if (event.target.closest("#play")) {
    if (playing) pause();
    else play();
    return;
  }
  if (event.target.closest(".copy")) {
    copy(event.target.closest(".copy"));
    return;
  }
  if (event.target.closest("[data-guess]")) guessed = true;
  if (!event.isTrusted || !event.target.closest("#explorer")) return;
  if (!event.target.closest("[popovertarget]")) pause();
  onDeskPress(event);
}

// What htmx sends when it changes, sent by full page loads where htmx isn't there.
const SENT_AT_ONCE = "#scrubber, #unit, #vectors input, .lane-in select, #point, .holds [type=range]";

function start() {
  root.classList.add("scripted");
  showTheme();
  byId("theme")?.addEventListener("click", switchTheme);
  document.addEventListener("keydown", onKey);
  document.addEventListener("htmx:after:swap", settled);
  for (const intent of ["mouseover", "focusin", "touchstart"]) {
    document.addEventListener(intent, onIntent, { passive: true });
  }
  document.addEventListener("click", onClick);
  showCopy();
  for (const drag of ["dragover", "dragleave", "drop"]) document.addEventListener(drag, onDrag);
  document.addEventListener("change", (event) => {
    if (!window.htmx && event.target.matches(SENT_AT_ONCE)) event.target.form.requestSubmit();
  });
  if (!explorer()) return;
  centre();
  moveBars();
  showPlaying();
  document.addEventListener("click", onMove, true);
  document.addEventListener("pointerdown", onGrip);
  document.addEventListener("change", onEverywhere);
  document.addEventListener("pointerdown", onScrub);
  document.addEventListener("pointerdown", onMark);
  document.addEventListener("pointermove", onPoint, { passive: true });
  document.addEventListener("toggle", onToggle, true);
  document.addEventListener("focusin", (event) => {
    if (event.target.closest("#feed input, #vectors input, .lane-in input")) pause();
  });
  document.addEventListener("htmx:before:history:update", onHistory);
  document.addEventListener("htmx:before:history:restore", onRestore);
  document.addEventListener("htmx:config:request", (event) => {
    typing = isTyping(event.detail.ctx.sourceElement);
    onRequest(event);
  });
  document.addEventListener("htmx:response:error", () => {
    forgetAsked(byId("unit"));
    // The form shows what couldn't be used now: the next step brings it back.
    delete explorer().dataset.shape;
  });
  document.addEventListener("htmx:error", offline);
  goOnPlaying();
  whenHtmx(() => {
    window.htmx.process(document.body);
    window.htmx.registerExtension("kept", { htmx_before_morph_node: onMorph });
    keeps = true;
  });
  autoplay();
}

// As soon as the page is parsed, whatever else is still on its way.
document.addEventListener("readystatechange", () => {
  if (document.readyState === "interactive") start();
});
