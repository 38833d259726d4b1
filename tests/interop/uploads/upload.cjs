// tus-js-client: begin an upload, or go on with the one that the store remembers.
//   node upload.cjs ENDPOINT TOKEN FILE STORE CHUNK
"use strict";

const fs = require("fs");
const tus = require("tus-js-client");

const [endpoint, token, file, store, chunk] = process.argv.slice(2);

const upload = new tus.Upload(fs.createReadStream(file), {
  endpoint,
  uploadSize: fs.statSync(file).size,
  chunkSize: Number(chunk),
  retryDelays: [50, 100, 200, 400, 800],
  headers: { Authorization: `Bearer ${token}` },
  metadata: { filename: "视频.mp4" },
  urlStorage: new tus.FileUrlStorage(store),
  onError(fault) {
    console.error(String(fault));
    process.exit(1);
  },
  onSuccess() {
    console.log("uploaded");
  },
});

upload.findPreviousUploads().then((known) => {
  console.log(known.length ? "resumed" : "begun");
  if (known.length) upload.resumeFromPreviousUpload(known[0]);
  upload.start();
});
