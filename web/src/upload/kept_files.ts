// Stores the files of unfinished resumable uploads in the browser, so that they resume after a reload. Best
// effort: without space, or without IndexedDB, the user chooses the file again.

const STORE = 'files';

function open(): Promise<IDBDatabase> {
  return new Promise((resolve, reject) => {
    const asked = indexedDB.open('gnosis-uploads', 1);
    asked.onupgradeneeded = () => asked.result.createObjectStore(STORE);
    asked.onsuccess = () => resolve(asked.result);
    asked.onerror = () => reject(asked.error ?? new Error('no database'));
  });
}

async function run<T>(mode: IDBTransactionMode, act: (store: IDBObjectStore) => IDBRequest<T>) {
  const database = await open();
  try {
    return await new Promise<T>((resolve, reject) => {
      const transaction = database.transaction(STORE, mode);
      const asked = act(transaction.objectStore(STORE));
      transaction.oncomplete = () => resolve(asked.result);
      transaction.onabort = () => reject(transaction.error ?? new Error('not kept'));
    });
  } finally {
    database.close();
  }
}

export async function keepFile(id: string, file: File): Promise<void> {
  await run('readwrite', (store) => store.put(file, id)).catch(() => undefined);
}

export async function keptFile(id: string): Promise<File | null> {
  const found: unknown = await run('readonly', (store) => store.get(id) as IDBRequest<unknown>).catch(
    () => null,
  );
  return found instanceof File ? found : null;
}

export async function forgetFile(id: string): Promise<void> {
  await run('readwrite', (store) => store.delete(id)).catch(() => undefined);
}
