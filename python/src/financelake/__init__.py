"""FinanceLake: technical indicators, computed by Rust.

`financelake.ta` is for numpy, pandas, polars and pyarrow; `financelake.functions` is for PySpark.
"""

from importlib.metadata import version

__version__ = version("financelake")
