// Keys: steps and units anywhere on the page; on the desk the arrows go from unit to unit.
const KEYS = {
  ArrowRight: MOVES.next,
  ArrowLeft: MOVES.prev,
  Home: MOVES.first,
  End: MOVES.last,
  ArrowUp: () => moveUnit(-1),
  ArrowDown: () => moveUnit(1),
  " ": () => (playing ? pause() : play()),
  "?": () => byId("keys").togglePopover(),
};
const DESK_KEYS = {
  ...KEYS,
  ArrowRight: () => moveUnit(1),
  ArrowLeft: () => moveUnit(-1),
  Home: () => chooseUnit(orderOf(document.activeElement)[0]),
  End: () => chooseUnit(orderOf(document.activeElement).at(-1)),
  f: () => byId("fader-f")?.focus(),
  i: () => byId("fader-i")?.focus(),
  o: () => byId("fader-o")?.focus(),
};

function onKey(event) {
  const field = event.target.closest("input:not(#scrubber), select, textarea");
  const presses = event.target.closest("button, a, summary");
  if (event.ctrlKey || event.metaKey || event.altKey || field) return;
  if (event.key === " " && presses) return;
  if (event.target.matches(".fader")) {
    if (onFaderKey(event)) event.preventDefault();
    return;
  }
  const act = (event.target.matches(".desk") ? DESK_KEYS : KEYS)[event.key];
  if (!act || !explorer()) return;
  event.preventDefault();
  if (event.key !== " " && event.key !== "?") pause();
  act();
}
