// The code and the preview of the step, while the panel is open: not before, as a frame is heavy.
let shared = "";

function shareStep() {
  const { canonical } = explorer().dataset;
  if (!window.htmx || shared === canonical || !byId("share")?.matches(":popover-open")) return;
  shared = canonical;
  const embedding = byId("embedding");
  if (!embedding) return; // two lanes have a link, but no frame
  const { chosen } = embedding.dataset;
  const address = `${shareOf(canonical)}${chosen ? `&${chosen}` : ""}`;
  window.htmx.ajax("GET", address, { source: "#embedding", target: "#embedding", swap: "outerMorph show:none" });
}

// The page that shares a state, by the state's address.
function shareOf(canonical) {
  return `${site}/share${canonical.slice(site.length)}`;
}

function onToggle(event) {
  if (event.target.id !== "share") return;
  shared = "";
  shareStep();
}

function showCopy() {
  for (const button of document.querySelectorAll(".copy")) button.hidden = false;
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
