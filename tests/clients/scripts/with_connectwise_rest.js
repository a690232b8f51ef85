// connectwise-rest from npm: https only, asks for an old model by its Accept header, pages until a short page.

const { ManageAPI } = require("connectwise-rest");

const given = JSON.parse(process.env.GIVEN);
const client = new ManageAPI({
  companyId: "sim",
  companyUrl: process.env.TLS,
  publicKey: "pub",
  privateKey: "priv",
  clientId: process.env.CLIENT_ID,
});

async function status(attempt) {
  try {
    return await attempt();
  } catch (error) {
    return String(error.status);
  }
}

async function main() {
  const { FinanceAPI, ProcurementAPI, CompanyAPI } = client;
  const finance = FinanceAPI, catalog = ProcurementAPI;
  const seen = {};
  const agreements = await client.paginate(finance.getFinanceAgreements, { pageSize: 7 }, {});
  seen.listed = agreements.map((row) => row.id);
  seen.filtered = (await finance.getFinanceAgreements({ conditions: given.conditions })).map((row) => row.id);
  seen.count = (await finance.getFinanceAgreementsCount({})).count;
  const made = await finance.postFinanceAgreementsByParentIdAdditions(given.agreement, given.line);
  seen.created = made.id;
  const operations = [{ op: "replace", path: "quantity", value: 11 }];
  const patched = await finance.patchFinanceAgreementsByParentIdAdditionsById(made.id, given.agreement, operations);
  seen.patched = patched.quantity;
  const spare = await finance.postFinanceAgreementsByParentIdAdditions(given.agreement, given.line);
  await finance.deleteFinanceAgreementsByParentIdAdditionsById(spare.id, given.agreement);
  seen.deleted = spare.id;
  seen.item = (await catalog.postProcurementCatalog(given.item)).id;
  seen.errors = [
    await status(() => catalog.postProcurementCatalog(given.item)),
    await status(() => finance.getFinanceAgreements({ conditions: "nothing=1" })),
    await status(() => finance.getFinanceAgreementsById(999999)),
  ];
  seen.throttled = await status(() => CompanyAPI.getCompanyCompaniesCount({}));
  seen.after = (await CompanyAPI.getCompanyCompaniesCount({})).count;
  console.log(JSON.stringify(seen));
}

main();
