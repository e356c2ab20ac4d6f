// A page of another origin that signs in with @inrupt/solid-client-authn-browser and works with @inrupt/solid-client.
import { Session } from "@inrupt/solid-client-authn-browser";
import { onPage } from "./browser-page.mjs";
import { solidClientCommands } from "./solid-client.mjs";

const session = new Session();
let restored = false;
session.events.on("sessionRestore", () => {
  restored = true;
});

onPage({
  ...solidClientCommands((command) => (command.anonymous ? fetch : session.fetch)),
  async state() {
    const { isLoggedIn, webId } = session.info;
    return { isLoggedIn, webId, restored };
  },
  // The browser leaves for the issuer.
  async login({ issuer, clientId, clientName }) {
    await session.login({ oidcIssuer: issuer, redirectUrl: location.origin + "/", clientId, clientName, tokenType: "DPoP" });
    return {};
  },
  async logout({ atIssuer, postLogoutUrl, state }) {
    await session.logout(atIssuer ? { logoutType: "idp", postLogoutUrl, state } : { logoutType: "app" });
    return {};
  },
});
// With a code in the address this finishes signing in; without one it asks the issuer whether the session still is there.
await session.handleIncomingRedirect({ restorePreviousSession: true });
document.title = "ready";
