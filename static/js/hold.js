// Faders: a gate of the chosen unit is held where it is dragged to, at this step; with Shift, in all
// units; in a stack, of the layer that is looked at. The finger's mark follows at once, the run at
// most ten times a second; what was held of the same gate, step and unit is replaced. One history entry a release.
const WORDS = { f: "forget_gate", i: "input_gate", o: "output_gate" };
const SLOWEST = 100;
const STEP = 0.05;
let holding = null;
let heldLast = 0;

function holdAt(fader, value, everywhere, last) {
  const { t, canonical } = explorer().dataset;
  const address = new URL(canonical, location);
  const { unit, layer } = document.querySelector(".desk").dataset;
  const place = [t, !everywhere && unit, layer && `layer:${layer}`].filter(Boolean).join("/");
  const gate = WORDS[fader.dataset.gate];
  const kept = (address.searchParams.get("clamp") ?? "").split(";").filter(Boolean);
  const same = (clamp) => clamp.startsWith(`${gate}:`) && clamp.endsWith(`@${place}`);
  const clamps = [...kept.filter((clamp) => !same(clamp)), `${gate}:${Number(value.toFixed(2))}@${place}`];
  address.searchParams.set("clamp", clamps.join(";"));
  address.searchParams.set("t", t);
  fader.setAttribute("aria-valuenow", value.toFixed(2));
  quiet = !last;
  visit(address, last);
}

function valueAt({ top, height }, y) {
  return Math.min(Math.max(1 - (y - top) / height, 0), 1);
}

function showFinger(fader, value) {
  const { height } = fader.querySelector(".catch").getBoundingClientRect();
  fader.classList.add("gripped");
  fader.querySelector(".finger").setAttribute("y", (1 - value) * (height - 3));
}

// With Shift, or with the switch in the unit's drawer, a gate is held in all units.
let everywhere = false;
const isEverywhere = (event) => everywhere || event.shiftKey;

function onEverywhere(event) {
  if (event.target.id !== "everywhere") return;
  everywhere = event.target.checked;
  showEverywhere();
}

function showEverywhere() {
  if (byId("everywhere")) byId("everywhere").checked = everywhere;
  for (const units of document.querySelectorAll(".holds [name=hold_units]")) units.disabled = everywhere;
}

function onGrip(event) {
  const fader = event.target.closest(".fader");
  if (!fader || event.button) return;
  event.preventDefault();
  pause();
  fader.focus({ preventScroll: true });
  holding = { gate: fader.dataset.gate, everywhere: isEverywhere(event) };
  // Where it was gripped: the words above may grow a line under way, and move the fader.
  const box = fader.querySelector(".catch").getBoundingClientRect();
  const move = (each, last) => {
    const here = byId(`fader-${holding.gate}`);
    const value = valueAt(box, each.clientY);
    showFinger(here, value);
    if (!last && performance.now() - heldLast < SLOWEST) return;
    heldLast = performance.now();
    holdAt(here, value, holding.everywhere, last);
  };
  const drag = (each) => move(each, false);
  const end = (each) => {
    document.removeEventListener("pointermove", drag);
    document.removeEventListener("pointerup", end);
    document.removeEventListener("pointercancel", end);
    move(each, true);
    byId(`fader-${holding.gate}`)?.classList.remove("gripped");
    holding = null;
  };
  document.addEventListener("pointermove", drag);
  document.addEventListener("pointerup", end);
  document.addEventListener("pointercancel", end);
}

// By keys: arrows move it, Home shuts it, End opens it, Escape goes back to the desk.
function onFaderKey(event) {
  const fader = event.target;
  const now = Number(fader.getAttribute("aria-valuenow"));
  const to = {
    ArrowUp: now + STEP,
    ArrowRight: now + STEP,
    ArrowDown: now - STEP,
    ArrowLeft: now - STEP,
    Home: 0,
    End: 1,
  }[event.key];
  if (event.key === "Escape") document.querySelector(".desk").focus();
  if (to === undefined) return false;
  holdAt(fader, Math.min(Math.max(to, 0), 1), isEverywhere(event), true);
  return true;
}
