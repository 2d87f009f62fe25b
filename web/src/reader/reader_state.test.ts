import '../testing/browser';
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ReaderState } from './reader_state';

test('zooming starts from what is shown, in steps of a quarter', () => {
  const state = new ReaderState();
  state.scale.value = 0.8;
  state.zoomBy(1);
  assert.deepEqual(state.zoom.value, { kind: 'scale', scale: 1 });
  state.zoomBy(-2);
  assert.equal(state.scale.value.toFixed(3), '0.640');
});

test('zoom has limits, and comes back from them', () => {
  const state = new ReaderState();
  state.zoomBy(100);
  assert.equal(state.scale.value, 6);
  state.zoomBy(-1);
  assert.equal(state.scale.value.toFixed(3), '4.800');
  state.zoomBy(-100);
  assert.equal(state.scale.value, 0.1);
});

test('the view goes round', () => {
  const state = new ReaderState();
  const views = [0, 1, 2].map(() => {
    state.nextView();
    return state.view.value;
  });
  assert.deepEqual(views, ['image', 'text', 'both']);
});
