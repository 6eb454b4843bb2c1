"""Which kernel a BLAS multiplies matrices with here, and whether the environment forced it.

A library has a kernel for every kind of processor and picks one when it is loaded. A variable can
name another: then the figures tell of that kernel and not of this machine.
"""

from collections.abc import Mapping

import numpy as np
from threadpoolctl import threadpool_info

# What each library, and NumPy's own loops, let the environment decide.
OVERRIDES = (
    "OPENBLAS_CORETYPE",
    "MKL_ENABLE_INSTRUCTIONS",
    "MKL_DEBUG_CPU_TYPE",
    "BLIS_ARCH_TYPE",
    "ONEDNN_MAX_CPU_ISA",
    "NPY_DISABLE_CPU_FEATURES",
    "NPY_ENABLE_CPU_FEATURES",
)


def lines(environment: Mapping[str, str]) -> list[str]:
    """A line for each BLAS that is loaded, and one for what the environment forces, or doesn't."""
    # Some are loaded with the first product alone.
    _ = np.ones((2, 2)) @ np.ones((2, 2))
    loaded = [one for one in threadpool_info() if one["user_api"] == "blas"]
    found = [
        f"{one['internal_api']} {one['version']}: kernel {one.get('architecture', 'not said')},"
        f" threads {one['num_threads']}"
        for one in loaded
    ]
    forced = [f"{name}={environment[name]}" for name in OVERRIDES if environment.get(name)]
    if forced:
        return [*found, f"Forced by the environment: {', '.join(forced)}"]
    return [*(found or ["No BLAS that says its kernel"]), "Chosen by the libraries themselves"]
