// A PDF of JPEG images, one a page at 120 dpi.

/** Width, height and components, out of a JPEG's frame header. */
function frameOf(jpeg) {
  for (let at = 2; at < jpeg.length; ) {
    const marker = jpeg[at + 1];
    if (marker >= 0xc0 && marker <= 0xc3) {
      return { height: jpeg.readUInt16BE(at + 5), width: jpeg.readUInt16BE(at + 7), parts: jpeg[at + 9] };
    }
    at += 2 + jpeg.readUInt16BE(at + 2);
  }
  throw new Error('no frame in the JPEG');
}

export function imagesAsPdf(jpegs) {
  const objects = [];
  const add = (...parts) => objects.push(Buffer.concat(parts.map((part) => Buffer.from(part))));
  const tree = 3 * jpegs.length + 1;
  const kids = jpegs.map((jpeg) => {
    const { width, height, parts } = frameOf(jpeg);
    const [w, h] = [width * 0.6, height * 0.6];
    const image = add(
      `<< /Type /XObject /Subtype /Image /Width ${width} /Height ${height} /BitsPerComponent 8 ` +
        `/ColorSpace /${parts === 1 ? 'DeviceGray' : 'DeviceRGB'} /Filter /DCTDecode /Length ${jpeg.length} >>\nstream\n`,
      jpeg,
      '\nendstream',
    );
    const body = `${w} 0 0 ${h} 0 0 cm /I Do`;
    const content = add(`<< /Length ${body.length} >>\nstream\n${body}\nendstream`);
    return add(
      `<< /Type /Page /Parent ${tree} 0 R /MediaBox [0 0 ${w} ${h}] /Contents ${content} 0 R ` +
        `/Resources << /XObject << /I ${image} 0 R >> >> >>`,
    );
  });
  add(`<< /Type /Pages /Count ${kids.length} /Kids [${kids.map((kid) => `${kid} 0 R`).join(' ')}] >>`);
  const root = add(`<< /Type /Catalog /Pages ${tree} 0 R >>`);
  const chunks = [Buffer.from('%PDF-1.7\n')];
  const offsets = [];
  let length = chunks[0].length;
  objects.forEach((object, index) => {
    offsets.push(length);
    const chunk = Buffer.concat([Buffer.from(`${index + 1} 0 obj\n`), object, Buffer.from('\nendobj\n')]);
    chunks.push(chunk);
    length += chunk.length;
  });
  const table = offsets.map((offset) => `${String(offset).padStart(10, '0')} 00000 n \n`).join('');
  chunks.push(
    Buffer.from(
      `xref\n0 ${objects.length + 1}\n0000000000 65535 f \n${table}trailer\n` +
        `<< /Size ${objects.length + 1} /Root ${root} 0 R >>\nstartxref\n${length}\n%%EOF\n`,
    ),
  );
  return Buffer.concat(chunks);
}
