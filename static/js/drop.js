// A file dropped on the page that takes one is as one chosen there, and opened at once.
function onDrag(event) {
  const zone = byId("drop");
  if (!zone || !event.dataTransfer?.types.includes("Files")) return;
  event.preventDefault();
  zone.classList.toggle("over", event.type === "dragover");
  if (event.type !== "drop" || !event.dataTransfer.files.length) return;
  const field = byId("file");
  const first = new DataTransfer();
  first.items.add(event.dataTransfer.files[0]);
  field.files = first.files;
  field.form.requestSubmit();
}
