// Passkeys: the one thing here that a browser can do only with a script. Without it every page works with the password.
// A form with data-passkey="create" or "get" carries the options in data-options; the answer goes along in its field.

const bytesOf = (text) =>
  Uint8Array.from(atob(text.replace(/-/g, "+").replace(/_/g, "/")), (character) => character.charCodeAt(0));

const textOf = (buffer) =>
  btoa(String.fromCharCode(...new Uint8Array(buffer))).replace(/\+/g, "-").replace(/\//g, "_").replace(/=+$/, "");

const known = (credentials) => credentials.map((one) => ({ ...one, id: bytesOf(one.id) }));

function publicKey(options) {
  const read = { ...options, challenge: bytesOf(options.challenge) };
  if (options.user) read.user = { ...options.user, id: bytesOf(options.user.id) };
  if (options.excludeCredentials) read.excludeCredentials = known(options.excludeCredentials);
  if (options.allowCredentials) read.allowCredentials = known(options.allowCredentials);
  return read;
}

function written(credential) {
  const { response } = credential;
  const told = { clientDataJSON: textOf(response.clientDataJSON) };
  if (response.attestationObject) {
    told.attestationObject = textOf(response.attestationObject);
    told.transports = response.getTransports ? response.getTransports() : [];
  } else {
    told.authenticatorData = textOf(response.authenticatorData);
    told.signature = textOf(response.signature);
    if (response.userHandle) told.userHandle = textOf(response.userHandle);
  }
  return JSON.stringify({ id: credential.id, rawId: textOf(credential.rawId), type: credential.type, response: told });
}

async function answer(form) {
  const failed = form.querySelector("[data-passkey-failed]");
  failed.hidden = true;
  try {
    const options = { publicKey: publicKey(JSON.parse(form.dataset.options)) };
    const credential = await navigator.credentials[form.dataset.passkey](options);
    form.querySelector("[data-passkey-answer]").value = written(credential);
    form.submit();
  } catch {
    // She said no, it took too long, or the device has none: all that can be said is that it did not work.
    failed.hidden = false;
  }
}

if (window.PublicKeyCredential && navigator.credentials) {
  for (const form of document.querySelectorAll("form[data-passkey]")) {
    for (const part of form.querySelectorAll("[data-passkey-off]")) part.hidden = true;
    for (const part of form.querySelectorAll("[data-passkey-on]")) part.hidden = false;
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      answer(form);
    });
  }
  for (const button of document.querySelectorAll("[data-passkey-second]")) {
    button.classList.replace("wk-button--primary", "wk-button--secondary");
  }
}
