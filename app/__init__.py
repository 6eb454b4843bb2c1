"""Gate Explorer's site: every gate of a real LSTM in the browser and over JSON."""
