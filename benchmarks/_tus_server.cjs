// The reference server of tus for Node, with its file store: node _tus_server.cjs FOLDER
"use strict";

const { Server } = require("@tus/server");
const { FileStore } = require("@tus/file-store");

const server = new Server({
  path: "/files",
  datastore: new FileStore({ directory: process.argv[2] }),
});
const listening = server.listen({ host: "127.0.0.1", port: 0 });
listening.on("listening", () => console.log(listening.address().port));
