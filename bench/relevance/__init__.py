"""How well the search finds: generated records and labelled queries, judged by `ir_measures`."""
