"""Scripts that a visitor may send in an address: in a real browser none of them runs.

Each would set `window.ran`, open a dialog, load something from outside, or, where the policy
stopped it, leave an error in the console; any of these fails the test.
"""

from urllib.parse import quote, urlsplit

import pytest
from playwright.sync_api import Dialog, Page

from tests.browser.log import BrowserLog
from tests.server import HOST

RUN = "window.ran=1"
PAYLOADS = (
    f"<script>{RUN}</script>",
    f"</script><script>{RUN}</script>",
    f"</title><script>{RUN}</script>",
    f"</textarea><script>{RUN}</script>",
    f"--><script>{RUN}</script>",
    f"<SCRIPT>{RUN}</SCRIPT >",
    f"<scr<script>ipt>{RUN}</scr</script>ipt>",
    f"<script/src=data:,{RUN}>",
    "<script src=//outside.example/x.js></script>",
    f'"><script>{RUN}</script>',
    f"'><script>{RUN}</script>",
    f"<img src=x onerror={RUN}>",
    f'"><img src=x onerror="{RUN}">',
    "<img src=//outside.example/x.png>",
    f"<svg onload={RUN}>",
    f"<svg><script>{RUN}</script></svg>",
    f"<svg><animate onbegin={RUN} attributeName=x dur=1s>",
    f"<math><mtext><script>{RUN}</script>",
    f"<body onload={RUN}>",
    f"<input autofocus onfocus={RUN}>",
    f'" autofocus onfocus="{RUN}',
    f"' autofocus onfocus='{RUN}",
    f"x onmouseover={RUN} style=position:fixed;inset:0 ",
    f"<details open ontoggle={RUN}>",
    f"<video><source onerror={RUN}></video>",
    f"<iframe srcdoc='<script>parent.{RUN}</script>'></iframe>",
    f"<iframe src=javascript:parent.{RUN}></iframe>",
    f"<object data=data:text/html,<script>{RUN}</script>></object>",
    f"<a href=javascript:{RUN} autofocus>x</a>",
    f"javascript:{RUN}",
    f"<form action=javascript:{RUN}><button autofocus>x</button></form>",
    "<meta http-equiv=refresh content=0;url=//outside.example/>",
    "<base href=//outside.example/>",
    "<link rel=stylesheet href=//outside.example/x.css>",
    "<style>@import '//outside.example/x.css';</style>",
    f"<div hx-get=/healthz hx-trigger=load hx-on:load={RUN}>",
    f'" hx-on::load="{RUN}" hx-trigger="load',
    "{{ 7 * 191 }}${7 * 191}#{7 * 191}<%= 7 * 191 %>",
    f"\u2028{RUN}//\u2029&lt;script&gt;{RUN}&lt;/script&gt;",
    f"&#60;script&#62;{RUN}&#60;/script&#62;%3Cscript%3E{RUN}%3C/script%3E",
)
PLACES = (
    "/models/sentiment?text={}&t=1",
    "/models/toy-rules?x={}",
    "/models/toy-rules?x=3,1,0&checkpoint={}&clamp={}&t={}",
    "/embed/models/sentiment?text={}&theme={}",
    "/share/models/sentiment?text={}&width={}",
    "/compare?a=sentiment?text={}&b={}",
    "/models/{}",
    "/{}",
)


def test_there_are_forty_payloads() -> None:
    assert len(set(PAYLOADS)) == 40


@pytest.mark.parametrize("n", range(len(PLACES)), ids=[place.partition("?")[0] for place in PLACES])
def test_no_script_of_a_visitor_runs(page: Page, browser_log: BrowserLog, n: int) -> None:
    """Every payload in the sentence itself, and in every place a part of them."""
    browser_log.allow("404")
    browser_log.allow("422")
    browser_log.allow("400")

    def refuse(dialog: Dialog) -> None:
        browser_log.add(f"dialog: {dialog.message}")
        dialog.dismiss()

    page.on("dialog", refuse)
    chosen = PAYLOADS if n == 0 else PAYLOADS[n - 1 :: len(PLACES) - 1]
    for payload in chosen:
        page.goto(PLACES[n].replace("{}", quote(payload, safe="")), wait_until="load")
        assert page.evaluate("window.ran") is None, payload
        assert "1337" not in page.content()
        assert urlsplit(page.url).hostname == HOST
