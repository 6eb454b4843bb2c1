// The steps that are likely next, loaded ahead, by address and shape; a minute long, as the server
// allows. A few, as who goes on or back doesn't go far.
const ahead = new Map();
const MOST_AHEAD = 6;
const aheadAs = (address) => `${new URL(address, location)} ${explorer().dataset.shape}`;

function preload(id) {
  const link = byId(id);
  if (!link || !window.htmx || playing || navigator.connection?.saveData) return;
  if (link.getAttribute("aria-disabled") === "true") return;
  load(link.href, "low");
}

function load(address, priority) {
  const name = aheadAs(address);
  if (ahead.has(name)) return ahead.get(name);
  const forget = () => ahead.delete(name);
  // A failure will be told where it matters.
  const request = { headers: { "HX-Request": "true", ...shown() }, priority };
  const answer = fetch(address, request).then(async (found) => {
    if (!found.ok) forget();
    return { body: await found.text(), head: { status: found.status, headers: found.headers } };
  });
  answer.catch(forget);
  ahead.set(name, answer);
  setTimeout(forget, 60_000);
  if (ahead.size > MOST_AHEAD) ahead.delete(ahead.keys().next().value);
  return answer;
}

// htmx's request is answered by what was loaded ahead, or still is on its way; the way back has it.
function takeAhead(ctx) {
  const found = load(ctx.request.action, "auto");
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
