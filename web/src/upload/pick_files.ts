// Files out of what a browser hands over: a drop, a paste, a picker, with folders walked through.

const DOCUMENT = /\.(pdf|png|jpe?g|tiff?|webp)$/i;

export interface Picked {
  files: File[];
  /** Files of folders that are no documents; what was given by itself is always taken. */
  skipped: number;
}

export const ACCEPT = '.pdf,.png,.jpg,.jpeg,.tif,.tiff,.webp,application/pdf,image/*';

function entriesOf(folder: FileSystemDirectoryEntry): Promise<FileSystemEntry[]> {
  const reader = folder.createReader();
  const all: FileSystemEntry[] = [];
  return new Promise((resolve, reject) => {
    // A reader gives a hundred at a time, and nothing at the end.
    const more = () =>
      reader.readEntries((part) => {
        if (part.length === 0) return resolve(all);
        all.push(...part);
        more();
      }, reject);
    more();
  });
}

async function walk(entry: FileSystemEntry, picked: Picked, inFolder: boolean): Promise<void> {
  if (entry.isDirectory) {
    const entries = await entriesOf(entry as FileSystemDirectoryEntry);
    entries.sort((a, b) => a.name.localeCompare(b.name, undefined, { numeric: true }));
    for (const inner of entries) await walk(inner, picked, true);
    return;
  }
  if (inFolder && !DOCUMENT.test(entry.name)) {
    picked.skipped += 1;
    return;
  }
  const file = await new Promise<File>((resolve, reject) =>
    (entry as FileSystemFileEntry).file(resolve, reject),
  );
  picked.files.push(file);
}

/** Must be called within the event: the browser forgets the items afterwards. */
export async function filesOfTransfer(transfer: DataTransfer): Promise<Picked> {
  const picked: Picked = { files: [], skipped: 0 };
  const items = [...transfer.items].filter((item) => item.kind === 'file');
  const entries = items.map((item) => item.webkitGetAsEntry?.() ?? null);
  const plain = [...transfer.files];
  if (entries.length === 0 || entries.some((entry) => entry === null)) {
    return { files: plain, skipped: 0 };
  }
  for (const entry of entries) if (entry) await walk(entry, picked, false);
  return picked;
}

export function filesOfPicker(input: HTMLInputElement): Picked {
  const all = [...(input.files ?? [])];
  const files = input.webkitdirectory ? all.filter((file) => DOCUMENT.test(file.name)) : all;
  return { files, skipped: all.length - files.length };
}

/** A pasted picture has no name of its own: every one is called image.png. */
export function namePasted(file: File, now: Date): File {
  if (!/^image\.\w+$/.test(file.name)) return file;
  const two = (value: number) => String(value).padStart(2, '0');
  const day = `${now.getFullYear()}-${two(now.getMonth() + 1)}-${two(now.getDate())}`;
  const name = `pasted ${day} ${two(now.getHours())}.${two(now.getMinutes())}`;
  return new File([file], `${name}.${file.name.split('.').pop()}`, { type: file.type });
}
