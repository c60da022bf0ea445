"""A real single-node Elasticsearch on this machine, made of the jars that Elastic publishes.

`python -m localelastic run --data DIR` runs a node until it is told to stop. Programs start it as a process with
`--json` and read one event per line (`events`); tests use the fixture in `localelastic.fixture`.

The first start downloads the jars of `jars.lock` (`fetch`), each refused unless its checksum is the locked one, and
compiles the small Java part in `java/` (`build`) for the JVM that is found (`jvm`). That part starts the node, answers
`GET /` and adds the analysis components of `components`, which Elastic does not publish.

Limits: no security, one node, loopback only, no scripts, no ES|QL, no `index.codec: best_compression`, and of the
analysis components outside the server only those listed. It is for development, tests, demos and small installations.
"""
