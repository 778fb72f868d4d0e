import { getDocument } from 'pdfjs-dist/legacy/build/pdf.mjs';

interface TextItem {
  readonly str: string;
  readonly transform: readonly number[];
  readonly width: number;
}

/** How far apart, in points, two items of one line of text may stand. */
const SAME_LINE = 1.5;

/**
 * The text of a PDF, page by page, as a reader sees it: lines from the top, each from the left, cells of a row joined by
 * a space. Lines are separated by `\n`.
 */
export async function pdfText(pdf: Uint8Array): Promise<string[]> {
  const loading = getDocument({ data: new Uint8Array(pdf), useSystemFonts: false, verbosity: 0 });
  try {
    const document = await loading.promise;
    const pages: string[] = [];
    for (let number = 1; number <= document.numPages; number += 1) {
      const page = await document.getPage(number);
      const { items } = await page.getTextContent();
      pages.push(asLines(items.filter((item): item is typeof item & TextItem => 'str' in item)));
      page.cleanup();
    }
    return pages;
  } finally {
    await loading.destroy();
  }
}

function asLines(items: readonly TextItem[]): string {
  const placed = items
    .filter(({ str }) => str.trim() !== '')
    .map(({ str, transform, width }) => ({ str, x: transform[4] ?? 0, y: transform[5] ?? 0, width }))
    .sort((a, b) => b.y - a.y);
  const lines: (typeof placed)[] = [];
  for (const item of placed) {
    const line = lines.at(-1);
    if (line?.[0] !== undefined && line[0].y - item.y <= SAME_LINE) line.push(item);
    else lines.push([item]);
  }
  return lines
    .map((line) =>
      line
        .sort((a, b) => a.x - b.x)
        .map(({ str }) => str.trim())
        .join(' '),
    )
    .join('\n');
}
