// A step's answer leaves out what a step leaves as it is (`data-kept`); what shows the step by its
// place or in an address alone is moved here.
let keeps = false;

// What the page shows apart from the step: the server leaves that out of its next answer.
function shown() {
  const { shape } = explorer().dataset;
  return keeps && shape ? { [SHAPE]: shape } : {};
}

// Says whether to go on. A field that somebody writes in stays as it is, caret and all.
function onMorph(oldNode, { newNode }) {
  if (oldNode === document.activeElement && oldNode.matches(FIELDS)) {
    for (const name of ["aria-invalid", "aria-describedby"]) {
      setOrRemove(oldNode, name, newNode.getAttribute(name));
    }
    return false;
  }
  if (newNode.dataset?.kept === undefined) return true;
  if (newNode.id === "input") clearMessage();
  if (newNode.id === "pickers") moveKept(); // the last of them
  return false;
}

function clearMessage() {
  byId("message").textContent = "";
  delete byId("message").dataset.cells;
}

function moveKept() {
  const t = Number(explorer().dataset.t);
  for (const step of document.querySelectorAll("#reel [id^=step]")) {
    const button = step.querySelector("button");
    const apart = button.value - t;
    step.classList.toggle("past", apart < 0);
    step.classList.toggle("now", apart === 0);
    step.classList.toggle("future", apart > 0);
    setOrRemove(button, "aria-current", apart === 0 && "step");
  }
  for (const mark of document.querySelectorAll("#drawer .map .here, #drawer .map-scroll .here")) {
    mark.setAttribute("x", t - explorer().dataset.first);
  }
  const links = "[data-at]:not(#input) a:not([data-own]), .tabs a"; // own: a step of its own
  for (const link of document.querySelectorAll(links)) moveLink(link, t);
  for (const field of document.querySelectorAll("[data-at] input[name=t]")) field.value = t;
  moveTransport(t);
  const { canonical } = explorer().dataset;
  const address = byId("share-link");
  if (address) address.textContent = new URL(canonical, address.textContent).href;
}

function moveTransport(t) {
  const last = Number(byId("scrubber").max);
  moveLink(byId("prev"), Math.max(t - 1, 1));
  moveLink(byId("next"), Math.min(t + 1, last));
  setOrRemove(byId("prev"), "aria-disabled", t === 1 && "true");
  setOrRemove(byId("next"), "aria-disabled", t === last && "true");
  byId("scrubber").setAttribute("value", t);
  const where = document.querySelector(".where");
  where.textContent = where.textContent.replace(/\d+/, t);
}

function moveLink(link, t) {
  const address = link.getAttribute("href");
  if (address) link.setAttribute("href", address.replace(/(?<=[?&]t=)\d+/, t));
}
