"""The engine: tables in, files out. No database, no web."""

import os

os.environ.setdefault("OPENPYXL_LXML", "False")  # a workbook has the same bytes whether or not lxml is installed
