"""Python in the reader's browser: its files fetched and checked, our wheel beside them, JupyterLite.

pyodide.py   the official files of Pyodide, from whoever has them, each against the official hash
site.py      `python -m browser`: puts them, the wheel and JupyterLite into the built book
"""
