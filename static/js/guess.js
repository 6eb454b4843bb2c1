// Guess first: the page alone keeps score of the answers that were chosen on it.
let guessed = false;
const score = { right: 0, all: 0 };

function keepScore() {
  const told = byId("guessed");
  if (guessed && told) {
    score.all += 1;
    if (told.dataset.right === "yes") score.right += 1;
  }
  if (told) guessed = false;
  const line = byId("score");
  if (line && score.all) line.textContent = `${score.right} of ${score.all} right so far`;
}
