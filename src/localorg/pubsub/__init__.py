"""The Pub/Sub API: change events over gRPC.

server        the service and its listening port
caller        who calls, from the metadata of a call
topics        names of topics, and what they tell of
subscription  one stream of events: flow control, keep-alives, delivery
errors        what calls are refused with
"""
