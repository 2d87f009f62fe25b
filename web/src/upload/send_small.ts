// Sends a file of a few megabytes as one form. XMLHttpRequest, because fetch reports no upload progress.
import {
  API,
  isFromProxy,
  OWN_PAGE_HEADERS,
  parseJson,
  parseProblem,
  ProblemError,
  UnreachableError,
} from '../api/client';
import type { Job, SubmitOptions } from '../api/types';
import { heardFromServer, serverUnreachable } from '../state/connection';
import { signInRequired } from '../state/sign_in_state';

export interface Sending<T> {
  done: Promise<T>;
  stop(): void;
}

/** `key` is the idempotency key: repeating the request with it never creates a second job. */
export function sendSmall(
  file: File,
  name: string,
  options: SubmitOptions,
  key: string,
  progress: (sentBytes: number) => void,
): Sending<Job> {
  const form = new FormData();
  for (const [field, value] of Object.entries(options)) if (value) form.set(field, value);
  form.set('file', file, name);
  const request = new XMLHttpRequest();
  const done = new Promise<Job>((resolve, reject) => {
    const unreachable = () => {
      serverUnreachable();
      reject(new UnreachableError());
    };
    request.open('POST', `${API}/jobs`);
    for (const [header, value] of Object.entries(OWN_PAGE_HEADERS))
      request.setRequestHeader(header, value);
    request.setRequestHeader('Idempotency-Key', key);
    request.upload.onprogress = (event) => progress(Math.min(event.loaded, file.size));
    request.onload = () => {
      if (isFromProxy(request.status)) return unreachable();
      heardFromServer();
      if (request.status >= 200 && request.status < 300) {
        try {
          return resolve(parseJson<Job>(request.status, request.responseText));
        } catch (error) {
          return reject(error);
        }
      }
      if (request.status === 401) signInRequired();
      reject(new ProblemError(parseProblem(request.status, request.responseText)));
    };
    request.onerror = unreachable;
    request.onabort = () => reject(new DOMException('stopped', 'AbortError'));
    request.send(form);
  });
  return { done, stop: () => request.abort() };
}
