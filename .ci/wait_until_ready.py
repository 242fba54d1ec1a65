"""Waits until an address answers 200: `wait_until_ready.py URL SECONDS PID`; gives up early if the process ends."""

import os
import sys
import time
import urllib.error
import urllib.request

url, seconds, pid = sys.argv[1], float(sys.argv[2]), int(sys.argv[3])
deadline = time.monotonic() + seconds
answer = "nothing"
while time.monotonic() < deadline:
    try:
        with urllib.request.urlopen(url, timeout=5) as response:
            if response.status == 200:
                sys.exit(0)
    except urllib.error.HTTPError as error:
        answer = error.read().decode()
    except OSError as error:
        answer = str(error)
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        sys.exit(f"the app ended before {url} was ready; the last answer was {answer}")
    time.sleep(0.5)
sys.exit(f"{url} was not ready within {seconds:g} s; the last answer was {answer}")
