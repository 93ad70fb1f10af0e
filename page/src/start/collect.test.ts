import { expect, test } from "vitest";
import { asReferences, countOthers, isPicture, withoutRoot } from "./collect";

const FORMATS = [
  { name: "PNG", suffixes: [".png"] },
  { name: "TGA", suffixes: [".tga"] },
  { name: "TIFF", suffixes: [".tif", ".tiff"] },
  { name: "JPEG", suffixes: [".jpg", ".jpeg"] },
];
const files = (...paths: string[]) => paths.map((path) => ({ path }));

test("pictures are told by their names, hidden files are left out", () => {
  const isRead = (path: string) => isPicture(path, FORMATS);
  expect(["A/A0001.TGA", "b.png", "c.tif", "d.JPG", "e.jpeg"].every(isRead)).toBe(true);
  expect(["sheet.xdts", "._A0001.png", ".cache/a.png", "png"].some(isRead)).toBe(false);
});

test("files in other formats are counted", () => {
  const dropped = files("A/1.webp", "A/2.WEBP", "b.gif", "c.png", "n.txt", ".d.webp", "e");
  expect(countOthers(dropped, FORMATS)).toBe("2 .webp, 1 .gif");
  expect(countOthers(files("a.png"), FORMATS)).toBe("");
});

test("a folder that holds folders gives the cut its name", () => {
  const { root, files: kept } = withoutRoot(files("c012/A/A0001.png", "c012/ref/A0001.png"));
  expect(root).toBe("c012");
  expect(kept).toEqual(files("A/A0001.png", "ref/A0001.png"));
});

test("a folder of drawings keeps its name: it is the column", () => {
  expect(withoutRoot(files("A/1.png", "A/2.png")).files).toEqual(files("A/1.png", "A/2.png"));
});

test("several things dropped together stay as they are", () => {
  expect(withoutRoot(files("A/B/1.png", "2.png")).root).toBe("");
});

test("references go to their folder", () => {
  expect(asReferences(files("colored/A0001.png"))).toEqual(files("ref/A0001.png"));
});
