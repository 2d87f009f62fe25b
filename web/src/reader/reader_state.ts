// The reader's view settings, kept from page to page.
import { signal } from '@preact/signals';

/** At scale 1 the page has the size of the paper. */
export type Zoom = { kind: 'width' } | { kind: 'page' } | { kind: 'scale'; scale: number };
export type View = 'both' | 'image' | 'text';

const MIN_SCALE = 0.1;
const MAX_SCALE = 6;
const STEP = 1.25;
const VIEWS: View[] = ['both', 'image', 'text'];

export class ReaderState {
  readonly zoom = signal<Zoom>({ kind: 'width' });
  /** The scale that results from `zoom`. */
  readonly scale = signal(1);
  readonly view = signal<View>(matchMedia('(max-width: 760px)').matches ? 'image' : 'both');
  readonly tint = signal(false);
  /** The chosen word's index on the page; `from` is the side on which it was chosen. */
  readonly word = signal<{ index: number; from: 'image' | 'text' } | null>(null);

  zoomBy(steps: number) {
    const scale = this.scale.value * STEP ** steps;
    // Set here too, because the next step may come before the image is drawn.
    this.scale.value = Math.min(MAX_SCALE, Math.max(MIN_SCALE, scale));
    this.zoom.value = { kind: 'scale', scale: this.scale.value };
  }

  nextView() {
    const next = VIEWS[(VIEWS.indexOf(this.view.value) + 1) % VIEWS.length];
    if (next) this.view.value = next;
  }
}
