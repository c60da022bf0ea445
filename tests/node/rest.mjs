// jsforce at work: node rest.mjs <address> <access token>. Prints what it found as JSON.
import jsforce from "jsforce";

const [instanceUrl, accessToken] = process.argv.slice(2);
const connection = new jsforce.Connection({ instanceUrl, accessToken, version: "60.0" });
const accounts = connection.sobject("Account");
const found = {};

const many = Array.from({ length: 201 }, (_, number) => ({ Name: `A${String(number).padStart(3, "0")}` }));
const created = await accounts.create(many, { allowRecursive: true });
found.created = created.filter((one) => one.success).length;
const ids = created.map((one) => one.id);

const mixed = await accounts.create([{ Name: "good" }, { Site: "no name" }]);
found.mixed = mixed.map((one) => (one.success ? "created" : one.errors[0].statusCode));
const none = await accounts.create([{ Name: "good" }, { Site: "no name" }], { allOrNone: true });
found.none = none.map((one) => one.errors[0].statusCode);

await accounts.update(ids.slice(0, 2).map((Id) => ({ Id, Phone: "1" })));
found.read = (await accounts.retrieve([ids[1], "001000000000001AAA", ids[0]])).map((one) => one && one.Phone);
const upserted = await accounts.upsert(
  [
    { Customer_Number__c: "C-1", Name: "new" },
    { Customer_Number__c: "C-2", Name: "newer" },
  ],
  "Customer_Number__c",
);
found.upserted = upserted.map((one) => one.created);

const parent = created[0].id;
await connection.sobject("Contact").create([
  { LastName: "Lovelace", AccountId: parent },
  { LastName: "Noether", AccountId: parent },
]);
const { records } = await connection
  .sobject("Account")
  .find({ Phone: "1" }, "Id, Name")
  .include("Contacts")
  .select("LastName")
  .orderby("LastName", "DESC")
  .end()
  .sort({ Name: -1 })
  .execute({ autoFetch: true })
  .then((rows) => ({ records: rows }));
found.nested = records.map((one) => [one.Name, one.Contacts && one.Contacts.records.map((child) => child.LastName)]);

const composite = await connection.request({
  method: "POST",
  url: "/composite",
  body: JSON.stringify({
    allOrNone: true,
    compositeRequest: [
      {
        method: "POST",
        url: "/services/data/v60.0/sobjects/Account",
        referenceId: "account",
        body: { Name: "composite" },
      },
      {
        method: "POST",
        url: "/services/data/v60.0/sobjects/Contact",
        referenceId: "contact",
        body: { LastName: "C", AccountId: "@{account.id}" },
      },
    ],
  }),
  headers: { "Content-Type": "application/json" },
});
found.composite = composite.compositeResponse.map((one) => one.httpStatusCode);

try {
  await connection.query("SELECT Id FRM Account");
} catch (error) {
  found.error = [error.errorCode, error.message.includes("unexpected token: 'FRM'")];
}
const destroyed = await accounts.destroy(ids, { allowRecursive: true });
found.destroyed = destroyed.filter((one) => one.success).length;
found.left = (await connection.query("SELECT COUNT() FROM Account")).totalSize;
process.stdout.write(JSON.stringify(found));
