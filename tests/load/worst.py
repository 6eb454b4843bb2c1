"""The most that each kind of request may ask of each model: the longest input, everything shown."""

from collections.abc import Iterator
from urllib.parse import quote, urlencode

from gate_explorer.runs.card import Card
from gate_explorer.zoo import registry

STEPS, HEAD = 512, 60_000
ENDINGS = ("", ".csv", ".npz", ".ndjson", ".svg", ".png", ".gif", ".html")
EVERYTHING = "tables=shown&gradient=shown&words=weighed&sort=similarity&show=c&gate=f"


def longest(card: Card, mark: int = 0) -> dict[str, str]:
    """The longest input that a model reads, another for each mark."""
    query = dict(card.examples[0].query)
    if "x" in query:
        rows = query["x"].split(";")
        first = ",".join([f"0.{mark:05d}", *rows[0].split(",")[1:]])
        return {"x": ";".join([first, *(rows * STEPS)[: STEPS - 1]])}
    if card.input == "words":
        plain = [word for word in query["text"].split() if word.isalpha()]
        words = [f"w{mark}", *plain * STEPS]
        return {"text": " ".join(words[: STEPS - 20])[:7_000]}
    text = query["text"] * STEPS
    drop = mark % 200
    return {"text": text[drop : drop + STEPS - 12]}


def requests(model_id: str, mark: int = 0) -> Iterator[tuple[str, str]]:
    """The dearest requests of a model: what each is, and its address."""
    card = registry.get(model_id).card
    query = urlencode(longest(card, mark), safe=",;")
    api = f"/api/v1/models/{model_id}"
    for ending in ENDINGS:
        yield f"trace{ending}", f"{api}/trace{ending}?{query}"
    yield "gradients", f"{api}/gradients?{query}"
    yield "page", f"/models/{model_id}?{query}"
    yield "page, all shown", f"/models/{model_id}?{query}&{EVERYTHING}"
    yield "share", f"/share/models/{model_id}?{query}"
    lane = quote(f"{model_id}?{query}", safe="=?,;")
    if 2 * len(lane) < HEAD:
        yield "compare", f"/compare?a={lane}&b={lane}&t=2"
    yield "oembed", f"/oembed?url={quote(f'/models/{model_id}?{query}', safe='')}"
    if card.cell != "rnn":
        yield "interventions", f"{api}/interventions?{query}"
        yield "interventions, each", f"{api}/interventions?{query}&units=each"
    if card.output == "next_token":
        yield "written", f"{api}/continuation.ndjson?text=a&count=200&seed={mark}"
