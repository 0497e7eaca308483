"""Talks to Parley with python-socketio alone: the contract is not JavaScript's.

Arguments: the origin, two session tokens, the second person's id. Prints what happened as one line of JSON.
"""

import json
import sys

import socketio

origin, ann_token, ben_token, ben_id = sys.argv[1:5]


def ask(client, name, data):
    answer = client.call(name, data, timeout=20)
    if not answer["ok"]:
        raise RuntimeError(json.dumps(answer["error"]))
    return answer["data"]


def connect(token):
    client = socketio.SimpleClient()
    client.connect(origin, transports=["websocket"], auth={"token": token, "sync": "heads"})
    name, ready = client.receive(timeout=20)
    assert name == "ready", name
    return client, ready


ann, ready = connect(ann_token)
ben, _ = connect(ben_token)
heads_before = ask(ben, "sync", {})["heads"]
conversation = ask(ann, "conversation:create", {"kind": "direct", "userId": ben_id})
sent = [
    ask(ann, "message:send", {"conversationId": conversation["id"], "clientId": f"p{number}", "text": f"Grüße {number} 🐍"})
    for number in range(20)
]
entries = []
while len(entries) < 21:
    name, payload = ben.receive(timeout=20)
    if name == "entry":
        entries.append(payload)
receipt = ask(ben, "receipt:read", {"conversationId": conversation["id"], "seq": entries[-1]["seq"]})
refusal = ann.call("message:send", {"conversationId": conversation["id"], "clientId": {"$ne": None}, "text": "x"}, timeout=20)
ann.disconnect()
ben.disconnect()
print(
    json.dumps(
        {
            "contract": ready[0]["contract"]["version"] if isinstance(ready, list) else ready["contract"]["version"],
            "headsBefore": len(heads_before),
            "sent": [entry["text"] for entry in sent],
            "received": [entry["seq"] for entry in entries],
            "texts": [entry["text"] for entry in entries[1:]],
            "readSeq": receipt["readSeq"],
            "refusal": refusal["error"]["code"],
        }
    )
)
