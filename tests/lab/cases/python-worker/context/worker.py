import signal
import sys
import time
from pathlib import Path

DATA = Path("/data")


def end(number, _):
    (DATA / "end").write_text(signal.Signals(number).name + "\n")
    sys.exit(0)


signal.signal(signal.SIGTERM, end)
while True:
    (DATA / "beat").write_text("alive\n")
    time.sleep(0.2)
