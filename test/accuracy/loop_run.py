"""Running the two programs, and what a plan says of itself."""

import json
import os
import subprocess
import sys

# What the executor cannot count in live tensors: its runtime, buffers of the transport, slack.
UNCOUNTED = ("context", "communicators", "reserve")

USAGE = 2  # exit code: the strategy does not fit the model


def run(command, measured=False, may_refuse=False):
    """Standard output; with `may_refuse` None where the program says that the input cannot be."""
    prefix = os.environ.get("RUN_WITH", "").split() if measured else []
    done = subprocess.run(prefix + [str(word) for word in command], check=False,
                          capture_output=True, text=True)
    if may_refuse and done.returncode == USAGE:
        return None
    if done.returncode != 0:
        sys.exit(f"{' '.join(map(str, command))}\nended with {done.returncode}:\n{done.stderr}")
    return done.stdout


def shown(build, plan):
    return json.loads(run([build / "galvatron", "show", plan, "--json"]))


def largest_peak(build, plan):
    """Bytes of the fullest device, with what the executor cannot count."""
    return max(stage["peak_bytes"] for stage in shown(build, plan)["stages"])


def predicted(build, plan):
    """Seconds of a step, and bytes of tensors on each stage."""
    told = shown(build, plan)
    stages = [stage["peak_bytes"] - sum(stage["memory"][part] for part in UNCOUNTED)
              for stage in told["stages"]]
    return told["step_seconds"], stages


def train(build, plan, data, *more, log, measured=False):
    """The lines of the run's log."""
    log.unlink(missing_ok=True)
    run([build / "galvatron-exec", "train", plan, "--local", "--data", data, "--log", log, *more],
        measured=measured)
    return [json.loads(line) for line in log.read_text().splitlines()]
