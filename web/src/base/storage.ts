// localStorage, which is missing or full in some browsers: what cannot be stored is forgotten on reload.

export function readStored(key: string): string | null {
  try {
    return localStorage.getItem(key);
  } catch {
    return null;
  }
}

export function store(key: string, value: string) {
  try {
    localStorage.setItem(key, value);
  } catch {
    // Blocked, or out of space.
  }
}
