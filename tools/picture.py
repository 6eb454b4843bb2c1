"""Take the README's moving picture from the running page: `python -m tools.picture`.

Starts the server, opens a sentence, goes through its steps, shuts the gate that the page suggests,
and writes docs/explorer.webp, an animation. htmx comes from the set-up's copy of its bytes.
"""

import io

from PIL import Image
from playwright.sync_api import Page, Route, sync_playwright

from tests.server import ROOT, running_server
from tools import browser, htmx

TEXT = "The+movie+was+not+good."
STEPS, TURN = 6, 4
PICTURE = ROOT / "docs" / "explorer.webp"
SIZE = (1100, 524)
BEAT, PAUSE = 900, 2200


def main() -> None:
    """Write the picture."""
    with running_server() as server, sync_playwright() as playwright:
        chromium = playwright.chromium.launch(
            executable_path=browser.find(), args=["--no-sandbox", "--disable-gpu"]
        )
        page = chromium.new_page(viewport={"width": 1366, "height": 650}, reduced_motion="reduce")
        page.route(f"{htmx.CDN}**", _answer)
        frames = []
        for t in range(1, STEPS + 1):
            page.goto(f"{server.url}/models/sentiment?text={TEXT}&t={t}")
            frames.append((_frame(page), PAUSE if t == TURN else BEAT))
        page.goto(f"{server.url}/models/sentiment?text={TEXT}&t={TURN}")
        page.locator("#try").click()
        page.locator("#held").wait_for()
        frames.append((_frame(page), PAUSE))
        chromium.close()
    first, *rest = [frame for frame, _ in frames]
    first.save(
        PICTURE,
        save_all=True,
        append_images=rest,
        duration=[milliseconds for _, milliseconds in frames],
        loop=0,
        quality=72,
        method=6,
    )
    print(f"{PICTURE.relative_to(ROOT)}: {PICTURE.stat().st_size:,} bytes")


def _frame(page: Page) -> Image.Image:
    image = Image.open(io.BytesIO(page.screenshot())).convert("RGB")
    return image.resize(SIZE, Image.Resampling.LANCZOS)


def _answer(route: Route) -> None:
    content = htmx.cached(route.request.url.removeprefix(htmx.CDN))
    if content is None:
        raise RuntimeError("htmx's bytes are not there yet: run .venv/bin/python -m tools.htmx")
    headers = {"access-control-allow-origin": "*", "content-type": "application/javascript"}
    route.fulfill(body=content, headers=headers)


if __name__ == "__main__":
    main()
