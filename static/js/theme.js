// Light or dark: the system's wish, or the visitor's choice, which is kept.
const THEME = "gate-explorer-theme";

function storedTheme() {
  try {
    return localStorage.getItem(THEME);
  } catch {
    return null;
  }
}

// In a frame the address says which, and the attribute is there already.
if (storedTheme() && !("theme" in root.dataset)) root.dataset.theme = storedTheme();

const isDark = () =>
  root.dataset.theme
    ? root.dataset.theme === "dark"
    : matchMedia("(prefers-color-scheme: dark)").matches;

function showTheme() {
  const button = byId("theme");
  if (!button) return;
  button.hidden = false;
  button.textContent = isDark() ? "Light" : "Dark";
}

function switchTheme() {
  root.dataset.theme = isDark() ? "light" : "dark";
  try {
    localStorage.setItem(THEME, root.dataset.theme);
  } catch {
    // Without storage the choice lasts for this page.
  }
  showTheme();
}
