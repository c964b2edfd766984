"""Packs that do at import what nobody wants: a text for a file in a folder of packs, by a word for what it does.

`REFUSED` are left out, and the process goes on; so are `HANGING`, whose time is over soon: they turn the clock forward
themselves, so that no test waits, and no good pack has little time. `ENDING` end or stop the process that imports them,
beyond what the process itself can prevent; `DEAF` go on until the time is over that packs are given. `PATCHING` are
imported, and what they change is put back: with the name of one thing that is told, if any is.
"""

from collections.abc import Mapping
from pathlib import Path

REFUSED = {
    "sys_exit": "import sys; sys.exit(3)",
    "sys_exit_well": "import sys; sys.exit()",
    "os_exit": "import os; os._exit(3)",
    "os_exit_well": "import os; os._exit(0)",
    "keyboard_interrupt": "raise KeyboardInterrupt",
    "cancelled": "import asyncio; raise asyncio.CancelledError",
    "generator_exit": "raise GeneratorExit",
    "base_exception": "class Own(BaseException): pass\nraise Own('mine')",
    "no_str": "class Own(Exception):\n    def __str__(self): raise RuntimeError('no text')\nraise Own",
    "str_exits": "class Own(BaseException):\n    def __str__(self): raise SystemExit(4)\nraise Own",
    "huge_text": "raise RuntimeError('x' * 10_000_000)",
    "half_character": "raise RuntimeError('half \\ud83d of a character')",
    "group": "raise BaseExceptionGroup('many', [KeyboardInterrupt(), ValueError()])",
    "reads_input": "input()",
    "endless_recursion": "def down(): return down()\ndown()",
    "out_of_memory": "x = bytearray(2**62)",
    "missing_library": "import a_library_that_is_not_there",
    "not_utf8": b"# caf\xe9\nx = '\xe9'\n",
    "null_bytes": b"x = 1\0\n",
    "syntax": "def broken(:",
    "removes_itself": "import sys; del sys.modules[__name__]; raise RuntimeError('gone')",
}
_HURRY = "import signal; signal.setitimer(signal.ITIMER_REAL, 0.05, 1.0)\n"
_HANGING = {
    "loop": "while True: pass",
    "stubborn_loop": "import time\nend = time.monotonic() + 2.5\nwhile time.monotonic() < end:\n"
    "    try:\n        while True: pass\n    except BaseException: pass",
    "sleep": "import time; time.sleep(10**6)",
    "deadlock": "import threading; lock = threading.Lock(); lock.acquire(); lock.acquire()",
    "waits_for_thread": "import threading\nt = threading.Thread(target=threading.Event().wait, daemon=True)\n"
    "t.start(); t.join()",
    "waits_for_child": "import subprocess; subprocess.run(['sleep', '1000'])",
    "c_loop": "import ctypes; ctypes.PyDLL(None).sleep(10**6)",
    "empty_queue": "import queue; queue.Queue().get()",
}
HANGING = {name: _HURRY + text for name, text in _HANGING.items()}
DEAF = {
    "loop": _HANGING["loop"],
    "deaf_loop": "import signal\nsignal.pthread_sigmask(signal.SIG_BLOCK, signal.valid_signals())\nwhile True: pass",
}
ENDING = {
    "segfault": "import ctypes; ctypes.string_at(1)",
    "abort": "import os; os.abort()",
    "killed": "import os, signal; os.kill(os.getpid(), signal.SIGKILL)",
    "terminated": "import os, signal; os.kill(os.getpid(), signal.SIGTERM)",
    "c_exit": "import ctypes; ctypes.CDLL(None).exit(0)",
    "c_exit_at_once": "import ctypes; ctypes.CDLL(None)._exit(5)",
    "stack_overflow": "import sys; sys.setrecursionlimit(10**9)\nx = []\nfor _ in range(10**6): x = [x]\nrepr(x)",
    "closes_everything": "import os; os.closerange(0, 4096)",
    "closes_all_but_three": "import os; os.closerange(3, 4096)",
    "audits_everything": "import sys\ndef hook(*a): raise RuntimeError('audited')\nsys.addaudithook(hook)",
    "ends_workers_only": "import os, sys\nif {'worker', 'run'} & {*sys.argv}: os.kill(os.getpid(), 9)",
    "stays_another_program": "import os; os.execv('/bin/sleep', ['sleep', '1000'])",
    "becomes_another_program": "import os, sys; os.execv(sys.executable, [sys.executable, '-c', 'pass'])",
}
PATCHING = {
    "print": ("import builtins; builtins.print = lambda *a, **k: None", "builtins.print"),
    "builtins": (
        "import builtins\nfor name in list(vars(builtins)):\n    vars(builtins)[name] = None",
        "builtins.",
    ),
    "type_words": ("import builtins; del builtins.isinstance, builtins.BaseException", "builtins.isinstance"),
    "constants": ("import graph.document.workflow as w; w.INSTANCE = '#'", "graph.document.workflow.INSTANCE"),
    "alarm_clock": ("import signal; signal.setitimer(signal.ITIMER_PROF, 1000)", "a timer"),
    "stacks": ("import threading; threading.stack_size(32768)", "the stacks of threads"),
    "collected": ("import gc; gc.callbacks.append(lambda *a: 1 / 0)", "the callbacks of the garbage collector"),
    "late_end": ("import faulthandler; faulthandler.dump_traceback_later(5, exit=True)", ""),
    "import": ("import builtins; builtins.__import__ = lambda *a, **k: 1 / 0", "builtins.__import__"),
    "open": ("import builtins; builtins.open = None", "builtins.open"),
    "json_loads": ("import json; json.loads = json.dumps = lambda *a, **k: {}", "json.loads"),
    "json_body": ("import json\ndef f(*a, **k): return {}\njson.dumps.__code__ = f.__code__", "json.dumps"),
    "json_encoder": ("import json; json.JSONEncoder.encode = lambda *a: 1 / 0", "json.encoder.JSONEncoder.encode"),
    "os_write": ("import os; os.write = lambda *a: 0", "os.write"),
    "os_functions": ("import os; del os.stat, os.getpid, os.fstat, os._exit", "os.stat"),
    "thread_start": ("import threading; threading.Thread.start = lambda self: 1 / 0", "threading.Thread.start"),
    "locks": ("import threading; threading.Lock = threading.RLock = threading.Condition = None", "threading.Lock"),
    "asyncio_run": ("import asyncio; asyncio.run = asyncio.new_event_loop = None", "asyncio.run"),
    "paths": ("import pathlib; del pathlib.Path.open; pathlib.Path.exists = lambda *a: False", "pathlib.Path.open"),
    "engine": ("import graph.engine as e; e.Engine.run = lambda *a, **k: 1 / 0", "graph.engine.Engine.run"),
    "registry": (
        "from graph.node_types.registry import Registry; Registry.add = lambda *a: None",
        "graph.node_types.registry.Registry.add",
    ),
    "node": ("import graph.api; graph.api.node = None", "graph.api.node"),
    "loader": ("import graph.packs.loading as p; p._import = lambda pack: 1 / 0", "graph.packs.loading._import"),
    "modules": ("import sys, types; sys.modules['json'] = types.ModuleType('json')", "the module json"),
    "no_modules": ("import sys; sys.modules.clear()", "the module"),
    "other_modules": ("import sys; sys.modules = {}", "sys.modules"),
    "own_module": ("import sys; sys.modules[__name__] = object()", ""),
    "odd_module": ("import sys; sys.modules[5] = None; sys.modules['odd'] = None", ""),
    "stdout": ("import sys; sys.stdout = sys.stderr = sys.stdin = None", "sys.stdout"),
    "closed_stdout": ("import sys; sys.stdout.close(); sys.stderr.close()", "which it closed"),
    "descriptors": ("import os; os.close(0); os.close(1); os.close(2)", "the descriptor 1"),
    "other_descriptors": (
        "import os\nfor number in (0, 1, 2): os.dup2(os.open(os.devnull, os.O_RDWR), number)",
        "the descriptor 2",
    ),
    "path": ("import sys; sys.path.clear()", "sys.path"),
    "other_path": ("import sys; sys.path = ['/nowhere']", "sys.path"),
    "importers": ("import sys; sys.meta_path.clear(); sys.path_hooks.clear()", "sys.meta_path"),
    "excepthook": ("import sys; sys.excepthook = lambda *a: None", "sys.excepthook"),
    "environment": ("import os; os.environ.clear()", "the environment variable"),
    "no_environment": ("import os; os.environ = {}", "os.environ"),
    "folder": ("import os; os.chdir('/')", "the working folder"),
    "mask": ("import os; os.umask(0o777)", "the mask of new files"),
    "recursion": ("import sys; sys.setrecursionlimit(150)", "the limit of recursion"),
    "digits": ("import sys; sys.set_int_max_str_digits(640)", "the limit of digits"),
    "tracing": ("import sys; sys.settrace(lambda *a: None)", "sys.settrace"),
    "garbage": ("import gc; gc.disable()", "the garbage collector"),
    "warnings": ("import warnings; warnings.simplefilter('error')", "the filters of warnings"),
    "log": ("import logging; logging.disable(logging.CRITICAL)", "logging.disable"),
    "log_level": ("import logging; logging.getLogger().setLevel(logging.CRITICAL)", "what the log shows"),
    "log_configured": (
        "import logging.config\nlogging.config.dictConfig({'version': 1, 'root': {'level': 'ERROR'}})",
        "what the log shows",
    ),
    "loops": (
        "import asyncio\nclass Own(asyncio.DefaultEventLoopPolicy): pass\nasyncio.set_event_loop_policy(Own())",
        "the event loops of asyncio",
    ),
    "start_method": ("import multiprocessing as m; m.set_start_method('spawn', force=True)", "multiprocessing"),
    "signals": ("import signal; signal.signal(signal.SIGTERM, signal.SIG_IGN)", "what is done on SIGTERM"),
    "alarm": ("import signal; signal.signal(signal.SIGALRM, signal.SIG_DFL)", "what is done on SIGALRM"),
    "held_back": ("import signal; signal.pthread_sigmask(signal.SIG_BLOCK, [signal.SIGTERM])", "held back"),
    "files": (
        "import resource as r; r.setrlimit(r.RLIMIT_NOFILE, (5, r.getrlimit(r.RLIMIT_NOFILE)[1]))",
        "the limit RLIMIT_NOFILE",
    ),
    "processors": (
        "import os; os.sched_setaffinity(0, {next(iter(os.sched_getaffinity(0)))})",
        "the processors of the process",
    ),
    "forks": ("import os; os.fork()", ""),
    "forks_and_raises": ("import os\nif os.fork() == 0: raise RuntimeError", ""),
    "prints": ("print('import prints'); import os; os.system('echo from a shell')", ""),
    "leaves_a_thread": ("import threading; threading.Thread(target=threading.Event().wait).start()", ""),
    "odd_values": ("class Odd:\n    def __getattr__(self, name): raise RuntimeError(name)\nodd = Odd()", ""),
    "exits_at_the_end": ("import atexit, time; atexit.register(time.sleep, 1000)", ""),
}
NODE = '''
from graph.api import node

@node("{id}", category="pack", side_effect=True)
def run(text: str = "") -> str:
    """Do something."""
    return text
'''


def write_packs(folder: Path, packs: Mapping[str, str | bytes]) -> Path:
    """Write packs into a folder, each a file."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, text in packs.items():
        (folder / f"{name}.py").write_bytes(text if isinstance(text, bytes) else text.encode())
    return folder
