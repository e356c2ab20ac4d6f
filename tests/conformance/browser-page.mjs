// How a test in the browser gives a page commands: the same ones as those of a client in Node.
export const onPage = (commands) => {
  window.doCommand = async (command) => {
    try {
      return { ok: true, ...(await commands[command.do](command)) };
    } catch (error) {
      return { ok: false, error: String(error.message ?? error), status: error.statusCode ?? error.status };
    }
  };
};
