// Who is signed in: unknown → open (no API key required) | required | signed_in. A 401 leads back to
// required.
import { signal } from '@preact/signals';

export interface SignInState {
  kind: 'unknown' | 'open' | 'required' | 'signed_in';
  owner: string | null;
}

export const signInState = signal<SignInState>({ kind: 'unknown', owner: null });

export function signInRequired() {
  if (signInState.value.kind !== 'required') signInState.value = { kind: 'required', owner: null };
}
