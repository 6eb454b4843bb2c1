// Typing runs after a short pause: the address is replaced, not added to the history.
const FIELDS = "#field, .lane-in .field";
const isTyping = (source) =>
  source?.matches?.("#feed, .lane-in") && document.activeElement?.matches(FIELDS);

// Steps that play takes, and what is typed, replace the address instead of filling the history.
let typing = false;
let quiet = false;

function onHistory(event) {
  const { history: change } = event.detail;
  if (!(playing || typing || quiet) || !change || change.type !== "push") return;
  event.preventDefault();
  if (quiet) return;
  history.replaceState(history.state, "", change.path);
}

// Back and forward move the bars too, instead of redrawing the page. The request comes from the
// explorer, so that it replaces what is on its way, and the last of several holds. The browser may
// have taken the focus away by the time the answer is there.
async function onRestore(event) {
  if (!explorer() || !window.htmx) return;
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

// Numbers of the tape that couldn't be used are marked where they stand, since the last good run
// stays on the page; once it goes on, what was typed in vain gives way to what the run read.
function markCells(sent) {
  const wrong = byId("message")?.dataset.cells?.split(" ") ?? [];
  const ofTape = sent?.closest?.("#vectors");
  for (const cell of document.querySelectorAll("#vectors input:not([type=hidden])")) {
    const marked = ofTape && wrong.includes(cell.id);
    setOrRemove(cell, "aria-invalid", marked && "true");
    setOrRemove(cell, "aria-describedby", marked && "message");
    cell.closest(".step").classList.toggle("wrong", Boolean(cell.closest(".step").querySelector("[aria-invalid]")));
    if (!wrong.length && cell !== document.activeElement) cell.value = cell.defaultValue;
  }
}
