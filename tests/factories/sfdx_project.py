"""A small Salesforce DX project in source format."""

import json
from pathlib import Path

_HEAD = (
    '<?xml version="1.0" encoding="UTF-8"?>\n<{kind} xmlns="http://soap.sforce.com/2006/04/metadata">{body}</{kind}>\n'
)
BODY = "public with sharing class ForcedexController {\n    // one line\n}\n"


def sfdx_project(folder: Path, *, url: str = "https://search.example.com", api_version: str = "67.0") -> Path:
    """Two classes, a component, a named credential, a data source, two permission sets."""
    main = folder / "force-app" / "main" / "default"
    definition = {"packageDirectories": [{"path": "force-app", "default": True}], "sourceApiVersion": api_version}
    _write(folder / "sfdx-project.json", json.dumps(definition))
    for name, body in (("ForcedexController", BODY), ("ForcedexJwt", BODY.replace("Controller", "Jwt"))):
        _write(main / "classes" / f"{name}.cls", body)
        version = f"<apiVersion>{api_version}</apiVersion><status>Active</status>"
        _meta(main / "classes" / f"{name}.cls-meta.xml", "ApexClass", version)
    component = f"<apiVersion>{api_version}</apiVersion><isExposed>true</isExposed><masterLabel>Search</masterLabel>"
    _meta(main / "lwc" / "forcedexSearch" / "forcedexSearch.js-meta.xml", "LightningComponentBundle", component)
    parameters = "".join(
        f"<namedCredentialParameters>{each}</namedCredentialParameters>"
        for each in (
            f"<parameterName>Url</parameterName><parameterType>Url</parameterType><parameterValue>{url}</parameterValue>",
            "<externalCredential>Forcedex</externalCredential><parameterType>Authentication</parameterType>",
        )
    )
    _meta(
        main / "namedCredentials" / "Forcedex.namedCredential-meta.xml",
        "NamedCredential",
        f"<calloutStatus>Enabled</calloutStatus><label>Forcedex</label>{parameters}",
    )
    given = "".join(
        f'<values><field>{name}__c</field><value xsi:type="xsd:string">{value}</value></values>'
        for name, value in (("Address", url), ("Certificate", "Forcedex"))
    )
    _write(
        main / "customMetadata" / "Forcedex_Setting.Default.md-meta.xml",
        '<?xml version="1.0" encoding="UTF-8"?>\n<CustomMetadata xmlns="http://soap.sforce.com/2006/04/metadata"'
        ' xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" xmlns:xsd="http://www.w3.org/2001/XMLSchema">'
        f"<label>Default</label>{given}</CustomMetadata>\n",
    )
    _meta(
        main / "externalCredentials" / "Forcedex.externalCredential-meta.xml",
        "ExternalCredential",
        "<authenticationProtocol>Custom</authenticationProtocol><label>Forcedex</label>",
    )
    _meta(
        main / "dataSources" / "Forcedex.dataSource-meta.xml",
        "ExternalDataSource",
        f"<endpoint>{url}/federated/opensearch.xml</endpoint><label>Forcedex</label>"
        "<principalType>NamedUser</principalType><protocol>Oauth</protocol><type>OpenSearch</type>",
    )
    reading = "<objectPermissions><allowRead>true</allowRead><object>Account</object></objectPermissions>"
    field = "<fieldPermissions><field>Account.Phone</field><readable>true</readable></fieldPermissions>"
    setup = "<userPermissions><enabled>true</enabled><name>ViewSetup</name></userPermissions>"
    _meta(_set(main, "Forcedex_User"), "PermissionSet", "<label>Forcedex User</label>")
    _meta(_set(main, "Forcedex_Sync"), "PermissionSet", f"<label>Forcedex Sync</label>{field}{reading}{setup}")
    return folder


def _set(main: Path, name: str) -> Path:
    return main / "permissionsets" / f"{name}.permissionset-meta.xml"


def _meta(path: Path, kind: str, body: str) -> None:
    _write(path, _HEAD.format(kind=kind, body=body))


def _write(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")
