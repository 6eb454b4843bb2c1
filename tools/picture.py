"""Take the README's picture from the running page: `python -m tools.picture`.

Starts the server, opens a sentence at the word where the verdict turns, and writes
docs/explorer.png. htmx comes from the tests' copy of its bytes.
"""

from playwright.sync_api import Route, sync_playwright

from tests.server import ROOT, running_server
from tools import browser, htmx

STATE = "/models/sentiment?text=I+did+not+love+France,+but+Paris+is+a+delight!&t=3"
PICTURE = ROOT / "docs" / "explorer.png"


def main() -> None:
    """Write the picture."""
    with running_server() as server, sync_playwright() as playwright:
        chromium = playwright.chromium.launch(
            executable_path=browser.find(), args=["--no-sandbox", "--disable-gpu"]
        )
        page = chromium.new_page(viewport={"width": 1280, "height": 1000}, reduced_motion="reduce")
        page.route(f"{htmx.CDN}**", _answer)
        page.goto(server.url + STATE)
        page.screenshot(path=PICTURE)
        chromium.close()
    print(PICTURE.relative_to(ROOT))


def _answer(route: Route) -> None:
    content = htmx.cached(route.request.url.removeprefix(htmx.CDN))
    if content is None:
        raise RuntimeError("htmx's bytes are not there yet: run .venv/bin/python -m tools.htmx")
    headers = {"access-control-allow-origin": "*", "content-type": "application/javascript"}
    route.fulfill(body=content, headers=headers)


if __name__ == "__main__":
    main()
