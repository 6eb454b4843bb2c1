// Sends an example of the documentation and shows its answer below it.
"use strict";

async function send(example) {
  const { method, path } = example.dataset;
  const body = example.querySelector("[data-body]")?.textContent;
  const headers = body === undefined ? {} : { "Content-Type": "application/json" };
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
  return JSON.stringify(await response.json(), null, 2);
}

function shown(text) {
  const block = document.createElement("pre");
  block.tabIndex = 0;
  block.textContent = text;
  return block;
}

for (const example of document.querySelectorAll(".example")) {
  const button = example.querySelector("button");
  button.hidden = false;
  button.addEventListener("click", () => send(example));
}
