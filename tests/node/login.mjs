// Logs in with oauth4webapi, which checks everything that OpenID Connect asks a client to check.
//
//   node login.mjs '{"issuer", "client_id", "client_secret", "method": "post" | "basic", "redirect_uri", "scope"}'
//
// Prints {"open": URL}, reads the address that the browser was sent to, prints {"claims", "info"} or {"error"}.
import { createInterface } from "node:readline";
import * as oauth from "oauth4webapi";

const given = JSON.parse(process.argv[2]);
const insecure = { [oauth.allowInsecureRequests]: true };
const issuer = new URL(given.issuer);
const client = { client_id: given.client_id };
const authentication = (given.method === "basic" ? oauth.ClientSecretBasic : oauth.ClientSecretPost)(given.client_secret);

const server = await oauth.processDiscoveryResponse(issuer, await oauth.discoveryRequest(issuer, insecure));
const verifier = oauth.generateRandomCodeVerifier();
const state = oauth.generateRandomState();
const nonce = oauth.generateRandomNonce();
const address = new URL(server.authorization_endpoint);
for (const [name, value] of Object.entries({
  client_id: given.client_id,
  redirect_uri: given.redirect_uri,
  response_type: "code",
  scope: given.scope,
  state,
  nonce,
  code_challenge: await oauth.calculatePKCECodeChallenge(verifier),
  code_challenge_method: "S256",
})) {
  address.searchParams.set(name, value);
}
console.log(JSON.stringify({ open: address.href }));

for await (const line of createInterface({ input: process.stdin })) {
  try {
    const parameters = oauth.validateAuthResponse(server, client, new URL(line), state);
    const answer = await oauth.authorizationCodeGrantRequest(
      server, client, authentication, parameters, given.redirect_uri, verifier, insecure);
    const token = await oauth.processAuthorizationCodeResponse(
      server, client, answer, { expectedNonce: nonce, requireIdToken: true });
    await oauth.validateApplicationLevelSignature(server, answer, insecure);
    const claims = oauth.getValidatedIdTokenClaims(token);
    const info = await oauth.processUserInfoResponse(
      server, client, claims.sub, await oauth.userInfoRequest(server, client, token.access_token, insecure));
    console.log(JSON.stringify({ claims, info, scope: token.scope }));
  } catch (error) {
    console.log(JSON.stringify({ error: error.error ?? error.code ?? error.name, message: error.error_description ?? error.message }));
  }
  break;
}
