// A grid of equal cells. Only those in view, and two rows on each side, are in the DOM.
import type { ComponentChildren } from 'preact';
import { useEffect, useLayoutEffect, useRef, useState } from 'preact/hooks';

interface Props {
  label: string;
  count: number;
  minWidth: number;
  height: number;
  gap: number;
  /** The cells scroll in their own box, not with the page. */
  ownScroll?: boolean;
  /** Index of the cell to scroll into view when it changes. */
  keepInSight?: number;
  render: (index: number) => ComponentChildren;
}

interface Sight {
  columns: number;
  from: number;
  to: number;
}

const SPARE_ROWS = 2;

export function VirtualCells(props: Props) {
  const { label, count, minWidth, height, gap, ownScroll = false, keepInSight, render } = props;
  const box = useRef<HTMLDivElement>(null);
  const list = useRef<HTMLUListElement>(null);
  const [sight, setSight] = useState<Sight>({ columns: 1, from: 0, to: 0 });
  const rowHeight = height + gap;

  useLayoutEffect(() => {
    const look = () => {
      if (!list.current || !box.current) return;
      const columns = ownScroll
        ? 1
        : Math.max(1, Math.floor((list.current.clientWidth + gap) / (minWidth + gap)));
      const top = ownScroll ? -box.current.scrollTop : list.current.getBoundingClientRect().top;
      const seen = ownScroll ? box.current.clientHeight : window.innerHeight;
      const from = Math.max(0, Math.floor(-top / rowHeight) - SPARE_ROWS) * columns;
      const to = Math.max(0, Math.ceil((seen - top) / rowHeight) + SPARE_ROWS) * columns;
      setSight((before) =>
        before.columns === columns && before.from === from && before.to === to
          ? before
          : { columns, from, to },
      );
    };
    look();
    const scroller = ownScroll ? box.current : window;
    const observer = new ResizeObserver(look);
    if (box.current) observer.observe(box.current);
    observer.observe(document.body);
    scroller?.addEventListener('scroll', look, { passive: true });
    window.addEventListener('resize', look);
    return () => {
      observer.disconnect();
      scroller?.removeEventListener('scroll', look);
      window.removeEventListener('resize', look);
    };
  }, [ownScroll, minWidth, rowHeight, gap]);

  useEffect(() => {
    if (keepInSight === undefined || !box.current || !ownScroll) return;
    const top = keepInSight * rowHeight;
    const { scrollTop, clientHeight } = box.current;
    if (top < scrollTop || top + rowHeight > scrollTop + clientHeight) {
      box.current.scrollTop = top - (clientHeight - rowHeight) / 2;
    }
  }, [keepInSight, rowHeight, ownScroll]);

  const rows = Math.ceil(count / sight.columns);
  const shown = [];
  for (let index = sight.from; index < Math.min(count, sight.to); index += 1) {
    const style = {
      top: `${Math.floor(index / sight.columns) * rowHeight}px`,
      left: `${((index % sight.columns) / sight.columns) * 100}%`,
      width: `${100 / sight.columns}%`,
      height: `${height}px`,
    };
    shown.push(
      <li key={index} class="cell" style={style} aria-setsize={count} aria-posinset={index + 1}>
        {render(index)}
      </li>,
    );
  }
  return (
    <div class={ownScroll ? 'cells own-scroll' : 'cells'} ref={box}>
      <ul
        ref={list}
        class="plain-list"
        role="list"
        aria-label={label}
        style={{ height: `${Math.max(0, rows * rowHeight - gap)}px` }}
      >
        {shown}
      </ul>
    </div>
  );
}
