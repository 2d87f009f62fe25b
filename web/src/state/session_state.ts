// Who is logged in: unknown → open (no key needed) | login (key needed) | in; back to login at a 401.
import { signal } from '@preact/signals';

export interface SessionState {
  kind: 'unknown' | 'open' | 'login' | 'in';
  owner: string | null;
}

export const session = signal<SessionState>({ kind: 'unknown', owner: null });

export function loginNeeded() {
  if (session.value.kind !== 'login') session.value = { kind: 'login', owner: null };
}
