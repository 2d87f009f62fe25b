import { storage } from '../testing/browser';
import assert from 'node:assert/strict';
import { afterEach, beforeEach, test } from 'node:test';
import { connection, heardFromServer } from '../state/connection';
import { serverLimits } from '../state/server_facts';
import { signInState } from '../state/sign_in_state';
import { advance, settle, useClock } from '../testing/clock';
import { jobIn } from '../testing/samples';
import { FakeServer, json, Later, problem, type Call } from '../testing/server';
import { uploads, type UploadItem } from './upload_item';
import {
  addFiles,
  giveFileAgain,
  givePassword,
  onSubmitted,
  restoreUploads,
  stopUpload,
  tryAgain,
} from './upload_queue';

const MB = 1_000_000;
/** Two full chunks and a rest. */
const LARGE = 20 * MB;

let server: FakeServer;
let submitted: string[];

beforeEach(() => {
  useClock();
  storage.clear();
  heardFromServer();
  signInState.value = { kind: 'open', owner: null };
  serverLimits.value = { max_upload_bytes: 500 * MB, max_pages: 10_000, upload_protocol: 'tus' };
  submitted = [];
  onSubmitted((job) => submitted.push(job.job_id));
  server = new FakeServer();
  server.on('GET /livez', () => json({}));
  server.on('POST /api/v1/jobs', () => json(jobIn('queued'), 202));
});
afterEach(async () => {
  for (const { id } of uploads.value) stopUpload(id);
  await settle();
});

const file = (name: string, size: number) => new File([new Uint8Array(size)], name);
const states = () => uploads.value.map((item) => item.state);
const records = () => JSON.parse(storage.getItem('gnosis.uploads') ?? '[]') as UploadItem[];
const submissions = () => server.calls.filter(({ method, path }) => `${method} ${path}` === 'POST /api/v1/jobs');

function only(): UploadItem {
  assert.equal(uploads.value.length, 1);
  return uploads.value[0] as UploadItem;
}

/** A tus server with one upload, u1. */
function tus() {
  const upload = { made: 0, offset: 0, size: 0, exists: false };
  const at = '/api/v1/uploads/u1';
  const progress = (status: number, extra: object = {}) =>
    new Response(null, { status, headers: { 'Upload-Offset': String(upload.offset), ...extra } });
  server.on('POST /api/v1/uploads', ({ headers }: Call) => {
    Object.assign(upload, { made: upload.made + 1, offset: 0, exists: true });
    upload.size = Number(headers.get('Upload-Length'));
    return new Response(null, { status: 201, headers: { Location: at } });
  });
  server.on(`HEAD ${at}`, () =>
    upload.exists
      ? progress(200, { 'Upload-Length': String(upload.size) })
      : new Response(null, { status: 404 }),
  );
  server.on(`PATCH ${at}`, ({ body, headers }: Call) => {
    assert.equal(Number(headers.get('Upload-Offset')), upload.offset);
    upload.offset += (body as Blob).size;
    return progress(204);
  });
  server.on(`DELETE ${at}`, () => {
    upload.exists = false;
    return new Response(null, { status: 204 });
  });
  return upload;
}

test('a small file goes as one form, with the options, and leaves the list after a moment', async () => {
  addFiles([file('a.pdf', 1000)], { lang: 'deu', mode: 'auto' });
  const { id } = only();
  await settle();
  const form = submissions()[0]?.body as FormData;
  assert.equal(form.get('lang'), 'deu');
  assert.equal((form.get('file') as File).name, 'a.pdf');
  assert.equal(submissions()[0]?.headers.get('Idempotency-Key'), id);
  assert.equal(submissions()[0]?.headers.get('X-Gnosis-Request'), '1');
  assert.deepEqual(submitted, ['a1']);
  assert.deepEqual(states(), ['done']);
  await advance(2500);
  assert.deepEqual(states(), []);
});

test('two files are sent at once, the others in their order', async () => {
  const answers: Later<Response>[] = [];
  const sent: string[] = [];
  server.on('POST /api/v1/jobs', ({ body }) => {
    sent.push(((body as FormData).get('file') as File).name);
    answers.push(new Later());
    return (answers.at(-1) as Later<Response>).promise;
  });
  addFiles(['1', '2', '3', '4'].map((name) => file(name, 10)), {});
  await settle();
  assert.deepEqual(sent, ['1', '2']);
  assert.deepEqual(states(), ['opening', 'opening', 'waiting', 'waiting']);
  answers[1]?.resolve(json(jobIn('queued')));
  await settle();
  assert.deepEqual(sent, ['1', '2', '3']);
  for (const { id } of uploads.value.slice(0, 1)) stopUpload(id);
  await settle();
  assert.deepEqual(sent, ['1', '2', '3', '4'], 'a cancelled upload makes room, too');
});

test('empty and too large files are rejected without being sent, and others are not held up', async () => {
  serverLimits.value = { max_upload_bytes: 5 * MB, max_pages: 1, upload_protocol: 'tus' };
  addFiles([file('empty.pdf', 0), file('big.pdf', 5 * MB + 1), file('fits.pdf', 5 * MB)], {});
  await settle();
  assert.deepEqual(states(), ['failed', 'failed', 'done']);
  assert.equal(uploads.value[1]?.problem?.detail, 'The file is 5.0 MB; the limit is 5.0 MB.');
  assert.equal(submissions().length, 1);
});

test('a rejected file fails with the reason of the server and can be retried with the same key', async () => {
  server.on('POST /api/v1/jobs', () => problem(415, 'unsupported', 'save it as PDF'));
  addFiles([file('a.pdf', 10)], {});
  await settle();
  const { id } = only();
  assert.equal(only().problem?.hint, 'Save it as PDF.');
  server.on('POST /api/v1/jobs', () => json(jobIn('queued')));
  tryAgain(id);
  await settle();
  assert.deepEqual(states(), ['done']);
  assert.deepEqual(submissions().map(({ headers }) => headers.get('Idempotency-Key')), [id, id]);
});

test('without a connection an upload waits and resumes by itself, with the same key', async () => {
  server.down = true;
  addFiles([file('a.pdf', 10)], {});
  await advance(4000);
  assert.equal(connection.value, 'server_away');
  assert.deepEqual(states(), ['sending']);
  server.down = false;
  await advance(1500);
  assert.deepEqual(submitted, ['a1']);
  assert.equal(new Set(submissions().map(({ headers }) => headers.get('Idempotency-Key'))).size, 1);
});

test('a proxy that says the server is down is no answer of the server', async () => {
  server.on('POST /api/v1/jobs', () => new Response('bad gateway', { status: 502 }));
  server.on('GET /livez', () => new Response('', { status: 502 }));
  addFiles([file('a.pdf', 10)], {});
  await advance(3000);
  assert.deepEqual(states(), ['opening']);
  server.on('POST /api/v1/jobs', () => json(jobIn('queued')));
  server.on('GET /livez', () => json({}));
  await advance(1500);
  assert.deepEqual(submitted, ['a1']);
});

test('a successful response that is not JSON fails the upload instead of holding it for ever', async () => {
  server.on('POST /api/v1/jobs', () => new Response('<html>'));
  addFiles([file('a.pdf', 10)], {});
  await settle();
  assert.deepEqual(states(), ['failed']);
});

test('a missing sign-in is asked for', async () => {
  server.on('POST /api/v1/jobs', () => problem(401, 'unauthorized'));
  addFiles([file('a.pdf', 10)], {});
  await settle();
  assert.equal(signInState.value.kind, 'required');
  assert.deepEqual(states(), ['failed']);
});

test('an encrypted document asks for its password, again if it is wrong, and never stores it', async () => {
  tus();
  server.on('POST /api/v1/jobs', ({ body }) =>
    (JSON.parse(body as string) as { password?: string }).password === 'right'
      ? json(jobIn('queued'))
      : problem(422, 'password_required'),
  );
  addFiles([file('a.pdf', LARGE)], { lang: 'eng' });
  await settle();
  const { id } = only();
  assert.deepEqual([only().state, only().passwordWasWrong], ['password', false]);
  givePassword(id, 'wrong');
  await settle();
  assert.deepEqual([only().state, only().passwordWasWrong], ['password', true]);
  assert.deepEqual(records().map(({ options }) => options), [{ lang: 'eng' }]);
  givePassword(id, 'right');
  await settle();
  assert.deepEqual(submitted, ['a1']);
});

test('a large file goes in chunks, is recorded meanwhile, and the record ends with it', async () => {
  const upload = tus();
  const answer = new Later<Response>();
  server.on('POST /api/v1/jobs', () => answer.promise);
  addFiles([file('a.pdf', LARGE)], {});
  await settle();
  assert.equal(upload.offset, LARGE);
  assert.equal(server.seen('/api/v1/uploads').filter((call) => call.startsWith('PATCH')).length, 3);
  assert.deepEqual(records().map(({ name, size, url }) => [name, size, url?.endsWith('/u1')]), [['a.pdf', LARGE, true]]);
  answer.resolve(json(jobIn('queued')));
  await settle();
  assert.equal(JSON.parse(submissions()[0]?.body as string).upload_id, 'u1');
  assert.deepEqual(records(), []);
  assert.deepEqual(submitted, ['a1']);
});

test('a large file whose password was given is not sent again', async () => {
  const upload = tus();
  server.on('POST /api/v1/jobs', () => problem(422, 'password_required'));
  addFiles([file('a.pdf', LARGE)], {});
  await settle();
  server.on('POST /api/v1/jobs', () => json(jobIn('queued')));
  const before = server.seen('/api/v1/uploads').length;
  givePassword(only().id, 'right');
  await settle();
  assert.deepEqual(submitted, ['a1']);
  assert.equal(server.seen('/api/v1/uploads').length, before);
  assert.equal(upload.made, 1);
});

test('a whole upload that the server has dropped meanwhile is sent again', async () => {
  const upload = tus();
  server.on('POST /api/v1/jobs', () => problem(422, 'password_required'));
  addFiles([file('a.pdf', LARGE)], { lang: 'eng' });
  await settle();
  upload.exists = false;
  let dropped = true;
  server.on('POST /api/v1/jobs', () => {
    const answer = dropped ? problem(404, 'not_found') : json(jobIn('queued'));
    assert.deepEqual(records().map(({ options }) => options), [{ lang: 'eng' }], 'no password is stored');
    dropped = false;
    return answer;
  });
  givePassword(only().id, 'right');
  await settle();
  assert.equal(upload.made, 2);
  assert.deepEqual(submitted, ['a1']);
});

test('an interrupted large upload resumes at the offset of the server', async () => {
  const upload = tus();
  const patch = '/api/v1/uploads/u1';
  addFiles([file('a.pdf', LARGE)], {});
  server.on(`PATCH ${patch}`, ({ body }) => {
    if (upload.offset > 0) throw new TypeError('cut');
    upload.offset += (body as Blob).size;
    return new Response(null, { status: 204, headers: { 'Upload-Offset': String(upload.offset) } });
  });
  await advance(1000);
  const first = upload.offset;
  assert.ok(first > 0 && first < LARGE);
  const offsets: number[] = [];
  server.on(`PATCH ${patch}`, ({ body, headers }) => {
    offsets.push(Number(headers.get('Upload-Offset')));
    upload.offset += (body as Blob).size;
    return new Response(null, { status: 204, headers: { 'Upload-Offset': String(upload.offset) } });
  });
  await advance(20_000);
  assert.equal(offsets[0], first);
  assert.equal(upload.made, 1);
  assert.deepEqual(submitted, ['a1']);
});

test('a server with another upload protocol gets large files as one form', async () => {
  serverLimits.value = { max_upload_bytes: 500 * MB, max_pages: 1, upload_protocol: 'gcs' };
  addFiles([file('a.pdf', LARGE)], {});
  await settle();
  assert.ok(submissions()[0]?.body instanceof FormData);
  assert.deepEqual(records(), []);
});

test('cancelling discards what the server has, and the record', async () => {
  const upload = tus();
  server.on('POST /api/v1/jobs', () => problem(422, 'password_required'));
  addFiles([file('a.pdf', LARGE)], {});
  await settle();
  stopUpload(only().id);
  await settle();
  assert.equal(upload.exists, false);
  assert.deepEqual(states(), []);
  assert.deepEqual(records(), []);
});

test('an upload that is cancelled while the server opens it leaves no document', async () => {
  tus();
  const answer = new Later<Response>();
  server.on('POST /api/v1/jobs', () => answer.promise);
  server.on('DELETE /api/v1/jobs/a1', () => new Response(null, { status: 204 }));
  addFiles([file('a.pdf', LARGE)], {});
  await settle();
  stopUpload(only().id);
  answer.resolve(json(jobIn('queued')));
  await settle();
  assert.deepEqual(submitted, []);
  assert.equal(server.seen('/api/v1/jobs/a1').length, 1);
});

test('an upload that is cancelled while its password is checked is not sent again', async () => {
  const upload = tus();
  server.on('POST /api/v1/jobs', () => problem(422, 'password_required'));
  addFiles([file('a.pdf', LARGE)], {});
  await settle();
  const { id } = only();
  const answer = new Later<Response>();
  server.on('POST /api/v1/jobs', () => answer.promise);
  givePassword(id, 'right');
  await settle();
  stopUpload(id);
  answer.resolve(problem(404, 'not_found'));
  await advance(60_000);
  assert.equal(upload.made, 1);
  assert.deepEqual(submitted, []);
});

test('an upload that is cancelled while offline stays cancelled', async () => {
  server.down = true;
  addFiles([file('a.pdf', 10)], {});
  await settle();
  stopUpload(only().id);
  server.down = false;
  await advance(60_000);
  assert.deepEqual(submitted, []);
  assert.deepEqual(submissions().length, 1);
});

test('without space for records in the browser, files are sent all the same', async () => {
  tus();
  storage.full = true;
  addFiles([file('a.pdf', LARGE), file('b.pdf', 10)], {});
  await settle();
  assert.deepEqual(submitted, ['a1', 'a1']);
});

const RECORD = { id: 'r1', name: 'a.pdf', size: LARGE, options: { lang: 'eng' }, url: '/api/v1/uploads/u1' };

test('after a reload an upload whose file the browser lost resumes with the same file', async () => {
  const upload = tus();
  Object.assign(upload, { offset: 8 << 20, size: LARGE, exists: true });
  storage.setItem('gnosis.uploads', JSON.stringify([RECORD]));
  await restoreUploads();
  assert.deepEqual(states(), ['lost']);
  assert.equal(giveFileAgain('r1', file('a.pdf', LARGE - 1)), false, 'another size');
  assert.equal(giveFileAgain('r1', file('b.pdf', LARGE)), false, 'another name');
  assert.equal(giveFileAgain('r2', file('a.pdf', LARGE)), false, 'another upload');
  assert.deepEqual(states(), ['lost']);
  assert.ok(giveFileAgain('r1', file('a.pdf', LARGE)));
  await settle();
  assert.deepEqual(submitted, ['a1']);
  assert.equal(upload.made, 0, 'it is resumed, not started again');
  assert.equal(submissions()[0]?.headers.get('Idempotency-Key'), 'r1');
  assert.deepEqual(records(), []);
});

test('an upload is restored once, however often the page asks', async () => {
  storage.setItem('gnosis.uploads', JSON.stringify([RECORD]));
  await Promise.all([restoreUploads(), restoreUploads()]);
  await restoreUploads();
  assert.deepEqual(states(), ['lost']);
});

test('damaged records restore nothing', async () => {
  for (const damaged of ['', '{', '{}', 'null']) {
    storage.setItem('gnosis.uploads', damaged);
    await restoreUploads();
    assert.deepEqual(states(), []);
  }
});

test('an upload that another tab is sending is left to it', async () => {
  const locks = { request: (_name: string, _options: object, take: (lock: null) => void) => take(null) };
  Object.assign(navigator, { locks });
  storage.setItem('gnosis.uploads', JSON.stringify([RECORD]));
  await restoreUploads();
  assert.deepEqual(states(), []);
  Object.assign(navigator, { locks: undefined });
});
