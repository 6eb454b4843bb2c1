"""The mathematics, on NumPy alone: LSTM, Elman network, stacks of them, and the three-rule toy.

lstm, rnn    one layer: forward, step, stream, backward, and the types of parameters and traces
stack        layers and directions, batches with lengths
plain, fast  the two implementations behind `lstm`, held equal: one to read, one to run
toy          the three rules without any network
"""
