"""A worker that only publishes, as existing services do: shown live, stored nowhere.

    python3 publish_worker.py DOCUMENT [HOST [PORT]]
"""
import json
import sys
import time

from redis_socket import Redis


def main(document_id, host="localhost", port="6379"):
    redis = Redis(host, int(port))

    def publish(**state):
        redis("PUBLISH", f"document:{document_id}:progress", json.dumps({"document_id": document_id, **state}))

    for page in range(1, 21):
        publish(status="processing", step="extraction", progress=page * 5, message=f"Reading page {page} of 20")
        time.sleep(0.1)
    publish(status="completed", step="extraction", progress=100, message="20 pages read")


if __name__ == "__main__":
    main(*sys.argv[1:])
