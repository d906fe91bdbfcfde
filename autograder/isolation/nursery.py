"""The warm process on the learner's side: it has NumPy and IPython loaded and forks.

It runs inside bubblewrap and never runs a learner's line. For each request it forks a keeper, which
makes new namespaces and forks the process that runs one submission. The keeper stays to say how
that one ended, and ends it when the judge's side is gone.

    python -s -P -B nursery.py CONTROL_SOCKET USER
"""

import base64
import gc
import json
import os
import random
import select
import signal
import socket
import sys
from typing import Any

sys.path.append(os.path.join(os.path.dirname(os.path.abspath(__file__)), "packages"))
sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import confine  # type: ignore[import-not-found]  # beside this file; no package of the project
import learner  # type: ignore[import-not-found]
import wire  # type: ignore[import-not-found]
from numpy.random import seed as seed_numpy

HERE = sys.path.pop(0)


def main() -> None:
    control, user = socket.socket(fileno=int(sys.argv[1])), int(sys.argv[2])
    if user:
        confine.become(user)
    setup = json.loads(control.recv(1 << 16))
    program = base64.b64decode(setup["filter"])
    learner.stand_in(os.path.join(HERE, "gradcheck.py"))
    shell = learner.make_shell()
    learner.warm_up(shell)
    gc.collect()
    gc.freeze()
    control.send(b"ready")
    _silence()
    while True:
        request, sockets, _, _ = socket.recv_fds(control, 1 << 16, 2)
        if not request:
            return
        _bury()
        if os.fork() == 0:
            control.close()
            try:
                talk, life = (socket.socket(fileno=number) for number in sockets)
                keep(talk, life, json.loads(request), program, shell)
            finally:
                os._exit(0)
        for number in sockets:
            os.close(number)


def _bury() -> None:
    """Wait for the keepers that have ended, so that nothing of them is left."""
    try:
        while os.waitpid(-1, os.WNOHANG)[0]:
            pass
    except ChildProcessError:
        pass


def _silence() -> None:
    """What is printed below Python goes nowhere."""
    nowhere = os.open("/dev/null", os.O_RDWR)
    for number in (0, 1, 2):
        os.dup2(nowhere, number)
    os.close(nowhere)


def keep(
    talk: socket.socket, life: socket.socket, asked: "dict[str, Any]", program: bytes, shell: Any
) -> None:
    """Fork one submission's process into namespaces of its own; say how it ended.

    `talk` carries the calls; over `life` the judge's side learns of birth and death.
    """
    os.setsid()  # a signal to one's own group must not reach the nursery
    try:
        confine.apart()
        child = os.fork()
    except OSError as error:
        life.send(f"refused: {error}".encode())
        return
    if child == 0:
        try:
            be_the_learner(talk, life, asked, program, shell)
        finally:
            os._exit(0)
    talk.close()
    ended = os.pidfd_open(child)
    readable, _, _ = select.select([life.fileno(), ended], [], [])
    if life.fileno() in readable:  # the judge's side has closed its end: nobody waits for an answer
        signal.pidfd_send_signal(ended, signal.SIGKILL)
    how = os.waitid(os.P_PID, child, os.WEXITED | os.WNOWAIT)
    assert how is not None
    try:
        life.send(json.dumps([how.si_code == os.CLD_EXITED, how.si_status]).encode())
        life.recv(1)  # until it is closed, the process's number is not given away again
    except OSError:
        pass
    os.waitpid(child, 0)


def be_the_learner(
    talk: socket.socket, life: socket.socket, asked: "dict[str, Any]", program: bytes, shell: Any
) -> None:
    """Lock this process in, then answer until the judge's side closes."""
    try:
        signal.signal(signal.SIGINT, signal.default_int_handler)
        os.setsid()
        random.seed(0)  # the same for every submission: the same bytes get the same verdict
        seed_numpy(0)
        confine.alone(asked["box"])
        confine.limit(asked["limits"])
        confine.without_rights()
        confine.only_these_calls(program)
    except OSError as error:
        life.send(f"refused: {error}".encode())
        return
    life.send(b"born")  # the kernel adds this process's number
    life.close()
    try:
        learner.serve(wire.Channel(talk), shell)
    except wire.Closed:
        pass


if __name__ == "__main__":
    main()
