// Reads a card's QR code with the camera: by the browser itself where it can, else by jsQR. No picture is kept.

const EVERY = 150;

async function detector() {
  if ("BarcodeDetector" in window) {
    const formats = await BarcodeDetector.getSupportedFormats().catch(() => []);
    if (formats.includes("qr_code")) {
      const own = new BarcodeDetector({ formats: ["qr_code"] });
      return async (video) => ((await own.detect(video))[0] || {}).rawValue;
    }
  }
  const { default: jsQR } = await import("./vendor-jsqr.js");
  const canvas = document.createElement("canvas");
  const context = canvas.getContext("2d", { willReadFrequently: true });
  return async (video) => {
    canvas.width = video.videoWidth;
    canvas.height = video.videoHeight;
    context.drawImage(video, 0, 0);
    const picture = context.getImageData(0, 0, canvas.width, canvas.height);
    return (jsQR(picture.data, picture.width, picture.height) || {}).data;
  };
}

export class Scanner {
  constructor() {
    this.stream = null;
    this.facing = "user";
  }

  get running() { return this.stream !== null; }

  static possible() { return Boolean(navigator.mediaDevices && navigator.mediaDevices.getUserMedia); }

  // Show the camera in `video` and call found(text) for every code until stopped. Rejects if there is no camera.
  async start(video, found) {
    this.stop();
    const stream = await navigator.mediaDevices.getUserMedia({
      audio: false, video: { facingMode: this.facing, width: { ideal: 1280 } },
    });
    this.stream = stream;
    video.srcObject = stream;
    video.classList.toggle("mirrored", this.facing === "user");
    await video.play();
    const look = await detector();
    const loop = async () => {
      if (this.stream !== stream || !video.isConnected) {
        stream.getTracks().forEach((track) => track.stop());
        return;
      }
      const text = video.videoWidth ? await look(video).catch(() => undefined) : undefined;
      if (text && this.stream === stream) found(text);
      setTimeout(loop, EVERY);
    };
    loop();
  }

  // The other camera, where there are two.
  async turn(video, found) {
    this.facing = this.facing === "user" ? "environment" : "user";
    await this.start(video, found);
  }

  stop() {
    if (this.stream) this.stream.getTracks().forEach((track) => track.stop());
    this.stream = null;
  }
}
