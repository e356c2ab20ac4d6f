// What rdflib and Comunica do with a storage, through their own public functions, with somebody's authenticated fetch.
const ACL = "http://www.w3.org/ns/auth/acl#";
const RDF = "http://www.w3.org/1999/02/22-rdf-syntax-ns#";

const rdflibAt = async (fetch) => {
  const rdf = await import("rdflib");
  const store = rdf.graph();
  const fetcher = new rdf.Fetcher(store, { fetch });
  return { rdf, store, fetcher, updater: new rdf.UpdateManager(store) };
};

const comunica = async () => {
  const { QueryEngine } = await import("@comunica/query-sparql");
  return new QueryEngine();
};

export const linkedDataCommands = (fetcherOf) => ({
  async rdflibRead(command) {
    const { rdf, store, fetcher } = await rdflibAt(fetcherOf(command));
    await fetcher.load(command.url);
    return { values: store.each(rdf.sym(command.subject), rdf.sym(command.predicate)).map((node) => node.value) };
  },
  async rdflibPut(command) {
    const { fetcher } = await rdflibAt(fetcherOf(command));
    const response = await fetcher.webOperation("PUT", command.url, { data: command.body, contentType: "text/turtle" });
    return { status: response.status };
  },
  async rdflibReplace(command) {
    const { rdf, store, fetcher, updater } = await rdflibAt(fetcherOf(command));
    await fetcher.load(command.url);
    const [subject, predicate, document] = [command.subject, command.predicate, command.url].map((url) => rdf.sym(url));
    const old = store.statementsMatching(subject, predicate, null, document);
    await updater.update(old, [rdf.st(subject, predicate, rdf.lit(command.value), document)]);
    return { editable: updater.editable(command.url) };
  },
  // Adds an Authorization to an ACL resource by an update; properties of the ACL ontology, each with an IRI.
  async rdflibAuthorize(command) {
    const { rdf, fetcher, updater } = await rdflibAt(fetcherOf(command));
    await fetcher.load(command.url);
    const [rule, document] = [rdf.sym(command.rule), rdf.sym(command.url)];
    const property = (name) => (name === "type" ? rdf.sym(`${RDF}type`) : rdf.sym(ACL + name));
    const added = Object.entries(command.properties).map(([name, iri]) => rdf.st(rule, property(name), rdf.sym(iri), document));
    await updater.update([], added);
    return { editable: updater.editable(command.url) };
  },
  async rdflibMakeContainer(command) {
    const { fetcher } = await rdflibAt(fetcherOf(command));
    const response = await fetcher.createContainer(command.url, command.name);
    return { status: response.status, location: response.headers.get("Location") };
  },
  async rdflibDelete(command) {
    const { fetcher } = await rdflibAt(fetcherOf(command));
    return { status: (await fetcher.webOperation("DELETE", command.url)).status };
  },
  async comunicaSelect(command) {
    const bindings = await (await comunica()).queryBindings(command.query, { sources: command.sources, fetch: fetcherOf(command) });
    return { values: (await bindings.toArray()).map((row) => row.get("value").value).sort() };
  },
  async comunicaUpdate(command) {
    const context = { sources: [command.url], destination: command.url, fetch: fetcherOf(command) };
    await (await comunica()).queryVoid(command.query, context);
    return {};
  },
});
