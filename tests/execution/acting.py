"""A plug-in for tests: at iteration 5 of a run it does something that no learning rate should."""

TEXT = '''
import os, signal, subprocess, sys
from gdbench.descent.domains import one_of
from gdbench.descent.learning_rates import learning_rate

KEPT = []

def prints():
    print("printed", flush=True)
    os.write(1, b'{"back": 1}\\n')
    subprocess.run([sys.executable, "-c", "print('printed by a child')"])

def reads():
    assert sys.stdin.read() == "" and os.read(0, 1) == b""

def allocates():
    while True:
        KEPT.append([1.0] * 1000)

def aborts():
    sys.stderr.write("the reason why\\n")
    sys.stderr.flush()
    os.abort()

def silences_its_alarm():
    signal.signal(signal.SIGALRM, signal.SIG_IGN)
    hangs()

def hangs():
    with open(os.environ["PID_FILE"], "w") as file:
        file.write(str(os.getpid()))
    while True:
        pass

ACTS = {act.__name__: act for act in (prints, reads, allocates, aborts, silences_its_alarm, hangs)}

@learning_rate("acting", how=one_of(*ACTS))
def acting(how="prints"):
    """η = 0.1.  how: what is done besides, at k = 5."""
    def choose(now):
        if now.k == 5:
            ACTS[how]()
        return 0.1
    return lambda landscape: choose
'''


def sweep(*acts):
    """A config in which a healthy run stands before, between and after those that act."""
    rates = ["{constant: {rate: 0.01}}"]
    for number, act in enumerate(acts):
        rates += [f"{{acting: {{how: {act}}}}}", f"{{constant: {{rate: 0.{number + 1}}}}}"]
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
