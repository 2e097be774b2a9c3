// For packages that read process.env without asking whether there is a process:
// in a page without this their sessions never start.
globalThis.process ??= {env: {}};
