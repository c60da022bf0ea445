"""What the org does wrong when a test asks for it (`org.faults`), protocol by protocol.

menu       the names of the faults of HTTP
edge       between client and org: connections, bodies, headers, answers of gateways
data       around every handler of the data APIs, with its parts:
             refusals   errors in Salesforce's shape
             pages      pages of queries as JSON
             results    pages of Bulk API results as CSV
stale      reads that lag behind changes
login      the token endpoint and SOAP login

The faults of running Bulk jobs are in `bulk/jobs.py`. The README's table says what each does and its options.
"""
