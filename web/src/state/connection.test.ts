import { fire, network } from '../testing/browser';
import assert from 'node:assert/strict';
import { beforeEach, test } from 'node:test';
import { advance, settle, useClock, waitingTimers } from '../testing/clock';
import { FakeServer, json } from '../testing/server';
import { connection, heardFromServer, serverUnreachable, whenBack } from './connection';

let server: FakeServer;
beforeEach(() => {
  heardFromServer();
  useClock();
  network.onLine = true;
  server = new FakeServer();
  server.on('GET /livez', () => json({}));
});

test('while the server responds, nobody waits and nothing is asked', async () => {
  await whenBack();
  await advance(60_000);
  assert.deepEqual(server.seen(), []);
});

test('an unreachable server is asked every 1.5 s until it responds, then all who wait resume', async () => {
  server.down = true;
  serverUnreachable();
  let resumed = 0;
  void whenBack().then(() => (resumed += 1));
  void whenBack().then(() => (resumed += 1));
  await advance(4600);
  assert.equal(server.calls.length, 3);
  assert.equal(connection.value, 'server_away');
  assert.equal(resumed, 0);
  server.down = false;
  await advance(1500);
  assert.equal(connection.value, 'online');
  assert.equal(resumed, 2);
  await advance(60_000);
  assert.equal(server.calls.length, 4, 'it is not asked any more');
});

test('many failures at once make one poll, not one each', async () => {
  server.down = true;
  for (let times = 0; times < 5; times += 1) serverUnreachable();
  await advance(1500);
  assert.equal(server.calls.length, 1);
});

test('an error response of a proxy does not mean that the server is back', async () => {
  server.on('GET /livez', () => new Response('', { status: 502 }));
  serverUnreachable();
  await advance(1500);
  assert.equal(connection.value, 'server_away');
});

test('another response that arrives meanwhile ends the wait', async () => {
  server.down = true;
  serverUnreachable();
  const back = whenBack();
  heardFromServer();
  await back;
  await advance(60_000);
  assert.equal(server.calls.length, 0);
});

test('offline is told apart, and the server is asked at once when the network is back', async () => {
  network.onLine = false;
  server.down = true;
  fire('offline');
  assert.equal(connection.value, 'offline');
  await advance(100);
  network.onLine = true;
  server.down = false;
  fire('online');
  await settle();
  assert.equal(connection.value, 'online');
});

test('a network that comes and goes never leaves more than one poll', async () => {
  server.down = true;
  serverUnreachable();
  for (let times = 0; times < 4; times += 1) {
    await advance(100);
    fire('online');
    await settle();
  }
  assert.equal(waitingTimers(), 1);
});
