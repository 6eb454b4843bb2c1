"""Gate Explorer: every gate of a real LSTM, step by step, in the browser and over JSON."""

__version__ = "0.1.0"
