"""Hostile and broken submissions of one chapter, as a table: what each tries, and its row.

A row changes an otherwise right (or, where it is after points, wrong) notebook of chapter 5:

reach   every answer is wrong, and a cell of the learner's own tries to get points: they stay 0
hurt    every answer is right, and a cell tries to break the grader: they all count
call    `conv_dy_flip` has this body: its row is given, the other tasks keep their points
file    the notebook itself is changed: its rows are given

The cells of `reach` and `hurt` stand once before the answers and once behind them. A status of ""
means any: what an attack on one's own process is called does not matter, its points do.
"""

import copy
import json
from collections.abc import Callable
from typing import Any, NamedTuple

from autograder.build import EXERCISES
from autograder.demo import answer_source
from autograder.tasks import all_tasks

CHAPTER = "ch05"
RELEASE = EXERCISES / "ch05_dy.ipynb"
TASKS = {name: t for name, t in all_tasks().items() if t.chapter == CHAPTER}
RIGHT = {name: answer_source(t.solution, t) for name, t in TASKS.items()}
FULL = {name: (t.points, "graded") for name, t in TASKS.items()}
NOTHING = dict.fromkeys(TASKS, (0.0, ""))  # whatever it is called
WRONG = {
    "influence_mask": "def influence_mask(r, c, KH, KW, H_out, W_out):\n"
    "    return np.zeros((H_out, W_out), bool)",
    "pixel_gradient": "def pixel_gradient(dz, w, t, m, r, c):\n    return 0.0",
    **{
        name: f"def {name}(dz, w):\n    shape = (len(dz), w.shape[1], dz.shape[2] + w.shape[2] - 1,"
        " dz.shape[3] + w.shape[3] - 1)\n    return np.zeros(shape)"
        for name in ("conv_dy_scatter", "conv_dy_flip")
    },
}

Notebook = dict[str, Any]


class Hostile(NamedTuple):
    """One submission: the bytes that are handed in, and (score, status) by task."""

    name: str
    tries: str
    content: bytes
    expected: dict[str, tuple[float, str]]


# ----- how a row becomes a notebook -----


def notebook(answers: dict[str, str]) -> Notebook:
    """The released notebook with these answers."""
    loaded: Notebook = json.loads(RELEASE.read_text())
    for cell in loaded["cells"]:
        name = grade_id(cell).removesuffix("-answer")
        if grade_id(cell).endswith("-answer") and name in answers:
            cell["source"] = answers[name]
    return loaded


def grade_id(cell: Notebook) -> str:
    return str(cell["metadata"].get("nbgrader", {}).get("grade_id", ""))


def cell_of(loaded: Notebook, name: str) -> Notebook:
    found: Notebook = next(c for c in loaded["cells"] if grade_id(c) == name)
    return found


def code(source: str, **metadata: Any) -> Notebook:
    return {"cell_type": "code", "source": source, "metadata": metadata, "outputs": []}


def text(source: str) -> Notebook:
    return {"cell_type": "markdown", "source": source, "metadata": {}}


def with_cell(answers: dict[str, str], source: str) -> bytes:
    """The cell stands behind the set-up, and again behind the last answer, before its check."""
    loaded = notebook(answers)
    names = [grade_id(c) for c in loaded["cells"]]
    at, last = names.index("setup"), names.index("conv_dy_flip-answer")
    loaded["cells"].insert(last + 1, code(source))
    loaded["cells"].insert(at + 1, code(source))
    return as_bytes(loaded)


def as_bytes(loaded: Any) -> bytes:
    return json.dumps(loaded).encode()


def reach(name: str, tries: str, source: str) -> Hostile:
    return Hostile(name, tries, with_cell(WRONG, source), NOTHING)


def hurt(name: str, tries: str, source: str, **expected: tuple[float, str]) -> Hostile:
    return Hostile(name, tries, with_cell(RIGHT, source), {**FULL, **expected})


def call(name: str, tries: str, body: str, score: float = 0.0, status: str = "graded") -> Hostile:
    """`conv_dy_flip` is replaced; `right(dz, w)` in its body is the right answer."""
    lines = "\n".join(f"    {line}" for line in body.splitlines())
    source = RIGHT["conv_dy_flip"].replace("def conv_dy_flip(", "def right(")
    answers = {**RIGHT, "conv_dy_flip": f"{source}\n\ndef conv_dy_flip(dz, w):\n{lines}\n"}
    row = {**FULL, "conv_dy_flip": (score, status)}
    return Hostile(name, tries, as_bytes(notebook(answers)), row)


def file(name: str, tries: str, change: Callable[[Notebook], Any], **row: Any) -> Hostile:
    """The right notebook, changed; `change` may return bytes to be handed in instead."""
    loaded = notebook(RIGHT)
    changed = change(loaded)
    content = changed if isinstance(changed, bytes) else as_bytes(loaded)
    return Hostile(name, tries, content, {**FULL, **row})


def raw(name: str, tries: str, content: bytes) -> Hostile:
    return Hostile(name, tries, content, dict.fromkeys(TASKS, (0.0, "unreadable")))


POINTS = TASKS["conv_dy_flip"].points

# ----- after points -----

IPYTHON = "ip = get_ipython()\n"
CHANNEL = (
    "import gc, json, struct, sys\n"
    "channel = next(o for o in gc.get_objects() if type(o).__name__ == 'Channel')\n"
)

REACH = (
    reach("rebind-check", "the notebook's check", "def check(function, name):\n    return 100.0"),
    reach(
        "patch-package",
        "the check of the package that cells import",
        "import autograder\nautograder.check = lambda function, name: 100.0",
    ),
    reach("plant-judge", "a judge of one's own", "import sys, types\n"
          "judge = types.ModuleType('autograder.judge')\njudge.judge = lambda *a, **k: 100.0\n"
          "sys.modules['autograder.judge'] = judge"),
    reach("import-solutions", "the model answers",
          "from solutions.chapters.ch05_dy import conv_dy_scatter, conv_dy_flip"),
    reach("import-tasks", "the tasks", "from autograder.tasks import all_tasks\n"
          "globals().update({n: t.solution for n, t in all_tasks().items()})"),
    reach("path-hunt", "the model answers on any path", "import os, sys\n"
          "for folder, _, files in os.walk('/'):\n"
          "    if 'ch05_dy.py' in files:\n"
          "        sys.path.insert(0, folder)\n        from ch05_dy import *"),
    reach("patch-numpy", "what the judge compares with", "import numpy as np\n"
          "np.allclose = np.array_equal = np.all = lambda *a, **k: True\n"
          "np.testing.assert_allclose = lambda *a, **k: None\nnp.max = np.vdot = lambda *a: 0.0"),
    reach("rebind-numpy", "NumPy's name", "class np_:\n    def __getattr__(self, name):\n"
          "        return lambda *a, **k: 1.0\nnumpy = np_()"),
    reach("assertion-error", "the built-in AssertionError",
          "import builtins\nbuiltins.AssertionError = type('E', (BaseException,), {})"),
    reach("builtins", "built-in functions", "import builtins\n"
          "builtins.sum = lambda *a: 1.0\nbuiltins.float = lambda x=0: 100.0\n"
          "builtins.isinstance.__doc__"),
    reach("shadow-names", "names that a check may use", "range = float = points = score = None\n"
          "AssertionError = ValueError = Exception"),
    reach("ast-transformer", "IPython's trees", IPYTHON + "import ast\n"
          "class Drop(ast.NodeTransformer):\n    def visit_Call(self, node):\n"
          "        return ast.Constant(100.0)\nip.ast_transformers.append(Drop())"),
    reach("input-transformer", "IPython's source lines",
          IPYTHON + "ip.input_transformers_post.append(lambda lines: ['pass\\n'])"),
    reach("exception-handler", "IPython's handling of errors",
          IPYTHON + "ip.set_custom_exc((Exception,), lambda *a, **k: None)"),
    reach("run-cell", "IPython's run_cell", IPYTHON + "from types import SimpleNamespace as S\n"
          "ip.run_cell = lambda *a, **k: S(success=True, result=100.0, error_before_exec=None,"
          " error_in_exec=None)"),
    reach("formatter", "how numbers are shown",
          IPYTHON + "f = ip.display_formatter.formatters['text/plain']\n"
          "for kind in (int, float, str):\n    f.for_type(kind, lambda o, p, c: p.text('100.0'))"),
    reach("forge-result", "a displayed result", IPYTHON + "ip.displayhook(100.0)\n100.0"),
    reach("forge-display", "a published display", "from IPython.display import publish_display_data\n"
          "publish_display_data({'text/plain': '100.0', 'text/html': '<b>100 points</b>'})"),
    reach("events", "IPython's events", IPYTHON + "ip.events.register('post_run_cell',"
          " lambda *a: ip.user_ns.update(score=100.0))"),
    reach("stack-walk", "the caller's frames", "import sys\nframe = sys._getframe()\n"
          "while frame:\n    frame.f_locals.update(score=100.0, passed=True, points=100.0)\n"
          "    frame = frame.f_back"),
    reach("gc-hunt", "the judge's objects in memory", "import gc\n"
          "for o in gc.get_objects():\n    if type(o).__name__ in ('Task', 'Report', 'Property',"
          " 'Case'):\n        o.__class__ = dict"),
    reach("wire-encode", "how values are written", "import sys\nwire = sys.modules['wire']\n"
          "wire.encode = lambda *a, **k: {'float': 'nan'}"),
    reach("wire-dtypes", "which dtypes may cross", "import sys\nwire = sys.modules['wire']\n"
          "wire.DTYPES = frozenset(['object'])\nwire.MOST_BYTES = 1 << 60"),
    reach("answer-score", "an answer that holds a score", CHANNEL + "send = channel.send\n"
          "channel.send = lambda h, b=(), **k: send({**h, 'score': 100.0, 'points': 100.0,"
          " 'passed': True, 'status': 'graded'}, list(b), **k)"),
    reach("answer-callback", "a call of the judge's functions", CHANNEL + "send = channel.send\n"
          "channel.send = lambda h, b=(), **k: send({'callback': 0, 'args': []}, [])"),
    reach("json-dumps", "how headers are written", "import json\n"
          "json.dumps = lambda *a, **k: '{\"value\": 1e308, \"buffers\": []}'"),
    reach("trace", "every line that is run", "import sys\n"
          "def tracer(frame, event, arg):\n    frame.f_locals['gap'] = 0.0\n    return tracer\n"
          "sys.settrace(tracer)"),
    reach("profile", "every call", "import sys\nsys.setprofile(lambda *a: None)"),
    reach("patching-thread", "again and again in a thread", "import threading, sys, time\n"
          "def patch():\n    for _ in range(10**4):\n"
          "        sys.modules['autograder'].check = lambda *a: 100.0\n        time.sleep(0.001)\n"
          "threading.Thread(target=patch, daemon=True).start()"),
    reach("alarm", "again and again by a signal", "import signal\n"
          "signal.signal(signal.SIGALRM, lambda *a: globals().update(score=100.0))\n"
          "signal.setitimer(signal.ITIMER_REAL, 0.005, 0.005)"),
    reach("atexit", "when the process ends", "import atexit\n"
          "atexit.register(lambda: open('/box/grades.csv', 'w').write('me,100'))"),
    reach("environment", "what the environment says", "import os\n"
          "os.environ.update(NBGRADER_EXECUTION='validate', AUTOGRADER_UNSANDBOXED='1',"
          " PYTHONPATH='/box')\nopen('/box/autograder.py', 'w').write('check = lambda *a: 100.0')"),
    reach("shadow-files", "modules beside the notebook", "for name in ('numpy', 'json', 'wire',"
          " 'sitecustomize', 'usercustomize'):\n"
          "    open(f'{name}.py', 'w').write('raise SystemExit')"),
    reach("startup-file", "IPython's start-up folder", "import os\n"
          "os.makedirs('/box/profile_default/startup', exist_ok=True)\n"
          "open('/box/profile_default/startup/0.py', 'w').write('x = 1')"),
    reach("gradebook", "the gradebook", "import glob, sqlite3\n"
          "for path in glob.glob('/**/gradebook.db', recursive=True):\n"
          "    sqlite3.connect(path).execute('update grade set manual_score = 100')"),
    reach("seed-hunt", "the seed's file", "import glob\n"
          "print([open(p).read() for p in glob.glob('/**/seed', recursive=True)])"),
    reach("proc-memory", "the grader's memory", "import os\n"
          "for n in range(1, 10):\n    open(f'/proc/{n}/mem', 'r+b').write(b'100.0')"),
    reach("peek-process", "another process's memory", "import ctypes\n"
          "libc = ctypes.CDLL(None)\nprint([libc.ptrace(16, n, 0, 0) for n in range(1, 50)])"),
    reach("meta-path", "imports", "import sys\nclass Finder:\n"
          "    def find_spec(self, name, path=None, target=None):\n"
          "        if name.startswith('autograder'):\n            raise SystemExit\n"
          "sys.meta_path.insert(0, Finder())"),
    reach("unhide", "the finder that hides the course", "import sys\n"
          "sys.meta_path[:] = [f for f in sys.meta_path if type(f).__name__ != 'Hidden']\n"
          "del sys.modules['autograder']\nfrom autograder.tasks import all_tasks"),
    reach("random", "the generator of the cases", "import numpy as np\n"
          "np.random.default_rng = lambda *a: np.random.RandomState(0)\nnp.random.seed(0)"),
    reach("clock", "the clock", "import time\ntime.process_time = time.monotonic = lambda: 0.0"),
    reach("settings", "how NumPy reports errors", "import numpy as np\nnp.seterr(all='ignore')\n"
          "np.set_printoptions(formatter={'all': lambda x: '100.0'})"),
)  # fmt: skip

# ----- against the grader and the others -----

HURT = (
    hurt("end-process", "to end the process", "import os\nos._exit(0)"),
    hurt("sys-exit", "to leave", "raise SystemExit(3)"),
    hurt("quit", "to leave as one does in a terminal", "exit()\nquit()"),
    hurt("interrupt", "the interrupt of the keyboard", "raise KeyboardInterrupt"),
    hurt("generator-exit", "an exception that is none", "raise GeneratorExit"),
    hurt("segfault", "to crash", "import ctypes\nctypes.string_at(0)"),
    hurt("abort", "to abort", "import os\nos.abort()"),
    hurt("endless", "never to come back", "while True:\n    pass"),
    hurt("endless-deaf", "never to come back, whatever is raised",
         "while True:\n    try:\n        while True: pass\n    except BaseException: pass"),
    hurt("stop", "to stop itself", "import os, signal\nos.kill(os.getpid(), signal.SIGSTOP)"),
    hurt("kill-group", "its process group", "import os\nos.kill(0, 9)"),
    hurt("kill-all", "every process", "import os\nos.kill(-1, 9)"),
    hurt("kill-parent", "its parent", "import os\nos.kill(os.getppid(), 9)"),
    hurt("kill-some", "processes by number", "import os\n"
         "for n in range(2, 2000):\n    try: os.kill(n, 9)\n    except OSError: pass"),
    hurt("ignore-signals", "to be out of reach", "import signal\nfor n in range(1, 65):\n"
         "    try: signal.signal(n, signal.SIG_IGN)\n    except (OSError, ValueError): pass"),
    hurt("fork-bomb", "all processes", "import os\nwhile True:\n    os.fork()"),
    hurt("spawn", "a process that stays", "import subprocess\n"
         "subprocess.Popen(['sleep', '1000'], start_new_session=True)"),
    hurt("multiprocessing", "a pool", "import multiprocessing\n"
         "multiprocessing.get_context('fork').Pool(8)"),
    hurt("threads", "many threads", "import threading\n"
         "for _ in range(5000):\n    threading.Thread(target=threading.Event().wait).start()"),
    hurt("memory", "all memory", "import numpy as np\nheld = [np.ones(10**8) for _ in range(999)]"),
    hurt("memory-bytes", "all memory, without NumPy", "held = []\n"
         "while True:\n    held.append(bytearray(1 << 28))"),
    hurt("memory-map", "all addresses", "import mmap\nm = [mmap.mmap(-1, 1 << 33) for _ in range(9)]"),
    hurt("disk", "all disk space", "f = open('full', 'wb')\nwhile True:\n    f.write(bytes(1 << 22))"),
    hurt("many-files", "all file names", "for k in range(10**6):\n    open(f'f{k}', 'w').close()"),
    hurt("open-files", "all file numbers", "held = []\nwhile True:\n    held.append(open('x', 'w'))"),
    hurt("pipes", "the system's buffers", "import os\nheld = []\nwhile True:\n    held.append(os.pipe())"),
    hurt("print", "a flood of output", "for _ in range(2000):\n    print('x' * 10**6)"),
    hurt("print-below", "a flood below Python", "import os\n"
         "for _ in range(1000):\n    os.write(1, bytes(10**6))\n    os.write(2, bytes(10**6))"),
    hurt("print-odd", "what no file takes", "print('\\ud800\\x00\\x1b[31m\\x07\\u202e')"),
    hurt("stdout-gone", "the place to print to", "import sys\nsys.stdout = sys.stderr = None"),
    hurt("stdout-closed", "to close it", "import sys\nsys.stdout.close()"),
    hurt("close-files", "the channel", "import os\nos.closerange(0, 1000)"),
    hurt("redirect-files", "the channel, by another file", "import os\n"
         "n = os.open('/dev/zero', os.O_RDWR)\nfor k in range(3, 40):\n    os.dup2(n, k)"),
    hurt("read-channel", "what is said to it", CHANNEL + "print(channel.stream.recv(100))"),
    hurt("channel-noise", "noise for an answer",
         CHANNEL + "channel.stream.sendall(b'\\xff' * 1000)"),
    hurt("channel-early", "an answer before the question", CHANNEL +
         "channel.send({'text': '', 'png': []}, [])",
         **dict.fromkeys(TASKS, (0.0, "crashed"))),
    hurt("recursion", "all of the stack", "def f():\n    return f()\nf()"),
    hurt("recursion-deep", "all of the stack, below Python", "import sys\n"
         "sys.setrecursionlimit(10**8)\ndef f(x):\n    return [f(x)]\nf(1)"),
    hurt("parser", "the compiler's stack", "exec('(' * 10**5)"),
    hurt("sleep", "to sleep", "import time\ntime.sleep(10**6)"),
    hurt("input", "to wait for somebody", "input('your name? ')"),
    hurt("breakpoint", "the debugger", "breakpoint()"),
    hurt("debug-magic", "the debugger after an error", "1/0\n%debug"),
    hurt("shell", "a shell", "!rm -rf / --no-preserve-root"),
    hurt("bash-cell", "a script", "%%bash\nrm -rf /"),
    hurt("pip", "to install a package", "%pip install --quiet requests"),
    hurt("remove-files", "every file", "import shutil\nshutil.rmtree('/', ignore_errors=True)"),
    hurt("chmod", "rights of files", "import os\nfor p in ('/', '/course', '/usr/lib', '/box'):\n"
         "    try: os.chmod(p, 0o777)\n    except OSError: pass\nos.chmod('/box', 0)"),
    hurt("folder-gone", "the folder that it is in", "import os\nos.mkdir('d')\nos.chdir('d')\n"
         "os.rmdir('/box/d')"),
    hurt("links", "links out of the folder", "import os\nos.symlink('/etc/shadow', 'a')\n"
         "print(open('a').read())"),
    hurt("devices", "a device of its own", "import os, stat\n"
         "os.mknod('disk', stat.S_IFBLK | 0o666, os.makedev(8, 0))"),
    hurt("network", "another host", "import urllib.request\n"
         "urllib.request.urlopen('http://192.0.2.1/', timeout=1)"),
    hurt("loopback", "this host", "import socket\n"
         "socket.create_connection(('127.0.0.1', 22), timeout=1)"),
    hurt("unix-socket", "the system's services", "import socket\n"
         "s = socket.socket(socket.AF_UNIX)\ns.connect('/run/systemd/private')"),
    hurt("abstract-socket", "a socket without a file", "import socket\n"
         "s = socket.socket(socket.AF_UNIX)\ns.connect('\\0session')"),
    hurt("namespaces", "rights in a new namespace", "import ctypes\nlibc = ctypes.CDLL(None)\n"
         "print(libc.unshare(0x10000000), libc.mount(b'none', b'/', b'tmpfs', 0, None))"),
    hurt("setuid", "root", "import os\nos.setuid(0)"),
    hurt("priority", "to come first", "import os\nos.nice(-20)"),
    hurt("limits", "to lift its limits", "import resource as r\nr.setrlimit(r.RLIMIT_AS, (-1, -1))"),
    hurt("asyncio", "a loop of events", "import asyncio\nasync def f():\n    await asyncio.sleep(0)\n"
         "await f()"),
    hurt("gc-off", "the collector", "import gc\ngc.disable()\ngc.freeze()"),
    hurt("warnings", "warnings as errors", "import warnings\nwarnings.simplefilter('error')"),
    hurt("environment-gone", "the environment", "import os\nos.environ.clear()"),
    hurt("error-endless", "an error whose text never comes", "class E(Exception):\n"
         "    def __str__(self):\n        while True: pass\nraise E"),
    hurt("error-odd", "an error whose text is none", "class E(Exception):\n"
         "    def __str__(self):\n        return 5\nraise E"),
    hurt("error-long", "an error without end", "raise type('E' * 10**6, (Exception,), {})('m' * 10**7)"),
    hurt("error-group", "errors in errors", "e = ValueError()\nfor _ in range(200):\n"
         "    e = ExceptionGroup('g', [e])\nraise e"),
    hurt("dump-later", "to end later", "import faulthandler, os\n"
         "faulthandler.dump_traceback_later(0.05, exit=True, file=open('x', 'w'))\n"
         "import time\ntime.sleep(0.2)"),
    hurt("html", "HTML in an output", "from IPython.display import HTML, SVG, Javascript, display\n"
         "display(HTML('<script>alert(1)</script>'), Javascript('alert(1)'))\n"
         "print('<script>alert(1)</script><img src=x onerror=alert(1)>')"),
    hurt("png-html", "HTML in place of a picture",
         "from IPython.display import publish_display_data\n"
         "publish_display_data({'image/png': '\"><script>alert(1)</script>'})"),
    hurt("png-bomb", "a picture that is too large", "import base64, struct, zlib\n"
         "from IPython.display import Image, display\n"
         "head = struct.pack('>IIBBBBB', 10**6, 10**6, 8, 0, 0, 0, 0)\n"
         "display(Image(b'\\x89PNG\\r\\n\\x1a\\n' + struct.pack('>I', 13) + b'IHDR' + head))"),
    hurt("honest-magics", "nothing: it is honest",
         "%matplotlib inline\n%load_ext autoreload\n%autoreload 2\nimport matplotlib.pyplot as plt\n"
         "plt.plot([1, 2])\nplt.show()"),
    hurt("fake-pictures", "much that only begins like a picture", "import base64, struct\n"
         "from IPython.display import publish_display_data\n"
         "head = struct.pack('>IIBBBBB', 9, 9, 8, 0, 0, 0, 0)\n"
         "fake = b'\\x89PNG\\r\\n\\x1a\\n' + struct.pack('>I', 13) + b'IHDR' + head + bytes(10**5)\n"
         "for _ in range(30):\n"
         "    publish_display_data({'image/png': base64.b64encode(fake).decode()})"),
    hurt("many-pictures", "many pictures", "from IPython.display import publish_display_data\n"
         "for _ in range(3000):\n    publish_display_data({'image/png': 'A' * 10**5})"),
)  # fmt: skip

# ----- in the called function -----

FORGE = CHANNEL + "stream = channel.stream\n"


def forged(header: str) -> str:
    """A body that answers with this header's text instead."""
    return (
        FORGE + f"text = {header!r}.encode()\n"
        "stream.sendall(struct.pack('<II', len(text), 0) + text)\nreturn right(dz, w)"
    )


CALL = (
    call("zero-arguments", "arguments that are zero afterwards",
         "dz[...] = 0\nw[...] = 0\nreturn right(dz, w)"),
    call("unlock", "a read-only argument", "dz.flags.writeable = True\ndz[...] = 0\n"
         "return right(dz, w)"),
    call("resize", "the shape of an argument", "dz.resize(0, refcheck=False)\nreturn dz",
         status="error"),
    call("subclass", "an array that equals everything", "class All(np.ndarray):\n"
         "    __eq__ = __le__ = __lt__ = lambda s, o: True\n    __sub__ = lambda s, o: 0.0\n"
         "return np.zeros((1, 1, 2, 2)).view(All)"),
    call("masked", "a masked array", "return np.ma.masked_all(right(dz, w).shape)"),
    call("matrix", "a matrix", "return np.matrix([[1.0]])"),
    call("memmap", "an array in a file",
         "z = right(dz, w)\nm = np.memmap('x', float, 'w+', shape=z.shape)\nm[:] = z\nreturn m"),
    call("objects", "an array of objects", "return right(dz, w).astype(object)"),
    call("structured", "an array of records", "return np.zeros(3, [('a', float)])"),
    call("texts", "an array of texts", "return right(dz, w).astype(str)"),
    call("complex", "complex numbers", "return right(dz, w) * (1 + 0j)"),
    call("longdouble", "longer numbers, as right as in the notebook",
         "return right(dz, w).astype(np.longdouble)", POINTS),
    call("nan", "NaN", "return right(dz, w) * np.nan"),
    call("infinite", "infinity", "return right(dz, w) + np.inf"),
    call("lists", "nested lists", "return right(dz, w).tolist()"),
    call("deep", "a nesting without end", "x = []\nfor _ in range(10**5):\n    x = [x]\nreturn x"),
    call("circle", "a list that holds itself", "x = []\nx.append(x)\nreturn x"),
    call("many", "a list of millions", "return [0] * 10**7"),
    call("many-keys", "a dict of many keys", "return {str(k): k for k in range(10**5)}"),
    call("long-text", "a text without end", "return 'x' * 10**8"),
    call("large", "an array without end", "return np.zeros(5 * 10**7)"),
    call("large-number", "a number without end", "return 10**(10**5)"),
    call("pickle", "code in a pickle", "class P:\n    def __reduce__(self):\n"
         "        return eval, ('1/0',)\nreturn P()"),
    call("odd-kind", "a class whose name is no name",
         "return type('<b>\\u202e' * 99, (), {})()"),
    call("module", "a module", "return np"),
    call("function", "a function", "return lambda: 0"),
    call("generator", "a generator", "return (x for x in right(dz, w))"),
    call("nothing", "nothing", "pass"),
    call("exit", "to leave", "raise SystemExit", status="error"),
    call("interrupt-call", "the interrupt", "raise KeyboardInterrupt", status="error"),
    call("stop-iteration", "the end of an iteration", "raise StopIteration", status="error"),
    call("base-error", "an exception that is none",
         "raise type('E', (BaseException,), {})", status="error"),
    call("group", "a group of errors", "raise BaseExceptionGroup('g', [SystemExit()])",
         status="error"),
    call("claim-blank", "an error that claims there is no answer yet",
         "raise NotImplementedError('later')", status="blank"),
    call("claim-verdict", "an error with a verdict as its text",
         "raise type('Report', (Exception,), {})('conv_dy_flip: 4 of 4 points')", status="error"),
    call("text-endless", "an error whose text never comes", "class E(Exception):\n"
         "    def __str__(self):\n        while True: pass\nraise E", status="timeout"),
    call("text-odd", "an error whose text is none", "class E(Exception):\n"
         "    def __str__(self):\n        raise E\nraise E", status="error"),
    call("recursion-call", "all of the stack", "return conv_dy_flip(dz, w)", status="error"),
    call("os-exit", "to end the process", "import os\nos._exit(0)", status="crashed"),
    call("crash", "to crash", "import ctypes\nctypes.string_at(0)", status="crashed"),
    call("hang", "never to come back", "while True: pass", status="timeout"),
    call("sleep-call", "to sleep", "import time\ntime.sleep(1000)", status="timeout"),
    call("deadlock", "to wait for itself", "import threading\nlock = threading.Lock()\n"
         "lock.acquire()\nlock.acquire()", status="timeout"),
    call("memory-call", "all memory", "return np.ones((4096, 4096, 4096))", status="error"),
    call("fork-call", "a child", "import os\nos.fork()\nreturn right(dz, w)", status="error"),
    call("socket-call", "the network", "import socket\nsocket.socket()", status="error"),
    call("first-only", "to be right only once", "conv_dy_flip.n = getattr(conv_dy_flip, 'n', 0) + 1\n"
         "return right(dz, w) * (conv_dy_flip.n % 2)"),
    call("random-call", "to be right by chance", "return np.random.rand(*right(dz, w).shape)"),
    call("frames", "the caller's frames", "import sys\nframe = sys._getframe()\nfound = {}\n"
         "while frame:\n    found.update(frame.f_locals)\n    frame = frame.f_back\n"
         "return found.get('expected', found.get('want'))"),
    call("later", "to change the answer afterwards", "import threading\nz = right(dz, w) * 0\n"
         "threading.Timer(0.01, lambda: z.__setitem__(..., right(dz, w))).start()\nreturn z"),
    call("forge-noise", "noise for an answer", FORGE + "stream.sendall(b'\\x00\\x01' * 64)",
         status="crashed"),
    call("forge-long", "a frame that promises too much",
         FORGE + "stream.sendall(struct.pack('<II', 100, 2**32 - 1))", status="crashed"),
    call("forge-text", "a header that promises too much",
         FORGE + "stream.sendall(struct.pack('<II', 2**31, 0))", status="crashed"),
    call("forge-slow", "a byte now and then", FORGE + "import time\n"
         "stream.sendall(struct.pack('<II', 1000, 0))\n"
         "while True:\n    stream.sendall(b' ')\n    time.sleep(0.01)", status="timeout"),
    call("forge-endless", "frames without end", FORGE + "text = b'{\"callback\": 0, \"buffers\": []}'\n"
         "while True:\n    stream.sendall(struct.pack('<II', len(text), 0) + text)",
         status="crashed"),
    call("forge-deep", "a nesting without end in a header",
         forged('{"value": ' + "[" * 50_000 + "]" * 50_000 + ', "buffers": []}'), status="crashed"),
    call("forge-many", "a million of lists in a header", FORGE +
         "text = b'{\"value\": [' + b'[],' * 10**6 + b'[]], \"buffers\": []}'\n"
         "stream.sendall(struct.pack('<II', len(text), 0) + text)\nreturn right(dz, w)",
         status=""),
    call("forge-error", "an error of odd kinds",
         forged('{"error": [1, 2], "changed": 7, "text": {}, "buffers": []}'), status=""),
    call("forge-error-text", "an error with odd texts",
         forged('{"error": {"class": "\\\\ud800", "message": {"a": 1}, "line": null},'
                ' "buffers": []}'), status=""),
    call("forge-missing", "that there is no such function",
         forged('{"missing": true, "buffers": []}'), status="error"),
    call("forge-refused", "a value of an odd kind",
         forged('{"refused": "x", "kind": ["<b>"], "buffers": []}')),
    call("forge-changed", "changes of arguments that are not there",
         forged('{"value": 1, "changed": [[99, 1]], "buffers": []}'), status="crashed"),
    call("forge-nothing", "an empty answer", forged('{"buffers": []}'), status="crashed"),
    call("forge-list", "an answer that is no object", forged("[1, 2, 3]"), status="crashed"),
    call("forge-number", "a number that JSON does not know",
         forged('{"value": NaN, "buffers": []}')),
    call("huge-shape", "an answer that fills the judge's memory", "return np.zeros((64, 1000, 100))"),
    call("shut-channel", "to close the channel", FORGE + "stream.shutdown(2)", status="crashed"),
    call("slow-calls", "to stay just below the limit",
         "import time\nend = time.process_time() + 0.4\nwhile time.process_time() < end: pass\n"
         "return right(dz, w) * 0", status=""),
    # what is no attack, and right
    call("prints", "to print a lot", "print('x' * 10**6)\nreturn right(dz, w)", POINTS),
    call("warns", "to warn", "np.array(1.0) / 0\nimport warnings\nwarnings.warn('careful')\n"
         "return right(dz, w)", POINTS),
    call("read-only", "a read-only answer",
         "z = right(dz, w)\nz.flags.writeable = False\nreturn z", POINTS),
    call("fortran", "an answer in another order", "return np.asfortranarray(right(dz, w))", POINTS),
    call("view", "a view", "return right(dz, w)[:, :, ::-1][:, :, ::-1]", POINTS),
    call("draws", "a picture in between", "import matplotlib.pyplot as plt\nplt.plot([1, 2])\n"
         "return right(dz, w)", POINTS),
    call("keeps", "to keep a file for itself", "open('kept', 'a').write('x')\nreturn right(dz, w)",
         POINTS),
)  # fmt: skip

# ----- the file -----


def drop(name: str) -> Callable[[Notebook], None]:
    def change(loaded: Notebook) -> None:
        loaded["cells"].remove(cell_of(loaded, name))

    return change


def put(name: str, **values: Any) -> Callable[[Notebook], None]:
    """Change entries of a cell."""

    def change(loaded: Notebook) -> None:
        cell_of(loaded, name).update(values)

    return change


def marks(**values: Any) -> Callable[[Notebook], None]:
    """Change nbgrader's metadata of every cell that has some."""

    def change(loaded: Notebook) -> None:
        for cell in loaded["cells"]:
            if "nbgrader" in cell["metadata"]:
                cell["metadata"]["nbgrader"].update(values)

    return change


def add(*cells: Any, front: bool = False) -> Callable[[Notebook], None]:
    def change(loaded: Notebook) -> None:
        at = 0 if front else len(loaded["cells"])
        loaded["cells"][at:at] = cells

    return change


def answer(source: str, name: str = "conv_dy_flip") -> Callable[[Notebook], None]:
    return put(f"{name}-answer", source=source)


def copy_check(loaded: Notebook) -> None:
    for place in (0, len(loaded["cells"]) + 1):
        copied = copy.deepcopy(cell_of(loaded, "conv_dy_flip"))
        copied["source"] = "pass"
        loaded["cells"].insert(place, copied)


def both_answers(loaded: Notebook) -> None:
    """An older wrong answer, copied, before the right one."""
    wrong = copy.deepcopy(cell_of(loaded, "conv_dy_flip-answer"))
    wrong["source"] = WRONG["conv_dy_flip"]
    loaded["cells"].insert(2, wrong)


def checks_first(loaded: Notebook) -> None:
    loaded["cells"].sort(key=lambda c: not c["metadata"].get("nbgrader", {}).get("grade"))


def old_format(loaded: Notebook) -> bytes:
    return as_bytes({"nbformat": 3, "worksheets": [{"cells": loaded["cells"]}]})


def renamed(loaded: Notebook) -> None:
    for cell in loaded["cells"]:
        if "nbgrader" in cell["metadata"]:
            cell["metadata"]["nbgrader"]["grade_id"] += "-mine"


BLANK, ERROR = (0.0, "blank"), (0.0, "error")
GONE = dict.fromkeys(TASKS, BLANK)

FILE = (
    file("check-deleted", "no check", drop("conv_dy_flip")),
    file("check-empty", "a check that does nothing", put("conv_dy_flip", source="pass")),
    file("check-copied", "a check twice, an accident", copy_check),
    file("check-text", "a check as text", put("conv_dy_flip", cell_type="markdown")),
    file("check-raw", "a check of a kind that is none", put("conv_dy_flip", cell_type="raw")),
    file("checks-first", "checks before answers", checks_first),
    file("check-output", "a forged output", put("conv_dy_flip", outputs=[
        {"output_type": "execute_result", "data": {"text/plain": "100.0"}, "metadata": {},
         "execution_count": 1}])),
    file("answer-text", "an answer as text", put("conv_dy_flip-answer", cell_type="markdown")),
    file("answer-deleted", "no answer", drop("conv_dy_flip-answer"), conv_dy_flip=BLANK),
    file("answer-empty", "an empty answer", answer(""), conv_dy_flip=ERROR),
    file("answer-twice", "an older answer before it", both_answers),
    file("names-changed", "other names for all cells", renamed, **GONE),
    file("points", "more points", marks(points=100)),
    file("points-nan", "points that are no number", marks(points=float("nan"))),
    file("schema-old", "an old schema", marks(schema_version=1)),
    file("schema-odd", "a schema that is none", marks(schema_version={"a": []}, cell_type=[])),
    file("all-solutions", "checks as answers", marks(grade=False, solution=True, locked=False)),
    file("all-grades", "answers as checks", marks(grade=True, solution=False, points=50)),
    file("marks-list", "metadata of another shape",
         lambda nb: [c.update(metadata={"nbgrader": []}) for c in nb["cells"]] and None, **GONE),
    file("metadata-gone", "no metadata", lambda nb: [c.pop("metadata") for c in nb["cells"]] and None,
         **GONE),
    file("ids-same", "one id for all cells", lambda nb: [c.update(id="x") for c in nb["cells"]] and None),
    file("ids-odd", "ids of another kind", lambda nb: [c.update(id=[1]) for c in nb["cells"]] and None),
    file("extra-grade", "a grade cell of its own", add(code(
        "100.0", nbgrader={"grade": True, "grade_id": "bonus", "points": 50, "schema_version": 3}))),
    file("kernel", "a kernel that is none", lambda nb: nb.update(
        metadata={"kernelspec": {"name": "../../bin/sh", "language": "R"}})),
    file("nbformat", "a format of the future", lambda nb: nb.update(nbformat=99, nbformat_minor="x")),
    file("odd-cells", "cells that are none",
         add(5, None, [], "x", {"cell_type": []}, {"source": {}}, {"source": [1, None, {}]})),
    file("many-cells", "many cells", add(*[text(f"*{k}*") for k in range(3000)])),
    file("too-many-cells", "more cells than anybody writes", add(*[code("1")] * 150_000),
         **dict.fromkeys(TASKS, (0.0, "unreadable"))),
    file("many-prints", "a little from each of many cells",
         add(*[code("print('x' * 10_000)")] * 300, front=True)),
    file("long-line", "a line without end", add(code("x = '" + "y" * 3_000_000 + "'"))),
    file("too-long-cell", "a cell that is too long for a frame", add(code("#" * 5_000_000))),
    file("nul", "a character that no source has", add(code("x = 1\x00"))),
    file("surrogate", "half a character",
         lambda nb: as_bytes(nb).replace(b'"nbformat":', b'"x": "\\ud800", "nbformat":', 1)),
    file("surrogate-code", "half a character in a cell", add(code("x = '\ud800'"))),
    file("bom", "a mark at the start of the file",
         lambda nb: b"\xef\xbb\xbf" + as_bytes(nb)),
    file("utf-16", "another encoding", lambda nb: json.dumps(nb).encode("utf-16")),
    file("line-ends", "other line ends", answer(RIGHT["conv_dy_flip"].replace("\n", "\r\n"))),
    file("lines", "a list of lines", answer(RIGHT["conv_dy_flip"].splitlines(True))),  # type: ignore[arg-type]
    file("html-text", "HTML in text", add(text("<script>alert(1)</script><img src=x onerror=alert(1)>"))),
    file("link-text", "links that run", add(text("[x](javascript:alert(1)) $\\href{javascript:alert(1)}{x}$"))),
    file("syntax", "a syntax error", answer("def conv_dy_flip(dz, w):\n    return dy +"),
         conv_dy_flip=ERROR),
    file("tabs", "tabs and spaces", answer("def conv_dy_flip(dz, w):\n\tx = 1\n        return x"),
         conv_dy_flip=ERROR),
    file("other-name", "another name for the function",
         answer(RIGHT["conv_dy_flip"].replace("conv_dy_flip", "conv_flip")), conv_dy_flip=ERROR),
    file("other-place", "the answer in a cell of its own, behind", lambda nb: (
        drop("conv_dy_flip-answer")(nb), add(code(RIGHT["conv_dy_flip"]))(nb)) and None,
        conv_dy_flip=BLANK),
    file("before-stub", "the answer in a cell of its own, before", lambda nb: (
        drop("conv_dy_flip-answer")(nb), add(code(RIGHT["conv_dy_flip"]), front=True)(nb)) and None,
        conv_dy_flip=BLANK),
    file("more-arguments", "an argument with a default",
         answer(RIGHT["conv_dy_flip"].replace("(dz, w)", "(dz, w, stride=1)", 1))),
    file("own-check", "a check in the answer",
         answer(RIGHT["conv_dy_flip"] + "\ncheck(conv_dy_flip, 'conv_dy_flip')\n")),
    file("not-a-function", "a number under the function's name", answer("conv_dy_flip = 4"),
         conv_dy_flip=ERROR),
    file("async", "a coroutine", answer("async def conv_dy_flip(dz, w):\n    return dz"),
         conv_dy_flip=(0.0, "graded")),
    file("class", "a class whose instance is called", answer(
        RIGHT["conv_dy_flip"].replace("conv_dy_flip", "right") +
        "\nclass Flip:\n    def __call__(self, dz, w):\n        return right(dz, w)\n"
        "conv_dy_flip = Flip()")),
    file("reset-magic", "everything forgotten", add(code("%reset -f"))),
    raw("not-json", "text", b"my notebook"),
    raw("not-text", "bytes", bytes(range(256)) * 10),
    raw("latin-1", "an encoding that JSON has not", '{"cells": "é"}'.encode("latin-1")),
    raw("empty", "nothing at all", b""),
    raw("no-cells", "JSON that is no notebook", b'{"hello": "world"}'),
    raw("list", "a list", b"[1, 2]"),
    raw("half", "half a file", RELEASE.read_bytes()[:2000]),
    raw("nested", "a nesting without end", b"[" * 10**6),
    raw("nested-cells", "a nesting without end in a cell",
        b'{"cells": [{"source": ' + b"[" * 10**5 + b"]" * 10**5 + b"}]}"),
    raw("cells-dict", "cells that are no list", b'{"cells": {"a": 1}}'),
    raw("huge", "100 MB", b'{"cells": [' + b" " * (100 << 20) + b"]}"),
    raw("huge-number", "a number without end", b'{"cells": ' + b"9" * 10**6 + b"}"),
    raw("html-page", "a saved page", b"<!doctype html><html><script>alert(1)</script></html>"),
    raw("archive", "an archive", b"PK\x03\x04" + bytes(1000)),
    file("old-format", "an older format", old_format, **dict.fromkeys(TASKS, (0.0, "unreadable"))),
)  # fmt: skip

ROWS: tuple[Hostile, ...] = (*REACH, *HURT, *CALL, *FILE)
RIGHT_CONTENT = as_bytes(notebook(RIGHT))
