// How the reader looks at pages: kept from page to page.
import { signal } from '@preact/signals';

/** A scale of 1 shows the page as large as it is on paper. */
export type Zoom = { kind: 'width' } | { kind: 'page' } | { kind: 'scale'; scale: number };
export type View = 'both' | 'image' | 'text';

const MIN_SCALE = 0.1;
const MAX_SCALE = 6;
const STEP = 1.25;
const VIEWS: View[] = ['both', 'image', 'text'];

export class ReaderState {
  readonly zoom = signal<Zoom>({ kind: 'width' });
  /** What the zoom comes to at present. */
  readonly scale = signal(1);
  readonly view = signal<View>(matchMedia('(max-width: 760px)').matches ? 'image' : 'both');
  readonly tint = signal(false);
  /** Index among the page's words; `from` says which side must follow. */
  readonly word = signal<{ index: number; from: 'image' | 'text' } | null>(null);

  zoomBy(steps: number) {
    const scale = this.scale.value * STEP ** steps;
    // At once, so that the next step counts from here.
    this.scale.value = Math.min(MAX_SCALE, Math.max(MIN_SCALE, scale));
    this.zoom.value = { kind: 'scale', scale: this.scale.value };
  }

  nextView() {
    const next = VIEWS[(VIEWS.indexOf(this.view.value) + 1) % VIEWS.length];
    if (next) this.view.value = next;
  }
}
