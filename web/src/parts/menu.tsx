// A button with a short list of links and buttons. Escape, a click outside or a choice closes it.
import type { ComponentChildren } from 'preact';
import { useEffect, useRef } from 'preact/hooks';

interface Props {
  label: ComponentChildren;
  name: string;
  quiet?: boolean;
  children: ComponentChildren;
}

export function Menu({ label, name, quiet, children }: Props) {
  const details = useRef<HTMLDetailsElement>(null);

  useEffect(() => {
    const fold = (event: Event) => {
      const menu = details.current;
      if (!menu?.open) return;
      if (event instanceof KeyboardEvent) {
        if (event.key !== 'Escape') return;
        event.stopPropagation();
        menu.querySelector('summary')?.focus();
        menu.open = false;
      } else if (!menu.contains(event.target as Node)) {
        menu.open = false;
      }
    };
    document.addEventListener('pointerdown', fold);
    document.addEventListener('keydown', fold, true);
    return () => {
      document.removeEventListener('pointerdown', fold);
      document.removeEventListener('keydown', fold, true);
    };
  }, []);

  return (
    <details class="menu" ref={details}>
      <summary class={quiet ? 'icon-button' : 'button'} aria-label={name} title={name}>
        {label}
      </summary>
      <div
        class="menu-list"
        onClick={(event) => {
          if ((event.target as Element).closest('a,button') && details.current)
            details.current.open = false;
        }}
      >
        {children}
      </div>
    </details>
  );
}
