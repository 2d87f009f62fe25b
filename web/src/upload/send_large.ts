// Sends a large file with tus 1.0.0, in chunks, so that an interruption loses at most one chunk.
import { Upload, type DetailedError } from 'tus-js-client';
import {
  addresses,
  isFromProxy,
  OWN_PAGE_HEADERS,
  parseProblem,
  ProblemError,
  UnreachableError,
} from '../api/client';
import { serverUnreachable } from '../state/connection';
import { signInRequired } from '../state/sign_in_state';
import type { Sending } from './send_small';

const CHUNK_BYTES = 8 << 20;
// Their sum exceeds the 5 s for which the server reserves an upload for a stalled request.
const RETRY_MS = [300, 1000, 3000, 5000];

function asOurError(error: Error | DetailedError): Error {
  const answer = 'originalResponse' in error ? error.originalResponse : null;
  const status = answer?.getStatus() ?? 0;
  if (!answer || status === 0 || isFromProxy(status)) {
    serverUnreachable();
    return new UnreachableError();
  }
  if (status === 401) signInRequired();
  return new ProblemError(parseProblem(status, answer.getBody()));
}

/** Resolves with the upload's URL. */
export function sendLarge(
  file: File,
  name: string,
  url: string | null,
  progress: (sentBytes: number) => void,
  hasUrl: (url: string) => void,
): Sending<string> {
  let upload: Upload | null = null;
  let reject: (error: Error) => void = () => undefined;
  const done = new Promise<string>((resolve, fail) => {
    reject = fail;
    upload = new Upload(file, {
      endpoint: addresses.uploads,
      uploadUrl: url,
      chunkSize: CHUNK_BYTES,
      retryDelays: RETRY_MS,
      headers: OWN_PAGE_HEADERS,
      metadata: { filename: name },
      storeFingerprintForResuming: false,
      onProgress: (sent) => progress(sent),
      onUploadUrlAvailable: () => {
        if (upload?.url) hasUrl(upload.url);
      },
      onSuccess: () => resolve(upload?.url ?? ''),
      onError: (error) => fail(asOurError(error)),
    });
    upload.start();
  });
  return {
    done,
    stop: () => {
      void upload?.abort(false);
      reject(new DOMException('stopped', 'AbortError'));
    },
  };
}

/** Tells the server to delete the upload; errors are ignored. */
export function discardUpload(url: string) {
  Upload.terminate(url, { headers: OWN_PAGE_HEADERS }).catch(() => undefined);
}
