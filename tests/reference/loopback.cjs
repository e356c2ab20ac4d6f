// Preloaded into the reference server, which else listens on all addresses of the machine: let it listen on this one only.
const net = require("node:net");

const { listen } = net.Server.prototype;
net.Server.prototype.listen = function (options, ...rest) {
  return listen.call(this, typeof options === "number" ? { port: options, host: "127.0.0.1" } : { ...options, host: "127.0.0.1" }, ...rest);
};
