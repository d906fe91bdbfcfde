"""Runs a learner's cells in a process of their own; the judge calls the functions through proxies.

On the judge's side:
session.py   one submission: runs its cells, gives out proxies, limits time, starts anew after a death
sandbox.py   the warm process inside bubblewrap, and a fork of it for each submission
plain.py     a process without a sandbox, if somebody says so
calls.py     the system calls that are allowed; packages.py the packages that can be seen
memory.py    a bound on memory by cgroup, where there is one
selftest.py  looks at the sandbox from within

On the learner's side, never trusted, importing nothing of the project:
nursery.py   the warm process: forks
confine.py   how a fork locks itself in
learner.py   runs cells, answers calls
layers.py    functions from their source: what a notebook may build on

On both:
wire.py      what may cross: plain data in bounded frames
"""
