// htmx comes from its CDN. Where it doesn't come within two seconds, refused or hanging, the same
// bytes come from the own host; where neither comes, every control works by full page loads.
const PATIENCE = 2000;

function whenHtmx(ready) {
  const script = byId("htmx-script");
  if (!script) return;
  if (window.htmx) {
    ready();
    return;
  }
  let asked = false;
  let done = false;
  const arrived = () => {
    if (done || !window.htmx) return;
    done = true;
    ready();
  };
  const fromHere = () => {
    if (asked || window.htmx || !script.dataset.own) return;
    asked = true;
    const own = document.createElement("script");
    own.integrity = script.integrity;
    own.src = script.dataset.own;
    own.addEventListener("load", arrived);
    document.head.append(own);
  };
  script.addEventListener("load", arrived);
  script.addEventListener("error", fromHere);
  setTimeout(fromHere, PATIENCE);
}
