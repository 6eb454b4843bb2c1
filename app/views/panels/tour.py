"""Five stops from the three rules to a trained network, each a link with a line on what to see."""

from dataclasses import dataclass

from gate_explorer.zoo import registry

from ..address.root import rooted
from ..address.state import query_string


@dataclass(frozen=True)
class Stop:
    """One stop: the model, the state to open it in, and what to look at there."""

    model: str
    query: dict[str, str]
    title: str
    text: str

    @property
    def words(self) -> str:
        """What to look at; how many units there are is the model's own number."""
        return self.text.format(units=registry.get(self.model).card.hidden_size)

    @property
    def t(self) -> int:
        """The step that its words are about, from 1."""
        return int(self.query["t"])

    def address(self, n: int) -> str:
        """The stop's address as the tour's n-th, from 1."""
        return rooted(f"/models/{self.model}?{query_string({**self.query, 'tour': n})}")


STOPS = (
    Stop(
        "toy-rules",
        {"x": "3,1,0;5,0,1;2,1,0;3,0,1", "t": "1"},
        "Write",
        "This memory holds one number. x2 = 1 opens the Filter, so the Writer’s 3 goes in: the"
        " memory was 0 and is 3 now. The Presenter is shut, so nothing is shown yet.",
    ),
    Stop(
        "toy-rules",
        {"x": "3,1,0;5,0,1;2,1,0;3,0,1", "t": "2"},
        "Keep and show",
        "A 5 comes along, but x2 = 0 leaves the Filter shut: the draft stays pale and nothing is"
        " added. The Eraser lets the old 3 through. x3 = 1 opens the Presenter, and 3 is shown.",
    ),
    Stop(
        "toy-rules",
        {"x": "4,1,1;6,1,1;0,-1,1;2,1,1", "t": "3"},
        "Erase",
        "x2 = −1 shuts the Eraser: nothing of the 10 passes, and the memory starts again from 0.",
    ),
    Stop(
        "toy-lstm",
        {"x": "3,1,0;5,0,1;2,1,0;3,0,1", "sharpness": "4", "t": "2"},
        "Soften",
        "The same rules as the weights of a real LSTM. At this sharpness no gate quite opens or"
        " shuts: a little of the 5 leaks in, and a little of the 3 is lost.",
    ),
    Stop(
        "sentiment",
        {"text": "The movie was not good.", "t": "4"},
        "Learn",
        "A trained LSTM: {units} units, each with gates of its own that nobody set. At “not” the"
        " verdict falls. Choose a unit, step on, or type a sentence of your own: that was the"
        " tour.",
    ),
)
