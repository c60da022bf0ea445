// Prints what a stream of change events brings, one JSON object on each line: {"event": …}, {"error": {…}}, {"keepAlive": n}.
// Its argument: {"endpoint", "instanceUrl", "organizationId", "accessToken", "topic", "count", "replayId"?}
import PubSubApiClient from "salesforce-pubsub-api-client";

const given = JSON.parse(process.argv[2]);
const silent = () => {};
const logger = { debug: silent, info: silent, warn: silent, error: silent };
const print = (line) => process.stdout.write(JSON.stringify(line) + "\n");

const client = new PubSubApiClient(
  {
    authType: "user-supplied",
    accessToken: given.accessToken,
    instanceUrl: given.instanceUrl,
    organizationId: given.organizationId,
    pubSubEndpoint: given.endpoint,
    rejectUnauthorizedSsl: false,
  },
  logger,
);
await client.connect();

const tell = (subscription, kind, data) => {
  if (kind === "event") {
    print({ event: data, replayId: data.replayId });
  } else if (kind === "grpcKeepAlive") {
    print({ keepAlive: subscription.lastReplayId });
  } else if (kind === "error") {
    const code = data.metadata ? data.metadata.get("error-code")[0] : null;
    print({ error: { status: data.code ?? null, code, message: data.message } });
  } else if (kind === "lastEvent") {
    // Closing the client would leave the stream open.
    process.stdout.write("", () => process.exit(0));
  }
};
if (given.replayId === undefined) {
  client.subscribeFromEarliestEvent(given.topic, tell, given.count);
} else {
  client.subscribeFromReplayId(given.topic, tell, given.count, given.replayId);
}
