// Collects the files of a drop, a paste or a file picker, including the contents of folders.

const DOCUMENT = /\.(pdf|png|jpe?g|tiff?|webp)$/i;

export interface Picked {
  files: File[];
  /** How many files in folders are not documents. Files that were picked directly are always taken. */
  skipped: number;
}

export const ACCEPT = '.pdf,.png,.jpg,.jpeg,.tif,.tiff,.webp,application/pdf,image/*';

function entriesOf(folder: FileSystemDirectoryEntry): Promise<FileSystemEntry[]> {
  const reader = folder.createReader();
  const all: FileSystemEntry[] = [];
  return new Promise((resolve, reject) => {
    // A reader returns up to 100 entries at a time, then an empty list.
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

/** Must be called in the event handler, because the items are not available afterwards. */
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

/** Names a pasted image after the time, because browsers name all of them image.png. */
export function namePasted(file: File, now: Date): File {
  if (!/^image\.\w+$/.test(file.name)) return file;
  const two = (value: number) => String(value).padStart(2, '0');
  const day = `${now.getFullYear()}-${two(now.getMonth() + 1)}-${two(now.getDate())}`;
  const name = `pasted ${day} ${two(now.getHours())}.${two(now.getMinutes())}`;
  return new File([file], `${name}.${file.name.split('.').pop()}`, { type: file.type });
}
