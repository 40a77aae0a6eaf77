"""Mininet's single,HOSTS on user-space Open vSwitch, told what to do by lines on stdin; answers by JSON lines on stdout.

`up` starts the network and says the hosts' process ids and the first one's address; `down` stops it. OVS_RUNDIR names the
Open vSwitch. Timing is the bench's; Python and Mininet are loaded before the first `up`.
"""

import json
import sys

from mininet.log import setLogLevel
from mininet.net import Mininet
from mininet.node import OVSSwitch
from mininet.topo import SingleSwitchTopo


def switch(name, **options):
    return OVSSwitch(name, datapath="user", failMode="standalone", batch=True, **options)


def say(answer):
    print(json.dumps(answer), flush=True)


setLogLevel("error")
hosts = int(sys.argv[1])
network = None
say({"loaded": hosts})
for line in sys.stdin:
    if line.strip() == "up":
        network = Mininet(topo=SingleSwitchTopo(hosts), switch=switch, controller=None)
        network.start()
        say({"pids": [host.pid for host in network.hosts], "first": network.hosts[0].IP()})
    else:
        network.stop()
        say({"down": True})
