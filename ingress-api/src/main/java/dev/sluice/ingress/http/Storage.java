package dev.sluice.ingress.http;

import dev.sluice.ingress.blob.BlobStore;
import dev.sluice.ingress.log.BatchLog;
import dev.sluice.ingress.log.FileLog;

/// Where files and batches are.
public record Storage(FileLog files, BatchLog batches, BlobStore blobs) {}
