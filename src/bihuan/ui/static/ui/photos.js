// Photos are made smaller on the device. What the camera wrote (time, place) goes along: the EXIF
// part of the original is put into the smaller picture, turned upright as its pixels are.

const LONG_SIDE = 2560; // pixels
const LARGE = 2 * 1024 * 1024; // bytes; a picture below both is sent as it is
const QUALITY = 0.85;

// Returns the picture to keep: a smaller JPEG, or the file itself where that is no gain.
export async function smaller(file) {
  if (!file.type.startsWith("image/")) return file;
  try {
    const picture = await createImageBitmap(file, { imageOrientation: "from-image" });
    const scale = Math.min(1, LONG_SIDE / Math.max(picture.width, picture.height));
    if (scale === 1 && file.size <= LARGE) return file;
    const canvas = document.createElement("canvas");
    canvas.width = Math.round(picture.width * scale);
    canvas.height = Math.round(picture.height * scale);
    canvas.getContext("2d").drawImage(picture, 0, 0, canvas.width, canvas.height);
    picture.close();
    const drawn = await new Promise((resolve) => canvas.toBlob(resolve, "image/jpeg", QUALITY));
    const exif = exifOf(new Uint8Array(await file.arrayBuffer()));
    if (!exif && file.type !== "image/jpeg") return file; // its time may be written another way
    const made = exif ? withExif(await drawn.arrayBuffer(), exif) : drawn;
    return made.size < file.size ? made : file;
  } catch {
    return file; // a picture this browser cannot read (HEIC): the server can
  }
}

// Returns the APP1 EXIF segment of a JPEG, its orientation set to upright; null where there is none.
export function exifOf(bytes) {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (view.byteLength < 4 || view.getUint16(0) !== 0xffd8) return null;
  for (let at = 2; at + 4 <= view.byteLength && view.getUint8(at) === 0xff; ) {
    const [marker, length] = [view.getUint8(at + 1), view.getUint16(at + 2)];
    if (marker === 0xda) return null;
    if (marker === 0xe1 && view.getUint32(at + 4) === 0x45786966) return upright(bytes.slice(at, at + 2 + length));
    at += 2 + length;
  }
  return null;
}

function upright(segment) {
  const view = new DataView(segment.buffer, 10); // after marker, length and "Exif\0\0"
  const little = view.getUint16(0) === 0x4949;
  const start = view.getUint32(4, little);
  const entries = view.getUint16(start, little);
  for (let place = 0; place < entries; place++) {
    const entry = start + 2 + place * 12;
    if (view.getUint16(entry, little) === 0x0112) view.setUint16(entry + 8, 1, little);
  }
  return segment;
}

function withExif(jpeg, exif) {
  return new Blob([jpeg.slice(0, 2), exif, jpeg.slice(2)], { type: "image/jpeg" });
}
