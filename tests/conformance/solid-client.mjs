// What @inrupt/solid-client does with a storage, through its own public functions, with somebody's authenticated fetch.
import * as solid from "@inrupt/solid-client";

export const solidClientCommands = (fetcherOf) => ({
  async saveDataset(command) {
    let thing = solid.createThing({ url: `${command.url}#it` });
    for (const [predicate, value] of Object.entries(command.strings)) thing = solid.addStringNoLocale(thing, predicate, value);
    const dataset = solid.setThing(solid.createSolidDataset(), thing);
    const saved = await solid.saveSolidDatasetAt(command.url, dataset, { fetch: fetcherOf(command) });
    return { url: solid.getSourceUrl(saved) };
  },
  async changeDataset(command) {
    const dataset = await solid.getSolidDataset(command.url, { fetch: fetcherOf(command) });
    const thing = solid.setStringNoLocale(solid.getThing(dataset, `${command.url}#it`), command.predicate, command.value);
    const methods = [];
    const watching = (url, init = {}) => {
      methods.push(init.method ?? "GET");
      return fetcherOf(command)(url, init);
    };
    await solid.saveSolidDatasetAt(command.url, solid.setThing(dataset, thing), { fetch: watching });
    return { methods };
  },
  async readDataset(command) {
    const dataset = await solid.getSolidDataset(command.url, { fetch: fetcherOf(command) });
    const thing = solid.getThing(dataset, `${command.url}#it`);
    return { value: thing && solid.getStringNoLocale(thing, command.predicate) };
  },
  async list(command) {
    const dataset = await solid.getSolidDataset(command.url, { fetch: fetcherOf(command) });
    return { members: solid.getContainedResourceUrlAll(dataset) };
  },
  async createContainer(command) {
    const made = await solid.createContainerAt(command.url, { fetch: fetcherOf(command) });
    return { url: solid.getSourceUrl(made) };
  },
  async deleteFile(command) {
    await solid.deleteFile(command.url, { fetch: fetcherOf(command) });
    return {};
  },
  // Changes the ACL of a resource as its documentation says: from its own, else from a copy of the one above.
  async changeAcl(command) {
    const options = { fetch: fetcherOf(command) };
    const dataset = await solid.getSolidDatasetWithAcl(command.url, options);
    const hasOwn = solid.hasResourceAcl(dataset);
    let acl = hasOwn ? solid.getResourceAcl(dataset) : solid.createAclFromFallbackAcl(dataset);
    for (const [setter, ...given] of command.changes) acl = solid[setter](acl, ...given);
    await solid.saveAclFor(dataset, acl, options);
    return { hasOwn };
  },
  async deleteAcl(command) {
    const options = { fetch: fetcherOf(command) };
    await solid.deleteAclFor(await solid.getSolidDatasetWithAcl(command.url, options), options);
    return {};
  },
  async aclOf(command) {
    const dataset = await solid.getSolidDatasetWithAcl(command.url, { fetch: fetcherOf(command) });
    return { agents: solid.getAgentAccessAll(dataset), public: solid.getPublicAccess(dataset) };
  },
  async effectiveAccess(command) {
    const info = await solid.getResourceInfo(command.url, { fetch: fetcherOf(command) });
    return { access: solid.getEffectiveAccess(info) };
  },
});
