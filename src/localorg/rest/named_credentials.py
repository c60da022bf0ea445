"""Named credentials as Connect REST API tells of them.

    GET named-credentials/named-credential-setup/{developerName}

Source: Connect REST API Developer Guide, "Named Credentials Resources", response "Named Credential"; who may look:
Salesforce Help, "Create or Edit a Named Credential" (View Setup and Configuration). Without it, as for a name that
there is not: 404.
"""

from localorg import deployed
from localorg.errors import not_found
from localorg.ids import record_id
from localorg.rest.call import Answer, Call, Resource


def _one(call: Call) -> Answer:
    name = call.path["name"]
    known = deployed.load(call.org.store).named_credentials
    if name not in known or not call.user.views_setup:
        raise not_found()
    found = known[name]
    external = [{"developerName": found["external"]}] if found["external"] else []
    return Answer(
        json={
            "calloutOptions": {
                "allowMergeFieldsInBody": False,
                "allowMergeFieldsInHeader": False,
                "generateAuthorizationHeader": False,
            },
            "calloutStatus": "Enabled" if found["enabled"] else "Disabled",
            "calloutUrl": found["url"],
            "createdByNamespace": None,
            "customHeaders": [],
            "developerName": name,
            "externalCredentials": external,
            "id": record_id("0XA", sorted(known).index(name) + 1),
            "masterLabel": found["label"],
            "networkConnection": None,
            "parameters": [],
            "type": "SecuredEndpoint",
            "url": f"{call.base}/named-credentials/named-credential-setup/{name}",
        }
    )


RESOURCES = (Resource("named-credentials/named-credential-setup/{name}", {"GET": _one}),)
