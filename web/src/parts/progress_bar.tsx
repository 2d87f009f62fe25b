interface Props {
  label: string;
  /** 0 to 1 */
  share: number;
  /** The part of `share` that failed, drawn at its end. */
  failedShare?: number;
  moving?: boolean;
}

export function ProgressBar({ label, share, failedShare = 0, moving = false }: Props) {
  const percent = Math.round(Math.min(1, Math.max(0, share)) * 100);
  return (
    <div
      class={moving ? 'progress moving' : 'progress'}
      role="progressbar"
      aria-label={label}
      aria-valuemin={0}
      aria-valuemax={100}
      aria-valuenow={percent}
    >
      <span class="progress-done" style={{ width: `${Math.max(0, share - failedShare) * 100}%` }} />
      <span class="progress-failed" style={{ width: `${failedShare * 100}%` }} />
    </div>
  );
}
