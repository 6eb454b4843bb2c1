"""The job as one writes it in Gradio: `python -m bench.web.gradio_app PORT`."""

import sys
from typing import Any

import gradio as gr
import pandas as pd

from bench.web import job
from gate_explorer.runs.run import Run


def frame(run: Run, panel: str, t: int) -> pd.DataFrame:
    values = job.values(run, panel, t)
    return pd.DataFrame({"unit": [f"{n:02}" for n in range(1, len(values) + 1)], "value": values})


def show(sentence: str, t: int) -> list[Any]:
    """The step's caption, its panels and its verdict."""
    run = job.run(sentence)
    panels = [frame(run, panel, t) for panel in job.PANELS]
    return [job.caption(run, t), *panels, job.verdict(run, t)]


def begin(sentence: str) -> list[Any]:
    """A new sentence: its first step, and the slider over its steps."""
    return [gr.Slider(maximum=len(job.run(sentence)), value=1), *show(sentence, 1)]


def limits(key: str) -> list[float]:
    return [0, 1] if key in job.GATES else [-1.5, 1.5] if key in ("c_prev", "c") else [-1, 1]


def app() -> gr.Blocks:
    first, *panels, last = show(job.SENTENCE, 1)
    with gr.Blocks(title="Gates") as blocks:
        sentence = gr.Textbox(job.SENTENCE, label="Sentence")
        step = gr.Slider(1, job.STEPS, value=1, step=1, label="Step")
        shown: list[Any] = [gr.Markdown(first)]
        with gr.Row():
            for (panel, key), value in zip(job.PANELS.items(), panels, strict=True):
                shown.append(gr.BarPlot(value, x="unit", y="value", title=panel, y_lim=limits(key)))
        shown.append(gr.Label(last, label="Prediction"))
        sentence.submit(begin, sentence, [step, *shown])
        step.change(show, [sentence, step], shown, show_progress="hidden")
    return blocks


if __name__ == "__main__":
    app().launch(server_name="127.0.0.1", server_port=int(sys.argv[1]), quiet=True)
