"""A Salesforce DX project in source format, read as a deployment reads it.

Source: Salesforce DX Developer Guide, "Salesforce DX Project Structure and Source Format"; Metadata API Developer
Guide, "ApexClass", "LightningComponentBundle", "NamedCredential", "ExternalCredential", "ExternalDataSource",
"PermissionSet". Kinds of metadata that the local org has no use for (labels, pages, tabs) are left out.
"""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from xml.etree import ElementTree
from xml.etree.ElementTree import Element

from localorg.deployed.kept import Deployed, Values

_NAMESPACE = "{http://soap.sforce.com/2006/04/metadata}"
#: Folders beside the sources that are never deployed (`.forceignore` of every generated project).
_LEFT_OUT = "__tests__"
_RIGHTS = {
    "allowRead": "Read",
    "allowCreate": "Create",
    "allowEdit": "Edit",
    "allowDelete": "Delete",
    "viewAllRecords": "ViewAllRecords",
    "modifyAllRecords": "ModifyAllRecords",
    "viewAllFields": "ViewAllFields",
}


@dataclass(frozen=True, kw_only=True)
class ProjectPermissions:
    """A permission set of a project."""

    name: str
    label: str
    #: System permissions, such as ApiEnabled.
    permissions: tuple[str, ...] = ()
    #: By object: rights as the direct door takes them.
    objects: Mapping[str, str] = field(default_factory=dict)
    #: By field (`Account.Phone`).
    fields: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class Project:
    """What a project deploys."""

    deployed: Deployed
    permission_sets: tuple[ProjectPermissions, ...]


def read_project(folder: Path) -> Project:
    """All package directories of a project. ValueError, naming the file: what a deployment would refuse."""
    definition = folder / "sfdx-project.json"
    if not definition.is_file():
        raise ValueError(f"{folder} is no Salesforce DX project: it has no sfdx-project.json.")
    told = json.loads(definition.read_text(encoding="utf-8"))
    version = float(told["sourceApiVersion"])
    roots = [folder / each["path"] for each in told["packageDirectories"]]
    return Project(
        deployed=Deployed(
            classes=dict(_classes(roots)),
            components=dict(_components(roots, version)),
            named_credentials={name: _named(path, root) for name, path, root in _all(roots, "namedCredential")},
            external_credentials={
                name: {"label": _text(root, "label"), "protocol": _text(root, "authenticationProtocol")}
                for name, _, root in _all(roots, "externalCredential")
            },
            custom_metadata=dict(_custom_metadata(roots)),
            data_sources={name: _data_source(name, root) for name, _, root in _all(roots, "dataSource")},
        ),
        permission_sets=tuple(_permissions(name, root) for name, _, root in _all(roots, "permissionset")),
    )


def _all(roots: list[Path], suffix: str) -> Iterator[tuple[str, Path, Element]]:
    """Files of one kind of metadata: name, path, content."""
    for root in roots:
        for path in sorted(root.rglob(f"*.{suffix}-meta.xml")):
            if _LEFT_OUT not in path.parts:
                yield path.name.removesuffix(f".{suffix}-meta.xml"), path, _parsed(path)


def _parsed(path: Path) -> Element:
    try:
        return ElementTree.fromstring(path.read_text(encoding="utf-8"))
    except ElementTree.ParseError as error:
        raise ValueError(f"{path} is no XML: {error}.") from None


def _text(element: Element, name: str, default: str = "") -> str:
    return (element.findtext(f"{_NAMESPACE}{name}") or default).strip()


def _true(element: Element, name: str) -> bool:
    return _text(element, name) == "true"


def _classes(roots: list[Path]) -> Iterator[tuple[str, Values]]:
    for name, path, root in _all(roots, "cls"):
        source = path.with_name(f"{name}.cls")
        if not source.is_file():
            raise ValueError(f"{path} has no class beside it.")
        body = source.read_text(encoding="utf-8")
        yield (
            name,
            {
                "Name": name,
                "NamespacePrefix": None,
                "ApiVersion": float(_text(root, "apiVersion")),
                "Status": _text(root, "status", "Active"),
                "IsValid": True,
                "Body": body,
                "LengthWithoutComments": float(len(body)),
            },
        )


def _components(roots: list[Path], version: float) -> Iterator[tuple[str, Values]]:
    for name, path, root in _all(roots, "js"):
        if path.parent.parent.name != "lwc" or path.parent.name != name:
            raise ValueError(f"{path} is not in a folder lwc/{name}.")
        yield (
            name,
            {
                "DeveloperName": name,
                "NamespacePrefix": None,
                "MasterLabel": _text(root, "masterLabel", name),
                "ApiVersion": float(_text(root, "apiVersion") or version),
                "Description": _text(root, "description") or None,
            },
        )


def _custom_metadata(roots: list[Path]) -> Iterator[tuple[str, Values]]:
    """Source: Metadata API Developer Guide, "CustomMetadata"; texts only, but for nil values."""
    for name, path, root in _all(roots, "md"):
        kind, dot, record = name.partition(".")
        if not dot:
            raise ValueError(f"{path} names no type and record, such as Setting.Default.md-meta.xml.")
        values = {_text(each, "field"): _text(each, "value") or None for each in root.findall(f"{_NAMESPACE}values")}
        own = {"DeveloperName": record, "MasterLabel": _text(root, "label"), "NamespacePrefix": None}
        yield f"{kind}__mdt.{record}", {**own, **values}


def _named(path: Path, root: Element) -> Values:
    parameters = root.findall(f"{_NAMESPACE}namedCredentialParameters")
    found = {_text(each, "parameterType"): each for each in parameters}
    if "Url" not in found:
        raise ValueError(f"{path} has no parameter of the type Url.")
    outer = found.get("Authentication")
    return {
        "label": _text(root, "label"),
        "url": _text(found["Url"], "parameterValue"),
        "external": _text(outer, "externalCredential") if outer is not None else None,
        "enabled": _text(root, "calloutStatus", "Enabled") == "Enabled",
    }


def _data_source(name: str, root: Element) -> Values:
    # The Object Reference's values of PrincipalType are those of the metadata.
    return {
        "DeveloperName": name,
        "NamespacePrefix": None,
        "MasterLabel": _text(root, "label"),
        "Endpoint": _text(root, "endpoint") or None,
        "PrincipalType": _text(root, "principalType"),
        "Protocol": _text(root, "protocol"),
        "Type": _text(root, "type"),
    }


def _permissions(name: str, root: Element) -> ProjectPermissions:
    objects = {}
    for each in root.findall(f"{_NAMESPACE}objectPermissions"):
        objects[_text(each, "object")] = " ".join(right for tag, right in _RIGHTS.items() if _true(each, tag))
    fields = {}
    for each in root.findall(f"{_NAMESPACE}fieldPermissions"):
        rights = [right for tag, right in (("readable", "Read"), ("editable", "Edit")) if _true(each, tag)]
        fields[_text(each, "field")] = " ".join(rights)
    return ProjectPermissions(
        name=name,
        label=_text(root, "label"),
        permissions=tuple(
            _text(each, "name") for each in root.findall(f"{_NAMESPACE}userPermissions") if _true(each, "enabled")
        ),
        objects=objects,
        fields=fields,
    )
