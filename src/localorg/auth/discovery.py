"""What clients of OpenID Connect look up: the org's addresses and keys.

    GET /.well-known/openid-configuration
    GET /id/keys

Source: Salesforce Help, "Query for the OpenID Connect Configuration"; of its values, those that this org has.
"""

import asyncio
from typing import TYPE_CHECKING, Any

import orjson
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

if TYPE_CHECKING:
    from localorg.org import Org


def _configuration(issuer: str) -> dict[str, Any]:
    return {
        "issuer": issuer,
        "authorization_endpoint": f"{issuer}/services/oauth2/authorize",
        "token_endpoint": f"{issuer}/services/oauth2/token",
        "revocation_endpoint": f"{issuer}/services/oauth2/revoke",
        "userinfo_endpoint": f"{issuer}/services/oauth2/userinfo",
        "jwks_uri": f"{issuer}/id/keys",
        "introspection_endpoint": f"{issuer}/services/oauth2/introspect",
        "scopes_supported": [
            *("api", "email", "full", "id", "offline_access", "openid", "profile", "refresh_token", "web")
        ],
        "response_types_supported": ["code"],
        "grant_types_supported": [
            "authorization_code",
            "refresh_token",
            "client_credentials",
            "urn:ietf:params:oauth:grant-type:jwt-bearer",
            "password",
        ],
        "code_challenge_methods_supported": ["S256"],
        "subject_types_supported": ["public"],
        "id_token_signing_alg_values_supported": ["RS256"],
        "display_values_supported": ["page", "popup", "touch"],
        "token_endpoint_auth_methods_supported": ["client_secret_post", "client_secret_basic"],
        "claims_supported": [
            *("active", "email", "email_verified", "family_name", "given_name", "language", "locale", "name"),
            *("nickname", "organization_id", "picture", "preferred_username", "profile", "sub", "updated_at"),
            *("urls", "user_id", "user_type", "utcOffset", "zoneinfo"),
        ],
    }


def routes(org: "Org") -> list[Route]:
    """The endpoints, for Starlette."""

    async def configuration(request: Request) -> Response:
        issuer = org.https_url if request.url.scheme == "https" else org.url
        return _json(_configuration(issuer))

    async def keys(request: Request) -> Response:
        # Made when they are first asked for, which takes a while.
        loop = asyncio.get_running_loop()
        return _json(await loop.run_in_executor(org.workers, org.identity_keys.public))

    return [
        Route("/.well-known/openid-configuration", configuration, methods=["GET"]),
        Route("/id/keys", keys, methods=["GET"]),
    ]


def _json(body: Any) -> Response:
    return Response(orjson.dumps(body), media_type="application/json;charset=UTF-8")
