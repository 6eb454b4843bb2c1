// The desk: a press chooses a unit, a pointer lights its column, arrow keys go from unit to unit.
const orderOf = (desk) => desk.dataset.order.split(",");

// The unit whose column is at a place on the screen.
function unitAt(desk, x) {
  const strip = desk.querySelector(".columns .strip");
  if (!strip) return undefined;
  const { left, width } = strip.getBoundingClientRect();
  const place = Math.floor(((x - left) / width) * orderOf(desk).length);
  return x < left ? undefined : orderOf(desk)[place];
}

function onPoint(event) {
  const desk = event.target.closest?.(".desk");
  for (const each of document.querySelectorAll(".desk.pointing")) each.classList.remove("pointing");
  const unit = desk && event.target.closest(".bars, .wires") && unitAt(desk, event.clientX);
  if (!unit) return;
  desk.classList.add("pointing");
  const share = 100 / orderOf(desk).length;
  desk.querySelector(".hover").setAttribute("x", `${orderOf(desk).indexOf(unit) * share}%`);
}

function onDeskPress(event) {
  if (event.target.closest(".fader")) return;
  const bars = event.target.closest(".bars, .wires");
  const desk = bars?.closest(".desk");
  const unit = desk && unitAt(desk, event.clientX);
  if (unit) chooseUnit(unit);
}

// The unit before or after the chosen one, in the order in which they stand.
function moveUnit(change) {
  const desk = document.querySelector(".desk");
  const order = orderOf(desk);
  const unit = order[order.indexOf(chosenUnit || desk.dataset.unit) + change];
  if (unit) chooseUnit(unit);
}

function chooseUnit(unit) {
  const form = byId("pick-unit");
  if (!form) return;
  chosenUnit = unit;
  const button = Object.assign(document.createElement("button"), { name: "unit", value: unit });
  button.hidden = true;
  form.append(button);
  form.requestSubmit(button);
  button.remove();
}
