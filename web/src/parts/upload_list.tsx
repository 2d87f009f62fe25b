import { texts } from '../texts';
import { uploads } from '../upload/upload_item';
import { UploadRow } from './upload_row';

export function UploadList() {
  if (uploads.value.length === 0) return null;
  return (
    <section class="uploads" aria-label={texts.upload.heading}>
      <h2>{texts.upload.heading}</h2>
      <ul class="plain-list">
        {uploads.value.map((item) => (
          <UploadRow key={item.id} item={item} />
        ))}
      </ul>
    </section>
  );
}
