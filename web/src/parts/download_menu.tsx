// Downloads the whole document in any format that the server produces.
import { addresses } from '../api/client';
import type { Job } from '../api/types';
import { engines } from '../state/server_facts';
import { isFinal } from '../state/job_rules';
import { texts } from '../texts';
import { Icon } from './icon';
import { Menu } from './menu';

export function formatTitle(name: string): string {
  return texts.job.formats[name as keyof typeof texts.job.formats] ?? name;
}

export function DownloadMenu({ job, quiet }: { job: Job; quiet?: boolean }) {
  const partial = !isFinal(job.status) || job.status === 'cancelled';
  // The server builds archives only for finished jobs.
  const can = engines.value;
  const formats = [...(can?.formats ?? []), ...(partial ? [] : (can?.archives ?? []))];
  const label = quiet ? (
    <Icon name="download" />
  ) : (
    <>
      <Icon name="download" />
      {texts.job.download}
    </>
  );
  return (
    <Menu
      label={label}
      name={quiet ? texts.job.downloadNamed(job.file_name) : texts.job.download}
      quiet={quiet ?? false}
    >
      {formats.map((format) => (
        <a key={format.name} href={addresses.result(job.job_id, format.name, partial)} download>
          {formatTitle(format.name)}
          {partial && <span class="faint"> {texts.job.partial}</span>}
        </a>
      ))}
    </Menu>
  );
}
