// The hall's screen: asks every two seconds what stands on it now, and shows that if it changed.
const main = document.getElementById("main");
const lost = document.getElementById("lost");
const EVERY = 2000;
let shown = "";

async function look() {
  try {
    const answer = await fetch(main.dataset.now, { cache: "no-store", credentials: "omit" });
    if (!answer.ok) throw new Error(String(answer.status));
    const text = await answer.text();
    if (text !== shown) {
      main.innerHTML = text; // our own page's part, escaped by the server
      shown = text;
    }
    lost.hidden = true;
  } catch {
    lost.hidden = false; // what is shown stays: an old figure that says so is better than none
  }
  setTimeout(look, EVERY);
}

setTimeout(look, EVERY);
