// A modal dialog. The browser keeps the focus inside; closing returns it to where it was.
import type { ComponentChildren } from 'preact';
import { useEffect, useRef } from 'preact/hooks';
import { texts } from '../texts';
import { IconButton } from './icon_button';

interface Props {
  heading: string;
  onClose: () => void;
  children: ComponentChildren;
}

export function Dialog({ heading, onClose, children }: Props) {
  const dialog = useRef<HTMLDialogElement>(null);
  useEffect(() => {
    const element = dialog.current;
    const before = document.activeElement;
    element?.showModal();
    return () => {
      if (before instanceof HTMLElement && before.isConnected) before.focus();
    };
  }, []);
  return (
    <dialog
      ref={dialog}
      aria-label={heading}
      onClose={onClose}
      onKeyDown={(event) => {
        // A closed dialog can keep the focus until the next frame; the key then belongs to the screen.
        if (dialog.current?.open) event.stopPropagation();
      }}
      onClick={(event) => {
        if (event.target === dialog.current) dialog.current?.close();
      }}
    >
      <div class="dialog-inner">
        <div class="dialog-head">
          <h2>{heading}</h2>
          <IconButton
            icon="close"
            label={texts.help.close}
            onClick={() => dialog.current?.close()}
          />
        </div>
        {children}
      </div>
    </dialog>
  );
}
