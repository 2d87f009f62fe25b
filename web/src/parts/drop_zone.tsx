// Takes files that are dropped anywhere on the page, chosen or pasted.
import { useEffect, useRef, useState } from 'preact/hooks';
import { say } from '../state/notices';
import { texts } from '../texts';
import { ACCEPT, filesOfPicker, filesOfTransfer, namePasted, type Picked } from '../upload/pick_files';

interface Props {
  large: boolean;
  onFiles: (files: File[]) => void;
}

const hasFiles = (event: DragEvent) => event.dataTransfer?.types.includes('Files') ?? false;

export function DropZone({ large, onFiles }: Props) {
  const [over, setOver] = useState(false);
  const files = useRef<HTMLInputElement>(null);
  const folder = useRef<HTMLInputElement>(null);
  const give = useRef(onFiles);
  give.current = onFiles;

  useEffect(() => {
    folder.current?.setAttribute('webkitdirectory', '');
    const take = (picked: Picked) => {
      if (picked.skipped > 0) say({ kind: 'said', text: texts.drop.skipped(picked.skipped) });
      else if (picked.files.length === 0) say({ kind: 'error', text: texts.drop.nothing });
      if (picked.files.length > 0) give.current(picked.files);
    };
    let leaving: number | undefined;
    const dragOver = (event: DragEvent) => {
      if (!hasFiles(event)) return;
      event.preventDefault();
      clearTimeout(leaving);
      setOver(true);
    };
    // Moving between elements fires leave and over events in any order, so wait for the next event.
    const dragLeave = () => {
      clearTimeout(leaving);
      leaving = window.setTimeout(() => setOver(false), 80);
    };
    const drop = (event: DragEvent) => {
      if (!hasFiles(event) || !event.dataTransfer) return;
      event.preventDefault();
      setOver(false);
      filesOfTransfer(event.dataTransfer).then(take, () =>
        say({ kind: 'error', text: texts.drop.failed }),
      );
    };
    const paste = (event: ClipboardEvent) => {
      const pasted = [...(event.clipboardData?.files ?? [])];
      if (pasted.length === 0) return;
      event.preventDefault();
      take({ files: pasted.map((file) => namePasted(file, new Date())), skipped: 0 });
    };
    window.addEventListener('dragover', dragOver);
    window.addEventListener('dragleave', dragLeave);
    window.addEventListener('drop', drop);
    window.addEventListener('paste', paste);
    return () => {
      clearTimeout(leaving);
      window.removeEventListener('dragover', dragOver);
      window.removeEventListener('dragleave', dragLeave);
      window.removeEventListener('drop', drop);
      window.removeEventListener('paste', paste);
    };
  }, []);

  const picked = (input: HTMLInputElement) => {
    const found = filesOfPicker(input);
    if (found.skipped > 0) say({ kind: 'said', text: texts.drop.skipped(found.skipped) });
    if (found.files.length > 0) onFiles(found.files);
    input.value = '';
  };
  const heading = over ? texts.drop.over : large ? texts.drop.heading : texts.drop.headingMore;
  return (
    <section class={`drop-zone${large ? ' large' : ''}${over ? ' over' : ''}`} aria-label={heading}>
      <svg class="drop-sign" viewBox="0 0 64 64" aria-hidden="true">
        <path class="sheet back" d="M20 8h26v36H20z" />
        <path class="sheet" d="M14 14h20l8 8v32H14z" />
        <path d="M34 14v8h8M20 30h16M20 37h16M20 44h9" />
      </svg>
      <div class="drop-words">
        <p class="drop-heading">{heading}</p>
        <p class="faint">{texts.drop.help}</p>
      </div>
      <div class="drop-buttons">
        <button type="button" class="button primary" onClick={() => files.current?.click()}>
          {texts.drop.chooseFiles}
        </button>
        <button type="button" class="button" onClick={() => folder.current?.click()}>
          {texts.drop.chooseFolder}
        </button>
      </div>
      <input
        ref={files}
        type="file"
        multiple
        accept={ACCEPT}
        hidden
        data-test="files"
        onChange={(event) => picked(event.currentTarget)}
      />
      <input
        ref={folder}
        type="file"
        multiple
        hidden
        data-test="folder"
        onChange={(event) => picked(event.currentTarget)}
      />
    </section>
  );
}
