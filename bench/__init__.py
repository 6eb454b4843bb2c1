"""Benchmarks: ratios against the libraries that do the same, one core each, measured in one run."""

import os

# Before NumPy, PyTorch or ONNX Runtime is imported: each reads these once, when it is loaded.
for _name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"):
    os.environ[_name] = "1"
