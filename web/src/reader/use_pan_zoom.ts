// Drag outside words to pan; use Ctrl and the wheel, or two fingers, to zoom. The point under the pointer
// stays in place.
import { useEffect, useLayoutEffect, useRef } from 'preact/hooks';
import type { RefObject } from 'preact';
import type { ReaderState } from './reader_state';
import { wordOf } from './word_layer';

interface Anchor {
  /** As fractions of the sheet. */
  x: number;
  y: number;
  /** In pixels of the scroll box. */
  left: number;
  top: number;
}

export function usePanZoom(
  scroller: RefObject<HTMLDivElement | null>,
  sheet: RefObject<HTMLDivElement | null>,
  state: ReaderState,
  sheetWidth: number,
) {
  const anchor = useRef<Anchor | null>(null);

  useLayoutEffect(() => {
    const held = anchor.current;
    anchor.current = null;
    if (!held || !scroller.current || !sheet.current) return;
    const { offsetLeft, offsetTop, offsetWidth, offsetHeight } = sheet.current;
    scroller.current.scrollLeft = offsetLeft + held.x * offsetWidth - held.left;
    scroller.current.scrollTop = offsetTop + held.y * offsetHeight - held.top;
  }, [sheetWidth]);

  useEffect(() => {
    const box = scroller.current;
    if (!box) return;
    const hold = (clientX: number, clientY: number) => {
      if (!sheet.current) return;
      const rect = sheet.current.getBoundingClientRect();
      const outer = box.getBoundingClientRect();
      anchor.current = {
        x: (clientX - rect.left) / rect.width,
        y: (clientY - rect.top) / rect.height,
        left: clientX - outer.left,
        top: clientY - outer.top,
      };
    };
    const wheel = (event: WheelEvent) => {
      if (!event.ctrlKey && !event.metaKey) return;
      event.preventDefault();
      hold(event.clientX, event.clientY);
      state.zoomBy(-event.deltaY / 120);
    };

    const fingers = new Map<number, PointerEvent>();
    let drag: { x: number; y: number; left: number; top: number } | null = null;
    let spread = 0;
    const distance = () => {
      const [a, b] = [...fingers.values()];
      return a && b ? Math.hypot(a.clientX - b.clientX, a.clientY - b.clientY) : 0;
    };
    const down = (event: PointerEvent) => {
      if (event.pointerType === 'touch') {
        fingers.set(event.pointerId, event);
        spread = distance();
      } else if (event.button === 1 || (event.button === 0 && wordOf(event.target) === null)) {
        drag = {
          x: event.clientX,
          y: event.clientY,
          left: box.scrollLeft,
          top: box.scrollTop,
        };
        box.setPointerCapture(event.pointerId);
        box.classList.add('panning');
      }
    };
    const move = (event: PointerEvent) => {
      if (fingers.has(event.pointerId)) {
        fingers.set(event.pointerId, event);
        const now = distance();
        if (fingers.size !== 2 || spread === 0 || now === 0) return;
        const [a, b] = [...fingers.values()];
        if (a && b) hold((a.clientX + b.clientX) / 2, (a.clientY + b.clientY) / 2);
        state.zoomBy(Math.log(now / spread) / Math.log(1.25));
        spread = now;
      } else if (drag) {
        box.scrollLeft = drag.left - (event.clientX - drag.x);
        box.scrollTop = drag.top - (event.clientY - drag.y);
      }
    };
    const up = (event: PointerEvent) => {
      fingers.delete(event.pointerId);
      spread = distance();
      drag = null;
      box.classList.remove('panning');
    };
    box.addEventListener('wheel', wheel, { passive: false });
    box.addEventListener('pointerdown', down);
    box.addEventListener('pointermove', move);
    box.addEventListener('pointerup', up);
    box.addEventListener('pointercancel', up);
    return () => {
      box.removeEventListener('wheel', wheel);
      box.removeEventListener('pointerdown', down);
      box.removeEventListener('pointermove', move);
      box.removeEventListener('pointerup', up);
      box.removeEventListener('pointercancel', up);
    };
  }, []);
}
