// Judges SOQL: a JSON string on each line of the input, a JSON object on each line of the output:
// {"tree": …} for a query that the parser takes, {"error": "…"} for one that it does not.
import { createInterface } from "node:readline";
import { parseQuery } from "@jetstreamapp/soql-parser-js";

for await (const line of createInterface({ input: process.stdin })) {
  let verdict;
  try {
    verdict = { tree: parseQuery(JSON.parse(line)) };
  } catch (error) {
    verdict = { error: String(error.message).split("\n")[0] };
  }
  process.stdout.write(JSON.stringify(verdict) + "\n");
}
