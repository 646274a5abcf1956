/* Pictures of the whole head: the face is blanked on a canvas here, and only the blanked picture is sent. */
(() => {
  "use strict";

  const LONGEST_PX = 2400;
  const QUALITY = 0.92;
  const BLANK = "rgb(96 96 96)";

  const words = document.querySelector(".view-cards")?.dataset;
  if (!words) return;

  function prepare(card) {
    const canvas = card.querySelector("canvas");
    const line = card.querySelector(".line");
    const slider = line.querySelector("input");
    const mask = card.querySelector(".mask input");
    const store = card.querySelector(".store");
    const fault = card.querySelector(".fault");
    const file = card.querySelector("input[type=file]");
    let picture = null;

    const masking = () => card.dataset.face === "yes" || Boolean(mask?.checked);
    const share = () => Number(slider.value) / 100;

    function draw() {
      const scale = Math.min(1, LONGEST_PX / Math.max(picture.width, picture.height));
      canvas.width = Math.round(picture.width * scale);
      canvas.height = Math.round(picture.height * scale);
      const pen = canvas.getContext("2d");
      pen.drawImage(picture, 0, 0, canvas.width, canvas.height);
      if (masking()) {
        const top = Math.floor(share() * canvas.height);
        pen.fillStyle = BLANK;
        pen.fillRect(0, top, canvas.width, canvas.height - top);
      }
      line.hidden = !masking();
    }

    function tell(sentence) {
      fault.textContent = sentence;
      fault.hidden = !sentence;
    }

    file.addEventListener("change", async () => {
      if (!file.files.length) return;
      try {
        picture = await createImageBitmap(file.files[0]);
      } catch {
        tell(words.bad);
        return;
      }
      tell("");
      card.querySelector(".stored")?.remove();
      canvas.hidden = store.hidden = false;
      if (mask) mask.parentElement.hidden = false;
      draw();
    });
    slider.addEventListener("input", draw);
    mask?.addEventListener("change", draw);

    store.addEventListener("click", async () => {
      store.disabled = true;
      try {
        const blob = await new Promise((done) => { canvas.toBlob(done, "image/jpeg", QUALITY); });
        const address = masking() ? `${card.dataset.store}?line=${share()}` : card.dataset.store;
        const answer = await fetch(address, {
          method: "POST", body: blob, headers: { "Content-Type": "image/jpeg", Accept: "application/json" },
        });
        if (!answer.ok) {
          const said = await answer.json().catch(() => null);
          throw new Error(said?.error?.message || words.failed);
        }
        location.reload();
      } catch (error) {
        tell(error instanceof TypeError ? words.failed : error.message);
        store.disabled = false;
      }
    });
  }

  document.querySelectorAll(".view-card").forEach(prepare);
})();
