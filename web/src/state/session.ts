import { client, ProblemError } from '../api/client';
import { whenBack } from './connection';
import { loginNeeded, session } from './session_state';

/** Asks until the server has answered. */
export async function findSession(): Promise<void> {
  for (;;) {
    try {
      const found = await client.session();
      if (found.key_required && !found.authenticated) loginNeeded();
      else session.value = { kind: found.key_required ? 'in' : 'open', owner: found.owner };
      return;
    } catch (error) {
      if (error instanceof ProblemError) {
        // No sessions there: what is asked for next says whether a key is needed.
        session.value = { kind: 'open', owner: null };
        return;
      }
      await whenBack();
    }
  }
}

export async function logIn(key: string): Promise<void> {
  await client.logIn(key);
  await findSession();
}

export async function logOut(): Promise<void> {
  await client.logOut();
  await findSession();
}
