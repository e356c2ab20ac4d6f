// A page of another origin that signs in with @uvdsl/solid-oidc-client-browser and works with rdflib.
import { Session } from "@uvdsl/solid-oidc-client-browser";
import { onPage } from "./browser-page.mjs";
import { linkedDataCommands } from "./linked-data.mjs";

const here = location.origin + "/";
const clientId = document.documentElement.dataset.clientId;
const known = clientId ? { client_id: clientId } : {};
const session = new Session({ ...known, redirect_uris: [here], client_name: "Verre app" }, { workerUrl: "/RefreshWorker.js" });
let restored = false;

onPage({
  ...linkedDataCommands((command) => (url, init) => (command.anonymous ? fetch(url, init) : session.authFetch(url, init))),
  async state() {
    return { isLoggedIn: session.isActive, webId: session.webId, restored };
  },
  async login({ issuer }) {
    await session.login(issuer, here);
    return {};
  },
  async logout() {
    await session.logout();
    return {};
  },
});

await session.handleRedirectFromLogin();
if (!session.isActive) {
  // It says so by an error when there is nothing to take up again.
  restored = await session.restore().then(() => true, () => false);
}
document.title = "ready";
