import { client, ProblemError } from '../api/client';
import { whenBack } from './connection';
import { signInRequired, signInState } from './sign_in_state';

/** Asks the server who is signed in, until it responds. */
export async function findSignIn(): Promise<void> {
  for (;;) {
    try {
      const found = await client.signInStatus();
      if (found.key_required && !found.authenticated) signInRequired();
      else signInState.value = { kind: found.key_required ? 'signed_in' : 'open', owner: found.owner };
      return;
    } catch (error) {
      if (error instanceof ProblemError) {
        // This server has no sign-in. If it requires a key, the next request gets a 401.
        signInState.value = { kind: 'open', owner: null };
        return;
      }
      await whenBack();
    }
  }
}

export async function signIn(key: string): Promise<void> {
  await client.signIn(key);
  await findSignIn();
}

export async function signOut(): Promise<void> {
  await client.signOut();
  await findSignIn();
}
