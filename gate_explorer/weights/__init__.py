"""LSTM weights under the names and in the layouts of other frameworks.

Each module maps to and from the one internal form, `LSTMParameters` in PyTorch's layout, without
changing a number: what is written reads back the same.
"""
