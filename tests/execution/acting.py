"""A plug-in for tests: at iteration 5 of a run it does something that no learning rate should."""

from gdbench.config.experiment import load_experiment
from gdbench.planning.plan import make_plan
from gdbench.plugins import loading
from tests.sweeps import write

#: Before every act its name is added to the file `begun`, so that a test can count how often it was tried.
TEXT = '''
import ctypes, os, re, signal, subprocess, sys
from gdbench.descent.domains import natural, one_of
from gdbench.descent.learning_rates import learning_rate

FOLDER = {folder!r}
KEPT = []

class Unpicklable(Exception):
    def __init__(self, one, two):
        super().__init__(f"{{one}} and {{two}}")

class Unspeakable(BaseException):
    def __str__(self):
        raise RuntimeError("no words")

def behaves():
    pass

def raises():
    raise Unpicklable("one", "two")

def raises_what_has_no_words():
    raise Unspeakable

def recurses():
    recurses()

def prints():
    print("printed", flush=True)
    os.write(1, b'{{"back": 1}}\\n')
    subprocess.run([sys.executable, "-c", "print('printed by a child')"])

def reads():
    assert sys.stdin.read() == "" and os.read(0, 1) == b""

def allocates():
    while True:
        KEPT.append([1.0] * 100000)

def aborts():
    sys.stderr.write("the reason why\\n")
    sys.stderr.flush()
    os.abort()

def is_killed():
    os.kill(os.getpid(), signal.SIGKILL)

def segfaults():
    ctypes.string_at(1)  # PyPy takes a null for an empty text

def exits():
    os._exit(0)

def silences_its_alarm():
    signal.signal(signal.SIGALRM, signal.SIG_IGN)
    hangs()

def hangs():
    pids = os.open(os.path.join(FOLDER, "pids"), os.O_WRONLY | os.O_CREAT | os.O_APPEND)
    os.write(pids, f"{{os.getpid()}}\\n".encode())
    os.close(pids)
    while True:
        pass

def hangs_in_c():
    # exponential: neither another thread nor a signal's handler gets its turn
    re.match("(a|a)*$", "a" * 60 + "b")

ACTS = {{name: act for name, act in list(globals().items()) if callable(act) and hasattr(act, "__code__")}}
RATES = {{"is_not_a_number": float("nan"), "overflows": 1e308}}

@learning_rate("acting", how=one_of(*ACTS, *RATES), number=natural)
def acting(how="prints", number=1):
    """η = 0.1.  how: what is done besides, at k = 5.  number: makes runs of one kind distinct."""
    def choose(now):
        if now.k == 5:
            with open(os.path.join(FOLDER, "begun"), "a") as file:
                file.write(f"{{how}} {{number}}\\n")
            if how in RATES:
                return RATES[how]
            ACTS[how]()
        return 0.1
    return lambda landscape: choose
'''


def sweep(*acts):
    """A config in which a healthy run stands before, between and after those that act."""
    rates = ["{acting: {how: behaves}}"]
    for number, act in enumerate(acts, 2):
        rates += [
            f"{{acting: {{how: {act}, number: {number}}}}}",
            f"{{acting: {{how: behaves, number: {number}}}}}",
        ]
    return f"""\
name: acting
description: Runs that do what they should not.
plugins: acting.py
data: {{synthetic: {{linear_data: {{rows: 12, features: 2, noise: 0.1, seed: 3}}}}}}
grid:
  model: linear
  cost: mse
  learning_rate: [{", ".join(rates)}]
  convergence: {{max_iterations: 20}}
"""


def plan_of(folder, *acts, **replacements):
    """The plan of `sweep` with words of it replaced, its plug-in in the folder."""
    for plugin in [one for one in loading._loaded.values() if one.origin.endswith("acting.py")]:
        loading._unload(plugin)  # that of another test: its folder is another
    (folder / "acting.py").write_text(TEXT.format(folder=str(folder)), encoding="utf-8")
    return make_plan(load_experiment(write(folder, sweep(*acts), **replacements)))


def begun(folder):
    """What was tried, as often as it was: "how number" of each try."""
    return (folder / "begun").read_text(encoding="utf-8").splitlines()
