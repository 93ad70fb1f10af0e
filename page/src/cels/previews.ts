import { signal } from "@preact/signals";
import { getPicture, paintedPath } from "../api";
import { cels } from "../state";

interface Preview {
  paint: number;
  max: number;
  picture: ImageBitmap;
}

/** Small pictures of cels as painted, kept until their colors change. */
class Previews {
  private readonly kept = new Map<number, Preview>();
  private readonly arrived = signal(0);

  /** The picture of a cel if it is at hand, perhaps a little old. */
  peek(index: number): ImageBitmap | undefined {
    this.arrived.value;
    return this.kept.get(index)?.picture;
  }

  /** The picture of a cel as it is now, its longest side at most `max` pixels. */
  async load(index: number, max: number): Promise<ImageBitmap> {
    const paint = cels.value[index]?.paint ?? 0;
    const old = this.kept.get(index);
    if (old?.paint === paint && old.max === max) return old.picture;
    const picture = await getPicture(paintedPath(index, paint, max));
    this.kept.set(index, { paint, max, picture });
    this.arrived.value++;
    return picture;
  }

  /** Forget all of them. */
  clear(): void {
    this.kept.clear();
    this.arrived.value++;
  }
}

export const thumbnails = new Previews();
export const playbackFrames = new Previews();
