"""tuspy: begin an upload, or go on with the one that the store remembers.

$ python upload.py ENDPOINT TOKEN FILE STORE CHUNK
"""

from __future__ import annotations

import sys
from pathlib import Path

from tusclient.client import TusClient
from tusclient.storage.filestorage import FileStorage

endpoint, token, file, store, chunk = sys.argv[1:]
known = Path(store).exists()
client = TusClient(endpoint, headers={"Authorization": f"Bearer {token}"})
storage = FileStorage(store)
uploader = client.uploader(
    file,
    chunk_size=int(chunk),
    metadata={"filename": "视频.mp4"},
    store_url=True,
    url_storage=storage,
    upload_checksum=True,
    retries=8,
    retry_delay=1,
)
print("resumed" if known else "begun", flush=True)
uploader.upload()
print("uploaded", flush=True)
