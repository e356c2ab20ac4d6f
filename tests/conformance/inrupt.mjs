// A foreign Solid client on a leash: reads one JSON command a line on stdin, answers one JSON line on stdout.
// It only uses the public functions of @inrupt/solid-client and @inrupt/solid-client-authn-node, and those of other
// libraries (linked-data.mjs) with the fetch of an Inrupt session.
import readline from "node:readline";
import { Session } from "@inrupt/solid-client-authn-node";
import * as solid from "@inrupt/solid-client";
import { linkedDataCommands } from "./linked-data.mjs";
import { solidClientCommands } from "./solid-client.mjs";

const sessions = new Map();

const answer = (response, body) => ({
  status: response.status,
  headers: Object.fromEntries(response.headers.entries()),
  body,
});

const fetcher = (command) => {
  const session = sessions.get(command.session);
  const extra = command.purpose ? { "Purpose-Of-Use": command.purpose } : {};
  return (url, init = {}) => {
    const headers = new Headers(init.headers);
    for (const [name, value] of Object.entries(extra)) headers.set(name, value);
    return (session ? session.fetch : fetch)(url, { ...init, headers });
  };
};

const commands = {
  async login({ session, issuer, clientId, clientSecret }) {
    const made = new Session({ keepAlive: false });
    await made.login({ oidcIssuer: issuer, clientId, clientSecret, tokenType: "DPoP" });
    sessions.set(session, made);
    return { webId: made.info.webId, isLoggedIn: made.info.isLoggedIn };
  },
  // Registers itself, and says where the browser of the person must go.
  async beginLogin({ session, issuer, redirectUrl, clientName }) {
    const made = new Session({ keepAlive: false });
    sessions.set(session, made);
    const url = await new Promise((resolve, reject) => {
      made.login({ oidcIssuer: issuer, redirectUrl, clientName, tokenType: "DPoP", handleRedirect: resolve }).catch(reject);
    });
    return { url };
  },
  async finishLogin({ session, url }) {
    await sessions.get(session).handleIncomingRedirect(url);
    const { webId, isLoggedIn } = sessions.get(session).info;
    return { webId, isLoggedIn };
  },
  async fetch(command) {
    const { url, method = "GET", headers = {}, body } = command;
    const response = await fetcher(command)(url, { method, headers, body });
    return answer(response, await response.text());
  },
  async saveFile(command) {
    const blob = new Blob([Buffer.from(command.base64, "base64")], { type: command.type });
    const saved = await solid.saveFileInContainer(command.url, blob, { slug: command.slug, contentType: command.type, fetch: fetcher(command) });
    return { url: solid.getSourceUrl(saved) };
  },
  async overwriteFile(command) {
    const blob = new Blob([Buffer.from(command.base64, "base64")], { type: command.type });
    const saved = await solid.overwriteFile(command.url, blob, { contentType: command.type, fetch: fetcher(command) });
    return { url: solid.getSourceUrl(saved) };
  },
  async readFile(command) {
    const file = await solid.getFile(command.url, { fetch: fetcher(command) });
    return { base64: Buffer.from(await file.arrayBuffer()).toString("base64"), type: file.type };
  },
};

Object.assign(commands, solidClientCommands(fetcher), linkedDataCommands(fetcher));

for await (const line of readline.createInterface({ input: process.stdin })) {
  const command = JSON.parse(line);
  let out;
  try {
    out = { ok: true, ...(await commands[command.do](command)) };
  } catch (error) {
    out = { ok: false, error: String(error.message ?? error), status: error.statusCode };
  }
  process.stdout.write(`${JSON.stringify(out)}\n`);
}
