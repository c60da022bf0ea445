"""Deploying, and what an administrator then changes in Setup, as verbs of the direct door.

What a permission set says of objects, fields and system permissions that the local org does not have is left out.
"""

from datetime import date
from pathlib import Path

from localorg import deployed
from localorg.access_administration import AccessAdministration
from localorg.deployed.kept import Values
from localorg.deployed.project import ProjectPermissions

_KINDS = {
    "class": "classes",
    "component": "components",
    "named_credential": "named_credentials",
    "external_credential": "external_credentials",
    "data_source": "data_sources",
    "certificate": "certificates",
    "custom_metadata": "custom_metadata",
}


class Deployment(AccessAdministration):
    """Code and its settings. A ValueError says why something cannot be; a KeyError names what is not there."""

    def deploy(self, folder: str | Path) -> list[str]:
        """Deploy a Salesforce DX project as `sf project deploy start` does; the names of what it brought."""
        project = deployed.read_project(Path(folder))
        with self._org.store.transaction():
            for each in project.permission_sets:
                self._deploy_permission_set(each)
            deployed.save(self._org.store, deployed.load(self._org.store).with_these(project.deployed))
        brought = project.deployed
        return [
            *brought.classes,
            *brought.components,
            *brought.named_credentials,
            *brought.external_credentials,
            *brought.data_sources,
            *brought.custom_metadata,
            *(each.name for each in project.permission_sets),
        ]

    def change_deployed(self, kind: str, name: str, **values: str | float | bool | None) -> None:
        """Change something in Setup: `kind` is class, component, named_credential, data_source, certificate or
        custom_metadata (`Type__mdt.Record`)."""
        self._change(kind, name, values)

    def remove_deployed(self, kind: str, name: str) -> None:
        """Delete something in Setup."""
        self._change(kind, name, None)

    def create_certificate(self, name: str, expires: date | str) -> None:
        """Setup, Certificate and Key Management: a self-signed certificate that expires on a day."""
        day = expires if isinstance(expires, str) else expires.isoformat()
        values: Values = {
            "DeveloperName": name,
            "MasterLabel": name,
            "ExpirationDate": day,
            "KeySize": 2048.0,
            "OptionsIsCaSigned": False,
        }
        new = deployed.Deployed(certificates={name: values})
        deployed.save(self._org.store, deployed.load(self._org.store).with_these(new))

    def _change(self, kind: str, name: str, values: Values | None) -> None:
        if kind not in _KINDS:
            raise ValueError(f"There is no kind {kind}. Known: {', '.join(_KINDS)}.")
        found = deployed.load(self._org.store)
        deployed.save(self._org.store, found.changed(_KINDS[kind], name, values))

    def _deploy_permission_set(self, one: ProjectPermissions) -> None:
        known = self._org.schema.objects["PermissionSet"]
        flags = [each for each in one.permissions if known.has(f"Permissions{each}")]
        found = self._org.store.select(known, '"Name" = ?', (one.name,))
        if found:
            set_id = str(found[0]["Id"])
            off = {name: 0 for name in found[0] if name.startswith("Permissions")}
            self._org.store.update(known, set_id, {**off, **{f"Permissions{each}": 1 for each in flags}})
        else:
            set_id = self.create_permission_set(one.name, *flags)
        self._org.store.update(known, set_id, {"Label": one.label})
        for name, rights in one.objects.items():
            if self._org.schema.object(name) is not None:
                self.set_object_permissions(set_id, name, rights)
        for path, rights in one.fields.items():
            sobject = self._org.schema.object(path.partition(".")[0])
            field = sobject.field(path.partition(".")[2]) if sobject else None
            if field is not None and field.permissionable:
                self.set_field_permissions(set_id, path, rights)
        self._org.store.touch_metadata(self._org.clock.now())
