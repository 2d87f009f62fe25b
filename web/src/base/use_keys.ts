// Keyboard shortcuts for a screen, inactive while the user types or a dialog is open.
import { useLayoutEffect, useRef } from 'preact/hooks';

const TYPING = 'input:not([type=radio]):not([type=checkbox]),select,textarea,[contenteditable]';

export type Keys = Record<string, (event: KeyboardEvent) => void>;

export function useKeys(keys: Keys) {
  const newest = useRef(keys);
  newest.current = keys;
  useLayoutEffect(() => {
    const press = (event: KeyboardEvent) => {
      if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey) return;
      const target = event.target as Element | null;
      if (target?.closest?.(TYPING) || document.querySelector('dialog[open]')) return;
      // Arrow keys belong to a focused radio button.
      if (event.key.startsWith('Arrow') && target?.matches?.('input')) return;
      const act = newest.current[event.key];
      if (!act) return;
      event.preventDefault();
      act(event);
    };
    window.addEventListener('keydown', press);
    return () => window.removeEventListener('keydown', press);
  }, []);
}
