"""Limits.

    GET limits                        what the org allows and what is left
    GET limits/recordCount?sObjects=  how many records there are, roughly

Source: REST API Developer Guide, "Limits", "Record Count".
"""

from localorg.rest.call import Answer, Call, Resource
from localorg.sharing.objects import ACTIVITIES

#: What never runs out here.
_CONSTANT = {
    "ConcurrentAsyncGetReportInstances": 200,
    "ConcurrentSyncReportRuns": 20,
    "DailyAsyncApexExecutions": 250_000,
    "DailyBulkApiBatches": 15_000,
    "DailyBulkV2QueryFileStorageMB": 976_562,
    "DailyDurableStreamingApiEvents": 10_000,
    "DailyGenericStreamingApiEvents": 10_000,
    "DailyStandardVolumePlatformEvents": 10_000,
    "DailyStreamingApiEvents": 10_000,
    "DailyWorkflowEmails": 1_000,
    "DataStorageMB": 1_073,
    "FileStorageMB": 1_073,
    "HourlyAsyncReportRuns": 1_200,
    "HourlyPublishedPlatformEvents": 50_000,
    "HourlySyncReportRuns": 500,
    "HourlyTimeBasedWorkflow": 1_000,
    "MassEmail": 5_000,
    "MonthlyPlatformEvents": 300_000,
    "SingleEmail": 5_000,
}
BULK_JOBS = 10_000


def _limits(call: Call) -> Answer:
    allowance = call.org.allowance
    limits: dict[str, dict[str, int]] = {name: {"Max": most, "Remaining": most} for name, most in _CONSTANT.items()}
    limits["DailyApiRequests"] = {
        "Max": allowance.most,
        "Remaining": allowance.left,
    }
    deliveries = call.org.deliveries
    limits["DailyDeliveredPlatformEvents"] = {"Max": deliveries.most, "Remaining": deliveries.left}
    limits["DailyBulkV2QueryJobs"] = {
        "Max": BULK_JOBS,
        "Remaining": max(0, BULK_JOBS - call.org.bulk.started_today),
    }
    return Answer(json=dict(sorted(limits.items())))


def _record_count(call: Call) -> Answer:
    asked = call.query.get("sObjects")
    names = [name.strip() for name in asked.split(",")] if asked else sorted(call.org.schema.objects)
    counts = []
    for name in names:
        sobject = call.org.schema.object(name)
        if sobject is None or sobject.name not in call.user.readable or "share-prefix" in sobject.abilities:
            continue
        alive = ' WHERE "IsDeleted" = 0' if sobject.has("IsDeleted") else ""
        if sobject.name in ACTIVITIES:
            alive += ' AND "IsArchived" = 0'
        count = call.org.store.scalar(f'SELECT count(*) FROM "{sobject.name}"{alive}')
        if count:
            counts.append({"count": count, "name": sobject.name})
    return Answer(json={"sObjects": counts})


RESOURCES = (
    Resource("limits", {"GET": _limits}),
    Resource("limits/recordCount", {"GET": _record_count}),
)
