import '../testing/browser';
import assert from 'node:assert/strict';
import { beforeEach, test } from 'node:test';
import { advance, settle, useClock } from '../testing/clock';
import { FakeServer, json, problem } from '../testing/server';
import { heardFromServer } from './connection';
import { findSignIn, signIn, signOut } from './sign_in';
import { signInState } from './sign_in_state';

let server: FakeServer;
let status: { authenticated: boolean; key_required: boolean; owner: string | null };

beforeEach(() => {
  useClock();
  heardFromServer();
  signInState.value = { kind: 'unknown', owner: null };
  status = { authenticated: false, key_required: false, owner: null };
  server = new FakeServer();
  server.on('GET /livez', () => json({}));
  server.on('GET /api/v1/session', () => json(status));
  server.on('POST /api/v1/session', () => {
    status = { authenticated: true, key_required: true, owner: 'ada' };
    return new Response(null, { status: 204 });
  });
  server.on('DELETE /api/v1/session', () => {
    status = { authenticated: false, key_required: true, owner: null };
    return new Response(null, { status: 204 });
  });
});

test('a server without keys is open', async () => {
  await findSignIn();
  assert.equal(signInState.value.kind, 'open');
});

test('a server with keys requires one; the right key signs in, signing out requires it again', async () => {
  status.key_required = true;
  await findSignIn();
  assert.equal(signInState.value.kind, 'required');
  await signIn('key');
  assert.deepEqual(signInState.value, { kind: 'signed_in', owner: 'ada' });
  await signOut();
  assert.equal(signInState.value.kind, 'required');
});

test('a wrong key leaves everything as it was', async () => {
  signInState.value = { kind: 'required', owner: null };
  server.on('POST /api/v1/session', () => problem(401, 'unauthorized'));
  await assert.rejects(signIn('wrong'));
  assert.equal(signInState.value.kind, 'required');
});

test('a server that does not respond yet is asked until it does', async () => {
  server.down = true;
  const found = findSignIn();
  await advance(5000);
  assert.equal(signInState.value.kind, 'unknown');
  server.down = false;
  await advance(1500);
  await found;
  assert.equal(signInState.value.kind, 'open');
});

test('a server without sign-in is open until it says otherwise', async () => {
  server.on('GET /api/v1/session', () => problem(404, 'not_found'));
  await findSignIn();
  await settle();
  assert.equal(signInState.value.kind, 'open');
});
