"""The Pub/Sub API: change events over gRPC.

`api` holds the connection, `refusal` knows what its errors mean, `events` reads what it delivers, `topics` names the
channels, and `subscription` follows one.
"""
