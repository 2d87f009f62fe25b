// Shows what happened and what to do about it.
import type { ComponentChildren } from 'preact';
import { ProblemError } from '../api/client';
import { Icon } from './icon';

interface Props {
  error: unknown;
  children?: ComponentChildren;
}

export function ErrorBox({ error, children }: Props) {
  const text = error instanceof Error ? error.message : String(error);
  const hint = error instanceof ProblemError ? error.problem.hint : undefined;
  return (
    <div class="error-box" role="alert">
      <Icon name="warn" />
      <div>
        <p>{text}</p>
        {hint && <p class="faint">{hint}</p>}
        {children}
      </div>
    </div>
  );
}
