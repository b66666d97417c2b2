const slides = [...document.querySelectorAll(".slide")];
const here = () => {
  const middle = innerHeight / 2;
  return slides.findIndex((s) => {
    const box = s.getBoundingClientRect();
    return box.top <= middle && box.bottom > middle;
  });
};
const go = (n) => {
  const slide = slides[Math.min(Math.max(n, 0), slides.length - 1)];
  slide.scrollIntoView();
  slide.focus({ preventScroll: true });
};
addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey) return;
  const step = { ArrowRight: 1, ArrowDown: 1, PageDown: 1, " ": 1, ArrowLeft: -1, ArrowUp: -1, PageUp: -1 }[event.key];
  if (step) go(here() + step);
  else if (event.key === "Home") go(0);
  else if (event.key === "End") go(slides.length - 1);
  else if (event.key.toLowerCase() === "n") document.body.classList.toggle("with-notes");
  else if (event.key.toLowerCase() === "p") print();
  else return;
  event.preventDefault();
});
