"""Every gate of an LSTM, step by step: a NumPy engine, readers of other frameworks' weights, and
models to look at.
"""

__version__ = "0.1.0"
