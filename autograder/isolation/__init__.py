"""Runs a learner's cells in a process of their own; the judge calls the functions through proxies.

wire.py     what may cross between the two processes: plain data in bounded frames
learner.py  the program on the learner's side: runs cells, answers calls; never trusted
session.py  the judge's side: starts and stops that process, gives out proxies
"""
