// Uploads files in the order in which they were added, a few at a time.
import { client, ProblemError, UnreachableError } from '../api/client';
import type { Job, Problem, SubmitOptions } from '../api/types';
import { randomId } from '../base/random';
import { whenBack } from '../state/connection';
import { serverLimits } from '../state/server_facts';
import { texts } from '../texts';
import { formatBytes } from '../base/format';
import { forgetFile, keepFile, keptFile } from './kept_files';
import { discardUpload, sendLarge } from './send_large';
import { sendSmall } from './send_small';
import { addUpload, changeUpload, findUpload, removeUpload, uploads, type UploadItem } from './upload_item';
import { forget, readRecords, remember, type UploadRecord } from './upload_records';

const AT_ONCE = 2;
const LARGE_BYTES = 8_000_000;

const stops = new Map<string, () => void>();
const releases = new Map<string, () => void>();
let submitted: (job: Job) => void = () => undefined;

/** `tell` is called for every new job. */
export function onSubmitted(tell: (job: Job) => void) {
  submitted = tell;
}

const problem = (detail: string, hint?: string): Problem => ({
  status: 0,
  code: 'page',
  title: '',
  detail,
  ...(hint ? { hint } : {}),
});

/** Why a file is rejected without uploading it, or null. */
function refusal(file: File): Problem | null {
  const limit = serverLimits.value?.max_upload_bytes;
  if (file.size === 0) return problem(texts.upload.empty, texts.upload.emptyHint);
  if (limit && file.size > limit) {
    return problem(
      texts.upload.tooLarge(formatBytes(file.size), formatBytes(limit)),
      texts.upload.tooLargeHint,
    );
  }
  return null;
}

export function addFiles(files: readonly File[], options: SubmitOptions) {
  for (const file of files) {
    const refused = refusal(file);
    const item: UploadItem = {
      id: randomId(),
      name: file.name,
      size: file.size,
      file,
      options,
      state: refused ? 'failed' : 'waiting',
      sentBytes: 0,
      url: null,
      problem: refused,
      passwordWasWrong: false,
      jobId: null,
    };
    addUpload(item);
    if (!refused && isSentInPieces(file)) {
      remember(item);
      void claim(item.id);
      void keepFile(item.id, file);
    }
  }
  pump();
}

export function stopUpload(id: string) {
  const item = findUpload(id);
  stops.get(id)?.();
  if (item?.url && item.state !== 'done') discardUpload(item.url);
  finish(id);
  removeUpload(id);
  pump();
}

export function tryAgain(id: string) {
  changeUpload(id, { state: 'waiting', problem: null });
  pump();
}

export function givePassword(id: string, password: string) {
  const item = findUpload(id);
  if (!item) return;
  changeUpload(id, { state: 'waiting', options: { ...item.options, password }, problem: null });
  pump();
}

/** Resumes a lost upload with the file that the user chose again; false if it is a different file. */
export function giveFileAgain(id: string, file: File): boolean {
  const item = findUpload(id);
  if (!item || file.size !== item.size || file.name !== item.name) return false;
  changeUpload(id, { file, state: 'waiting' });
  pump();
  return true;
}

/** Resumes unfinished uploads after a reload, except those that another tab is sending. */
export async function restoreUploads() {
  for (const record of readRecords()) {
    if (findUpload(record.id) || !(await claim(record.id))) continue;
    const file = await keptFile(record.id);
    if (findUpload(record.id)) continue;
    addUpload(restored(record, file));
  }
  pump();
}

function restored(record: UploadRecord, file: File | null): UploadItem {
  return {
    ...record,
    file,
    state: file ? 'waiting' : 'lost',
    sentBytes: 0,
    problem: null,
    passwordWasWrong: false,
    jobId: null,
  };
}

/** False if another tab has the upload. The claim lasts until the upload ends or the tab is closed. */
function claim(id: string): Promise<boolean> {
  if (!navigator.locks) return Promise.resolve(true);
  return new Promise((resolve) => {
    void navigator.locks.request(`gnosis.upload.${id}`, { ifAvailable: true }, (lock) => {
      resolve(lock !== null);
      return lock ? new Promise<void>((release) => releases.set(id, release)) : undefined;
    });
  });
}

function finish(id: string) {
  forget(id);
  void forgetFile(id);
  releases.get(id)?.();
  releases.delete(id);
}

function pump() {
  const running = uploads.value.filter((item) => stops.has(item.id)).length;
  const next = uploads.value.filter((item) => item.state === 'waiting' && !stops.has(item.id));
  for (const item of next.slice(0, Math.max(0, AT_ONCE - running))) void send(item);
}

async function send(item: UploadItem) {
  const { id } = item;
  let stopped = false;
  stops.set(id, () => (stopped = true));
  try {
    for (;;) {
      try {
        changeUpload(id, { state: 'sending' });
        const job = await sendOnce(findUpload(id) ?? item);
        if (!findUpload(id)) {
          // Cancelled while the server was opening the file.
          return void client.deleteJob(job.job_id).catch(() => undefined);
        }
        changeUpload(id, { state: 'done', jobId: job.job_id, sentBytes: item.size });
        finish(id);
        submitted(job);
        setTimeout(() => removeUpload(id), 2500);
        return;
      } catch (error) {
        if (stopped || (error instanceof DOMException && error.name === 'AbortError')) return;
        if (!(error instanceof UnreachableError)) return failed(id, error);
        await whenBack();
        if (stopped || !findUpload(id)) return;
      }
    }
  } finally {
    stops.delete(id);
    pump();
  }
}

// If the server uses another upload protocol (a bucket's), the file is sent in one request.
function isSentInPieces(file: File): boolean {
  const protocol = serverLimits.value?.upload_protocol ?? 'tus';
  return protocol === 'tus' && file.size > LARGE_BYTES;
}

async function sendOnce(item: UploadItem): Promise<Job> {
  const { id, file } = item;
  if (!file) throw new Error('no file');
  const progress = (sentBytes: number) =>
    changeUpload(id, { sentBytes, state: sentBytes >= file.size ? 'opening' : 'sending' });
  if (!isSentInPieces(file)) {
    const sending = sendSmall(file, item.name, item.options, id, progress);
    stops.set(id, sending.stop);
    return sending.done;
  }
  const early = await submitAgain(item, file);
  if (early) return early;
  if (!findUpload(id)) throw new DOMException('stopped', 'AbortError');
  const sending = sendLarge(file, item.name, item.url, progress, (url) => {
    changeUpload(id, { url });
    remember({ ...item, url });
  });
  stops.set(id, sending.stop);
  const url = await sending.done;
  changeUpload(id, { state: 'opening' });
  return submitUploaded(url, item);
}

function submitUploaded(url: string, item: UploadItem): Promise<Job> {
  const uploadId = new URL(url, location.href).pathname.split('/').pop() ?? '';
  return client.submitUpload(uploadId, item.name, item.options, item.id);
}

/**
 * The job of a complete upload, when a password was entered or the first response was lost. Null if the
 * upload is incomplete or no longer exists.
 */
async function submitAgain(item: UploadItem, file: File): Promise<Job | null> {
  if (!item.url || item.sentBytes < file.size) return null;
  try {
    return await submitUploaded(item.url, item);
  } catch (error) {
    const status = error instanceof ProblemError ? error.problem.status : 0;
    if (status === 404 || status === 409 || status === 410) return null;
    throw error;
  }
}

function failed(id: string, error: unknown) {
  const item = findUpload(id);
  if (!item) return;
  const found = error instanceof ProblemError ? error.problem : problem(error instanceof Error ? error.message : String(error));
  if (found.code === 'password_required') {
    const passwordWasWrong = Boolean(item.options.password);
    changeUpload(id, { state: 'password', passwordWasWrong, problem: found });
  } else {
    changeUpload(id, { state: 'failed', problem: found });
  }
}
