"""LSTM weights under the names and in the layouts of other frameworks."""
