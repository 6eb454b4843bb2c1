// The style sheet moves the bars, but for browsers whose paths it can't move: there it is done here,
// from what a path shows to what it is to show.
const MOVE = 450;

function moveBars() {
  if (CSS.supports("d", 'path("M0 0")') || calm()) return;
  const NUMBER = /[\d.]+/g;
  const drawn = new WeakMap();
  const move = (path, before) => {
    const to = path.getAttribute("d");
    const last = drawn.get(path) ?? before;
    const from = last.match(NUMBER);
    if (to === last || from.length !== to.match(NUMBER).length) return;
    const start = performance.now();
    const draw = (now) => {
      if (drawn.get(path) !== path.getAttribute("d")) return;
      const share = Math.min(Math.max(now - start, 0) / MOVE, 1);
      let n = 0;
      const between = (end) => (from[n++] * (1 - share) + end * share).toFixed(1);
      drawn.set(path, share < 1 ? to.replace(NUMBER, between) : to);
      path.setAttribute("d", drawn.get(path));
      if (share < 1) requestAnimationFrame(draw);
    };
    drawn.set(path, to);
    draw(start);
  };
  const watch = new MutationObserver((changes) => {
    for (const { target, oldValue } of changes) {
      if (target.closest(".row .bars")) move(target, oldValue);
    }
  });
  watch.observe(document.body, { attributeFilter: ["d"], attributeOldValue: true, subtree: true });
}
