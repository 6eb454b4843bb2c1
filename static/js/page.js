// The page and its parts. Links and forms are the controls: this script presses them. No mathematics.
const root = document.documentElement;
const byId = (id) => document.getElementById(id);
// Where the site lies on its host: what every address from a slash begins with.
const site = root.dataset.site ?? "";
const explorer = () => byId("explorer");
const SHAPE = "Explorer-Shape";
const calm = () => matchMedia("(prefers-reduced-motion: reduce)").matches;

function setOrRemove(element, name, value) {
  if (value) element.setAttribute(name, value);
  else element.removeAttribute(name);
}
