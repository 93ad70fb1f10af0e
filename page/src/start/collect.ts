import type { PictureFormat } from "../api";

/** A dropped file and where it lay below what was dropped. */
export interface Dropped {
  path: string;
  file: File;
}

/** Texts, timesheets and what systems leave in folders are not missed. */
const NOT_MISSED = /\.(txt|md|xdts|tdts|xtds|json|toml|db|ini)$/i;

const isHidden = (path: string) => path.split("/").some((part) => part.startsWith("."));

/** Whether a file is of one of the formats, by its name. Hidden files are none of the artist's. */
export function isPicture(path: string, formats: PictureFormat[]): boolean {
  const name = path.toLowerCase();
  const isRead = formats.some(({ suffixes }) => suffixes.some((end) => name.endsWith(end)));
  return isRead && !isHidden(path);
}

/** How many files of which kind are passed over, as in "2 .webp, 1 .gif"; "" if none is. */
export function countOthers(files: { path: string }[], formats: PictureFormat[]): string {
  const counts = new Map<string, number>();
  for (const { path } of files) {
    const kind = path.match(/\.[^./]+$/)?.[0].toLowerCase();
    if (!kind || isPicture(path, formats) || isHidden(path) || NOT_MISSED.test(path)) continue;
    counts.set(kind, (counts.get(kind) ?? 0) + 1);
  }
  return [...counts].map(([kind, count]) => `${count} ${kind}`).join(", ");
}

/**
 * Take away the folder that was dropped where it only holds the folders of the cut; a folder of
 * drawings keeps its name, as that is the name of the column.
 */
export function withoutRoot<T extends { path: string }>(files: T[]): { root: string; files: T[] } {
  const root = files[0]?.path.split("/")[0] ?? "";
  const within = files.every(({ path }) => path.startsWith(`${root}/`));
  if (!within) return { root: "", files };
  const deep = files.some(({ path }) => path.split("/").length > 2);
  if (!deep) return { root, files };
  return {
    root,
    files: files.map((file) => ({ ...file, path: file.path.slice(root.length + 1) })),
  };
}

/** References are told by the folder they are in. */
export function asReferences<T extends { path: string }>(files: T[]): T[] {
  return files.map((file) => ({ ...file, path: `ref/${file.path.split("/").at(-1)}` }));
}

/** All files of a drop, with those in folders. */
export async function fromDrop(transfer: DataTransfer): Promise<Dropped[]> {
  // The items are gone after the first await: take them all before.
  const found = [...transfer.items].map((item) => {
    const entry = item.webkitGetAsEntry();
    // What does not come from the disk has no entry.
    const file = entry ? null : item.getAsFile();
    return entry ? walkEntry(entry) : file ? [{ path: file.name, file }] : [];
  });
  return (await Promise.all(found)).flat();
}

async function walkEntry(entry: FileSystemEntry): Promise<Dropped[]> {
  const path = entry.fullPath.replace(/^\//, "");
  if (entry.isFile) {
    const file = await new Promise<File>((resolve, reject) =>
      (entry as FileSystemFileEntry).file(resolve, reject),
    );
    return [{ path, file }];
  }
  const reader = (entry as FileSystemDirectoryEntry).createReader();
  const found: Dropped[] = [];
  // A reader gives at most 100 entries at a time, and none at the end.
  for (;;) {
    const some = await new Promise<FileSystemEntry[]>((resolve, reject) =>
      reader.readEntries(resolve, reject),
    );
    if (some.length === 0) return found;
    found.push(...(await Promise.all(some.map(walkEntry))).flat());
  }
}

/** The files of a file input, with their folders if a folder was chosen. */
export function fromInput(list: FileList): Dropped[] {
  return [...list].map((file) => ({ path: file.webkitRelativePath || file.name, file }));
}
