"""The mathematics: LSTM, Elman RNN and the three-rule toy, on NumPy alone."""
