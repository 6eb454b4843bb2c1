"""The job as one writes it in Streamlit: `streamlit run bench/web/streamlit_app.py`."""

import pandas as pd
import streamlit as st

from bench.web import job

run_once = st.cache_resource(job.run)

st.set_page_config(page_title="Gates", layout="wide")
sentence = st.text_input("Sentence", job.SENTENCE)
run = run_once(sentence)
t = st.slider("Step", 1, len(run), 1)
st.markdown(job.caption(run, t))
for panel, column in zip(job.PANELS, st.columns(len(job.PANELS)), strict=True):
    values = job.values(run, panel, t)
    with column:
        st.caption(panel)
        st.bar_chart(pd.Series(values, range(1, len(values) + 1)), height=200)
for label, probability in job.verdict(run, t).items():
    st.progress(probability, f"{label} {probability:.0%}")
