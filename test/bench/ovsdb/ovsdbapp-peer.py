"""The other side of the ovsdb bench: Python's ovsdbapp, used as its documentation says.

Reads its arguments (remote, "ports" with a switch and a count, or "read"), prints one line of JSON with what it timed.
Needs Debian's python3-ovsdbapp. Starting it and comparing are left to peers.ts.
"""
import json
import os
import sys
import time

from ovsdbapp.backend.ovs_idl import connection
from ovsdbapp.schema.ovn_northbound import impl_idl


def rss_bytes():
    with open("/proc/self/statm", encoding="ascii") as statm:
        return int(statm.read().split()[1]) * os.sysconf("SC_PAGE_SIZE")


def connect(remote):
    """Resolves when the whole database is in memory: start() waits for the first load."""
    idl = connection.OvsdbIdl.from_server(remote, "OVN_Northbound")
    return impl_idl.OvnNbApiIdlImpl(connection.Connection(idl, timeout=120))


def ports(remote, switch, count):
    api = connect(remote)
    start = time.perf_counter()
    with api.transaction(check_error=True) as txn:
        for index in range(count):
            name = f"{switch}-{index}"
            txn.add(api.lsp_add(switch, name, addresses=[f"dynamic {index}"], external_ids={"owner": "bench"}))
    return {"seconds": time.perf_counter() - start}


def read(remote):
    before = rss_bytes()
    start = time.perf_counter()
    api = connect(remote)
    rows = len(api.tables["Logical_Switch_Port"].rows)
    return {"seconds": time.perf_counter() - start, "rows": rows, "rssBytes": rss_bytes() - before}


if __name__ == "__main__":
    remote, what, *rest = sys.argv[1:]
    result = read(remote) if what == "read" else ports(remote, rest[0], int(rest[1]))
    print(json.dumps(result))
    sys.stdout.flush()
    os._exit(0)  # the connection's thread would keep it alive
