// A stretch of steps is marked by dragging over the drawer's strip, or with Shift along the tape;
// with Shift, a press on one step marks from the step shown to it. Fingers press two steps.
const STEPS = "[data-step], .reel li:not(.beyond), .reel .step:not(.longer)";
const stepOf = (element) => Number(element.dataset.step ?? element.querySelector("[name=t]").value);

function onMark(event) {
  const tape = event.target.closest(".tape");
  const box = event.target.closest(".marks") ?? (event.shiftKey && !event.target.closest("input") ? tape : null);
  const first = box && stepAt(box, event.clientX);
  if (!first || event.button || event.pointerType !== "mouse" || !byId("tab-alike")) return;
  if (tape) event.preventDefault();
  pause();
  let last = first;
  const move = (each) => {
    last = stepAt(box, each.clientX) || last;
    for (const step of box.querySelectorAll(STEPS)) {
      const t = stepOf(step);
      step.classList.toggle("marking", t >= Math.min(first, last) && t <= Math.max(first, last));
    }
  };
  const end = () => {
    document.removeEventListener("pointermove", move);
    for (const step of box.querySelectorAll(".marking")) step.classList.remove("marking");
    const from = first === last && tape ? Number(explorer().dataset.t) : first;
    if (from === last && !tape) return; // a plain press on the strip is a link
    document.addEventListener("click", swallow, { capture: true, once: true });
    setTimeout(() => document.removeEventListener("click", swallow, { capture: true }), 50);
    mark(Math.min(from, last), Math.max(from, last));
  };
  document.addEventListener("pointermove", move);
  document.addEventListener("pointerup", end, { once: true });
  document.addEventListener("pointercancel", end, { once: true });
}

// The step that a strip or the tape shows at a place of the screen; 0 for none.
function stepAt(box, x) {
  const { top, height } = (box.querySelector(".reel") ?? box).getBoundingClientRect();
  const at = document.elementsFromPoint(x, top + Math.min(8, height / 2));
  const step = at.map((element) => element.closest?.(STEPS)).find((each) => each && box.contains(each));
  return step ? stepOf(step) : 0;
}

function mark(first, last) {
  const address = new URL(explorer().dataset.canonical, location);
  address.searchParams.set("t", explorer().dataset.t);
  address.searchParams.set("stretch", first === last ? first : `${first}-${last}`);
  address.searchParams.set("drawer", "alike");
  visit(address);
}
