"""What can go wrong around a handler of the data APIs."""

from dataclasses import replace

from localorg.misbehaviour import pages, results
from localorg.misbehaviour.refusals import refuse
from localorg.rest.call import Answer, Call, Handler


def answered(handler: Handler, call: Call) -> Answer:
    """What the handler answers, unless a fault that is armed has it otherwise; raises ApiError."""
    if not call.org.faults.armed:
        return handler(call)
    job = results.job_of(call)
    subject = call.subject if job is None else f"{call.subject} {job.object}"
    refuse(call, subject)
    with call.org.stale_reads.around(call):
        answer = handler(call)
    if pages.is_page(call.resource) and answer.json is not None:
        answer = replace(answer, json=pages.spoiled(call, answer.json))
    elif job is not None and results.are_asked(call):
        answer = results.spoiled(call, subject, job, answer)
    return answer
