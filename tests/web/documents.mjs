// Documents made for the tests, and those of examples/.
import { fileURLToPath } from 'node:url';
import { join } from 'node:path';

const examples = fileURLToPath(new URL('../../examples/', import.meta.url));
export const example = (name) => join(examples, name);

const WORDS = 'harbour ledger winter copper signal garden letter market engine island'.split(' ');

function assemble(objects, root) {
  const parts = [Buffer.from('%PDF-1.7\n')];
  let length = parts[0].length;
  const offsets = [];
  const add = (bytes) => {
    parts.push(bytes);
    length += bytes.length;
  };
  objects.forEach((object, index) => {
    offsets.push(length);
    add(Buffer.concat([Buffer.from(`${index + 1} 0 obj\n`), object, Buffer.from('\nendobj\n')]));
  });
  const xref = length;
  const table = offsets.map((offset) => `${String(offset).padStart(10, '0')} 00000 n \n`).join('');
  const size = objects.length + 1;
  add(
    Buffer.from(
      `xref\n0 ${size}\n0000000000 65535 f \n${table}trailer\n` +
        `<< /Size ${size} /Root ${root} 0 R >>\nstartxref\n${xref}\n%%EOF\n`,
    ),
  );
  return Buffer.concat(parts);
}

/** A typeset PDF; page N says "Page N of the register". `padding`: bytes that no page shows. */
export function makePdf(pages, { lines = 6, padding = 0 } = {}) {
  const objects = [];
  const add = (text) => objects.push(Buffer.from(text));
  const font = add('<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>');
  const tree = objects.length + 2 * pages + 1;
  const kids = [];
  for (let page = 1; page <= pages; page += 1) {
    const text = [`Page ${page} of the register`];
    for (let line = 0; line < lines; line += 1) {
      text.push([0, 1, 2, 3].map((k) => WORDS[(page * 7 + line * 3 + k * 5) % 10]).join(' '));
    }
    const body = `BT /F1 16 Tf 30 380 Td 24 TL ${text.map((t) => `(${t}) Tj T*`).join(' ')} ET`;
    const content = add(`<< /Length ${body.length} >>\nstream\n${body}\nendstream`);
    kids.push(
      add(
        `<< /Type /Page /Parent ${tree} 0 R /MediaBox [0 0 300 420] /Contents ${content} 0 R ` +
          `/Resources << /Font << /F1 ${font} 0 R >> >> >>`,
      ),
    );
  }
  add(`<< /Type /Pages /Count ${pages} /Kids [${kids.map((kid) => `${kid} 0 R`).join(' ')}] >>`);
  const catalog = add(`<< /Type /Catalog /Pages ${tree} 0 R >>`);
  if (padding > 0) {
    // Varies everywhere, so that a misplaced chunk would be noticed.
    const bytes = Buffer.alloc(padding);
    let state = 12345;
    for (let at = 0; at < padding; at += 4) {
      state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
      bytes.writeUInt32LE(state, at);
    }
    objects.push(
      Buffer.concat([
        Buffer.from(`<< /Length ${padding} >>\nstream\n`),
        bytes,
        Buffer.from('\nendstream'),
      ]),
    );
  }
  return assemble(objects, catalog);
}
