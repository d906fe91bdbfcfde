"""For all tests: one thread for BLAS, set before NumPy is loaded, so that machines agree."""

import os
import sys

for variable in ("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS"):
    os.environ[variable] = "1"

if os.environ.get("WITHOUT_NUMBA"):  # as on a machine that has none
    sys.modules["numba"] = None  # type: ignore[assignment]
