"""Campaign influence: what the org itself attributes to an opportunity's primary campaign, and shares of revenue.

The primary campaign's model gives all of an opportunity to its CampaignId. Source: Object Reference,
CampaignInfluence, CampaignInfluenceModel. Salesforce does it some time later; here it is done at once.
"""

from localorg.errors import ApiError
from localorg.records.change import Change
from localorg.store.store import Row

_PRIMARY = "1"
_WHOLE = 100_00  # percent with two decimals


def share(change: Change) -> None:
    """The part of the opportunity's amount; only models of one's own take rows."""
    new = change.new
    model = change.row("CampaignInfluenceModel", new["ModelId"]) or {}
    if change.given and model.get("ModelType") == _PRIMARY:
        raise ApiError(
            "FIELD_INTEGRITY_EXCEPTION",
            "field integrity exception: ModelId (records of the Primary Campaign Source model are calculated)",
            fields=["ModelId"],
        )
    deal = change.row("Opportunity", new["OpportunityId"]) or {}
    new["CurrencyIsoCode"] = deal.get("CurrencyIsoCode") or new["CurrencyIsoCode"]
    new["RevenueShare"] = _part(deal.get("Amount"), new.get("Influence"))


def _part(amount: object, influence: object) -> int | None:
    if amount is None or influence is None:
        return None
    return (int(str(amount)) * int(str(influence)) + _WHOLE // 2) // _WHOLE


def opportunity(change: Change) -> None:
    """The primary campaign's row, and all shares of the new amount."""
    if not change.changed("CampaignId", "Amount"):
        return
    saver, deal = change.saver, str(change.new["Id"])
    if change.changed("CampaignId"):
        _credit(change, deal)
    for row in _rows(change, deal):
        saver.change("CampaignInfluence", str(row["Id"]), {})


def _credit(change: Change, deal: str) -> None:
    saver, campaign = change.saver, change.new["CampaignId"]
    model = change.find("CampaignInfluenceModel", "ModelType", _PRIMARY)
    if model is None:
        return
    mine = [row for row in _rows(change, deal) if row["ModelId"] == model["Id"]]
    if mine and campaign is not None:
        saver.change("CampaignInfluence", str(mine[0]["Id"]), {"CampaignId": campaign})
    elif mine:
        saver.store.remove(saver.schema.objects["CampaignInfluence"], str(mine[0]["Id"]))
    elif campaign is not None:
        row = {"OpportunityId": deal, "CampaignId": campaign, "ModelId": model["Id"], "Influence": _WHOLE}
        saver.insert("CampaignInfluence", row)


def _rows(change: Change, deal: str) -> list[Row]:
    sobject = change.saver.schema.objects["CampaignInfluence"]
    return change.saver.store.select(sobject, '"OpportunityId" = ? AND "IsDeleted" = 0', (deal,))
