// The documentation: sends an example and shows its answer below it; copies its code; keeps the
// visitor's theme and language.
"use strict";

const THEME = "gate-explorer-theme";
const LANGUAGE = "gate-explorer-language";

function kept(name) {
  try {
    return localStorage.getItem(name);
  } catch {
    return null;
  }
}

function keep(name, value) {
  try {
    localStorage.setItem(name, value);
  } catch {
    // Without storage the choice lasts for this page.
  }
}

// A form's first field is a file, of which the example has the name and the text.
function filled(form) {
  const data = new FormData();
  for (const [field, value] of Object.entries(JSON.parse(form))) {
    if (Array.isArray(value)) data.append(field, new Blob([value[1]]), value[0]);
    else data.append(field, value);
  }
  return data;
}

async function send(example) {
  const { method, path, form } = example.dataset;
  const headers = JSON.parse(example.dataset.headers ?? "{}");
  const body = form === undefined ? example.dataset.body : filled(form);
  if (typeof body === "string") headers["Content-Type"] = "application/json";
  const output = example.querySelector("output");
  output.hidden = false;
  try {
    const response = await fetch(path, { method, body, headers });
    output.replaceChildren(`${response.status} ${response.statusText}`, shown(await words(response)));
  } catch {
    output.textContent = "No answer: is the server still there?";
  }
}

async function words(response) {
  const type = response.headers.get("Content-Type") ?? "";
  if (!type.includes("json")) {
    return `${(await response.arrayBuffer()).byteLength} bytes of ${type}`;
  }
  const text = await response.text();
  return type.includes("ndjson") ? text : JSON.stringify(JSON.parse(text), null, 2);
}

function shown(text) {
  const block = document.createElement("pre");
  block.tabIndex = 0;
  block.textContent = text;
  return block;
}

async function copy(example, button) {
  const { value } = document.querySelector("[name=language]:checked");
  const code = example.querySelector(`.code.${value}`);
  try {
    await navigator.clipboard.writeText(code.textContent);
    button.textContent = "Copied";
  } catch {
    getSelection().selectAllChildren(code);
  }
}

if (kept(THEME)) document.documentElement.dataset.theme = kept(THEME);

for (const radio of document.querySelectorAll("[name=language]")) {
  if (radio.value === kept(LANGUAGE)) radio.checked = true;
  radio.addEventListener("change", () => keep(LANGUAGE, radio.value));
}

for (const example of document.querySelectorAll(".example")) {
  const sender = example.querySelector(".send");
  const copier = example.querySelector(".copy");
  sender.hidden = copier.hidden = false;
  sender.addEventListener("click", () => send(example));
  copier.addEventListener("click", () => copy(example, copier));
}
