"""A worker whose states are stored: late joiners see them, a retry fences the run before it, and the library's readers know all revisions.

    python3 offer_worker.py DOCUMENT [HOST [PORT]]
"""
import json
import pathlib
import sys
import time
from datetime import datetime, timezone

from redis_socket import Redis

# The library's own script. Copy it next to your worker.
OFFER = (pathlib.Path(__file__).parent / "../../src/LexIntel.Progress/Redis/offer.lua").read_text()
RETENTION_MS = 24 * 60 * 60 * 1000


class Progress:
    """One object is one attempt: its number, the clock in milliseconds or one more than that of the attempt before, fences the others out."""

    def __init__(self, redis, document_id):
        self._redis, self._document_id = redis, document_id
        self._attempt, self._number = int(time.time() * 1000), 0

    def publish(self, status="processing", step="", progress=0, message="", **more):
        """Stores and publishes a state. False when a newer attempt has begun: stop reporting then."""
        self._number += 1
        # Revision and status come first: the script reads them from the beginning of the state.
        state = {"revision": f"{self._attempt}-{self._number}", "status": status, "document_id": self._document_id, "step": step, "progress": progress, "message": message,
                 "timestamp": datetime.now(timezone.utc).isoformat(), **more}
        full = json.dumps(state, ensure_ascii=False, separators=(",", ":"))
        answer = self._redis("EVAL", OFFER, 1, f"document:{self._document_id}:progress",
                             RETENTION_MS, "j", full, "")[0].decode()
        if answer[0] in "+=":
            return True
        if answer[0] == "!":
            raise RuntimeError(answer[1:])
        attempt, number = map(int, answer[1:].split()[0].split("-"))
        if attempt == self._attempt:
            self._number = number
        elif self._number == 1:
            # The clock is behind that of the attempt before.
            self._attempt, self._number = attempt + 1, 0
        else:
            return False
        return self.publish(status, step, progress, message, **more)


def main(document_id, host="localhost", port="6379"):
    progress = Progress(Redis(host, int(port)), document_id)
    for page in range(1, 21):
        if not progress.publish(step="extraction", progress=page * 5, message=f"Reading page {page} of 20"):
            sys.exit("A newer attempt has taken over.")
        time.sleep(0.1)
    progress.publish("completed", step="extraction", progress=100, message="20 pages read")


if __name__ == "__main__":
    main(*sys.argv[1:])
