// Steps count from the one last asked for, not from the one shown, so that none of several quick
// presses is lost while an answer is on its way.
let pressed = "";
let following = false;
let chosenUnit = "";

const asked = () => Number(byId("scrubber").value);

// Says whether there is such a step to go to.
function go(wanted) {
  const scrubber = byId("scrubber");
  const t = Math.min(Math.max(wanted, 1), Number(scrubber.max));
  if (t === Number(scrubber.value)) return false;
  scrubber.value = t;
  pressed = linkTo(t) ?? "";
  following = true;
  if (!window.htmx) location.assign(addressAt(t));
  else if (pressed) byId(pressed).click();
  else byId("scrub").requestSubmit();
  following = false;
  return true;
}

// The same page at another step, for a browser that htmx didn't reach.
function addressAt(t) {
  const address = new URL(location);
  address.searchParams.set("t", t);
  const canonical = new URL(explorer().dataset.canonical, location);
  for (const [name, value] of canonical.searchParams) {
    if (!address.searchParams.has(name)) address.searchParams.set(name, value);
  }
  return address;
}

// The explorer at another address; kept: as a step of the history.
function visit(address, kept = true) {
  const path = location.pathname + address.search;
  if (!window.htmx) {
    if (kept) location.assign(path);
    return;
  }
  window.htmx.ajax("GET", path, {
    source: "#explorer",
    target: "#explorer",
    swap: "outerMorph show:none",
    push: kept ? path : "false",
  });
}

// The step beside the one shown has a link, whose answer may have been loaded ahead.
function linkTo(t) {
  if (chosenUnit) return undefined;
  return { 1: "next", [-1]: "prev" }[t - Number(explorer().dataset.t)];
}

const MOVES = {
  first: () => go(1),
  prev: () => go(asked() - 1),
  next: () => go(asked() + 1),
  last: () => go(Infinity),
};

// A plain click on a link of the transport is such a move; without htmx it stays a link.
function onMove(event) {
  const id = event.target.closest("#transport a")?.id;
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

// A step and a unit asked for in quick succession both hold: the later request takes along what the
// earlier one, which it replaces, was to bring.
function onRequest(event) {
  const { sourceElement, request } = event.detail.ctx;
  if (sourceElement.closest("#explorer")) Object.assign(request.headers, shown());
  if (sourceElement.matches("#next, #prev")) takeAhead(event.detail.ctx);
  if (!sourceElement.matches("#scrub, #unit-form, #pickers form")) return;
  const submitter = request.submitter?.name;
  if (submitter === "t" || sourceElement.id === "scrub") {
    byId("scrubber").value = request.body.get("t");
    if (chosenUnit) request.body.set("unit", chosenUnit);
  } else {
    if (submitter === "unit") chosenUnit = request.body.get("unit");
    const scrubber = byId("scrubber");
    if (scrubber.value !== scrubber.defaultValue) request.body.set("t", scrubber.value);
  }
}

// What was asked for has come, or won't: the fields show what the page shows, but for one in use.
function forgetAsked(inUse) {
  chosenUnit = "";
  for (const field of [byId("scrubber"), byId("unit")]) {
    if (field && field !== inUse) field.value = field.defaultValue;
  }
}

// A pass that reads from the end goes on backwards.
const readsBack = () => explorer().dataset.way === "backward";
const onward = () => (readsBack() ? "prev" : "next");

const atEnd = () => {
  const { t, steps } = explorer().dataset;
  return readsBack() ? Number(t) <= 1 : Number(t) >= Number(steps);
};

function centre() {
  for (const tape of document.querySelectorAll(".tape")) {
    const step = tape.querySelector(".now");
    if (step) tape.scrollLeft = step.offsetLeft - (tape.clientWidth - step.offsetWidth) / 2;
  }
}

// Dragging along the tape goes through the steps.
function onScrub(event) {
  const tape = event.target.closest(".tape");
  if (!tape || event.target.closest("input, a") || event.button || event.shiftKey) return;
  let moved = false;
  const start = event.clientX;
  const move = (each) => {
    if (!moved && Math.abs(each.clientX - start) < 6) return;
    moved = true;
    const at = document.elementsFromPoint(each.clientX, tape.getBoundingClientRect().top + 8);
    const button = at.map((element) => element.closest?.(".reel [name=t]")).find(Boolean);
    if (button && !button.closest(".beyond")) go(Number(button.value));
  };
  const end = () => {
    document.removeEventListener("pointermove", move);
    if (moved) document.addEventListener("click", swallow, { capture: true, once: true });
    setTimeout(() => document.removeEventListener("click", swallow, { capture: true }), 50);
  };
  pause();
  document.addEventListener("pointermove", move);
  document.addEventListener("pointerup", end, { once: true });
  document.addEventListener("pointercancel", end, { once: true });
}

function swallow(event) {
  event.preventDefault();
  event.stopPropagation();
}
