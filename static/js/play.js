// Play: a step a beat, to the end, or, where a pass reads backwards, to the beginning. Where htmx didn't come, by full page loads.
const PAUSE = 900;
const PLAYS = "gate-explorer-plays";
let playing = false;
let timer = 0;

function showPlaying() {
  const button = byId("play");
  if (!button) return;
  button.hidden = false;
  button.classList.toggle("playing", playing);
  button.setAttribute("aria-pressed", String(playing));
  button.querySelector(".label").textContent = playing ? "Pause" : "Play";
  setOrRemove(button, "aria-label", playing ? "Pause" : "Play");
  if (byId("speed-choice")) byId("speed-choice").hidden = false;
}

function pause() {
  if (playing) announce();
  playing = false;
  clearTimeout(timer);
  remember(false);
  showPlaying();
}

function play() {
  playing = true;
  remember(true);
  showPlaying();
  const begin = readsBack() ? "last" : "first";
  if (!MOVES[atEnd() ? begin : onward()]()) pause();
}

// Whether the next page goes on playing.
function remember(plays) {
  if (window.htmx) return;
  try {
    if (plays) sessionStorage.setItem(PLAYS, "yes");
    else sessionStorage.removeItem(PLAYS);
  } catch {
    // Without storage every step is played by hand.
  }
}

function goOnPlaying() {
  let plays = null;
  try {
    plays = sessionStorage.getItem(PLAYS);
  } catch {
    return;
  }
  if (!plays) return;
  playing = true;
  showPlaying();
  if (atEnd()) pause();
  else timer = setTimeout(MOVES[onward()], beat());
}

const beat = () => PAUSE * Number(byId("speed")?.value ?? 1);

// A step is told to who listens: not at each beat, but when playing stops.
function announce() {
  const story = byId("story");
  if (!story) return;
  let live = byId("announced");
  if (!live) {
    live = Object.assign(document.createElement("p"), { id: "announced", className: "sr" });
    live.setAttribute("aria-live", "polite");
    document.body.append(live);
  }
  const told = story.textContent;
  live.textContent = "";
  setTimeout(() => (live.textContent = told), 60);
}

// A frame that asks for it plays once it is seen, but not for those who want less motion.
function autoplay() {
  const { autoplay: wanted, steps } = explorer().dataset;
  if (wanted === undefined || steps === "1" || calm()) return;
  const watch = new IntersectionObserver((seen) => {
    if (!seen.some((each) => each.isIntersecting)) return;
    watch.disconnect();
    play();
  });
  watch.observe(byId("tape"));
}
