/* A worker in a hidden frame, for the search of a site that is opened from a folder: browsers start no worker there.
   The frame runs the worker's script under the names that a worker has; messages go both ways as structured clones. */
if (location.protocol === "file:") {
  window.Worker = class extends EventTarget {
    constructor(url) {
      super();
      this.frame = document.createElement("iframe");
      this.frame.hidden = true;
      document.body.append(this.frame);
      const inside = this.frame.contentWindow;
      const page = this.frame.contentDocument;
      this.waiting = [];
      inside.importScripts = (...scripts) =>
        scripts.reduce((before, one) => before.then(() => this.load(page, one)), Promise.resolve());
      inside.postMessage = (data) => {
        const event = new MessageEvent("message", { data });
        this.dispatchEvent(event);
        this.onmessage?.(event);
      };
      this.load(page, new URL(url, document.baseURI)).then(() => {
        const waiting = this.waiting;
        this.waiting = null;
        waiting.forEach((data) => this.postMessage(data));
      });
    }

    load(page, address) {
      return new Promise((loaded, failed) => {
        const script = page.createElement("script");
        script.src = address;
        script.onload = loaded;
        script.onerror = failed;
        page.body.append(script);
      });
    }

    postMessage(data) {
      if (this.waiting) {
        this.waiting.push(data);
        return;
      }
      this.frame.contentWindow.dispatchEvent(new MessageEvent("message", { data }));
    }

    terminate() {
      this.frame.remove();
    }
  };
}
